import type { Problem } from "../protocol/problems.ts";
import type { Course } from "./course.ts";
import type { WhyCauseId } from "./field-causes.ts";
import type { Evidence } from "./trace.ts";

/**
 * How sure it is: `certain` where the server's own words or an unmistakable sequence name the cause,
 * `likely` where times or codes fit it and little else, `possible` where it fits as others do.
 */
export type Confidence = (typeof confidences)[number];

/** From the surest on. */
export const confidences = ["certain", "likely", "possible"] as const;

/** What one rule makes of a connection. */
export interface Finding {
  readonly cause: WhyCauseId;
  readonly confidence: Confidence;
  readonly evidence: readonly Evidence[];
  /** For the sentence of the cause. Never texts, audio or keys. */
  readonly details?: Problem["details"];
}

/** Looks for its causes in a connection. Rules are pure, and know nothing of each other. */
export type Rule = (course: Course) => readonly Finding[];
