import type { Problem } from "../protocol/problems.ts";
import { changeFor } from "./changes.ts";
import { type Course, readCourse } from "./course.ts";
import { describeWhyCause, type WhyCauseId, whyCauseRow } from "./field-causes.ts";
import { type Confidence, confidences, type Finding } from "./finding.ts";
import { groupBy } from "./group-by.ts";
import { missingOf } from "./missing.ts";
import { rules } from "./rules/all-rules.ts";
import type { Evidence, Trace } from "./trace.ts";

/** A cause that fits a connection. */
export interface DiagnosedCause {
  readonly cause: WhyCauseId;
  readonly confidence: Confidence;
  /** In one sentence, with what is known of this connection in it. */
  readonly sentence: string;
  /** What it rests on, in the order of the log. */
  readonly evidence: readonly Evidence[];
  /** What to change, in the words of the framework that wrote the log. */
  readonly change: string;
}

/** What is made of a connection, or of a log with several. */
export interface Diagnosis {
  /** The likeliest first; empty where nothing tells of an end. */
  readonly causes: readonly DiagnosedCause[];
  /** What to add to the log to know more; empty where the cause is certain. */
  readonly missing: readonly string[];
}

/** Says why a connection ended, as far as its trace tells. */
export function diagnose(trace: Trace): Diagnosis {
  const course = readCourse(trace);
  const causes = rank(rules.flatMap((rule) => rule(course))).map((finding) =>
    present(finding, course),
  );
  return { causes, missing: missingOf(course, causes[0]?.confidence) };
}

/** Says why the connections of a log ended, taken together: what went wrong before what went well. */
export function diagnoseLog(traces: readonly Trace[]): Diagnosis {
  const diagnoses = traces.map((trace) => diagnose(trace));
  const causes = rankAll(diagnoses.flatMap(({ causes: its }) => its));
  const isKnown = causes[0]?.confidence === "certain";
  const asked = diagnoses.flatMap(({ missing }) => missing);
  return {
    causes,
    missing: isKnown ? [] : [...new Set(asked.length > 0 || causes[0] ? asked : nothingFound)],
  };
}

const nothingFound = [
  "a log of the client that has the connection in it: how it was opened, and its end with close code and reason",
];

/** Follow from other causes: they are told only where no other is. */
const symptoms: ReadonlySet<WhyCauseId> = new Set<WhyCauseId>([
  "used_after_close",
  "reconnect_loop",
  "client_lost",
  "first_audio_timeout",
  "client_closed",
  "client_closed_midway",
  "client_closed_with_code",
]);
const isServed = (cause: WhyCauseId): boolean =>
  whyCauseRow(cause).kind === "served" || cause === "client_closed";

/** Puts findings of the same cause together, and the surest first. */
function rank(findings: readonly Finding[]): Finding[] {
  const merged = [...groupBy(findings, ({ cause }) => cause).values()].flatMap(
    (same) => merge(same) ?? [],
  );
  const hasRoot = merged.some(
    ({ cause, confidence }) => confidence !== "possible" && !symptoms.has(cause),
  );
  return merged
    .map((finding) =>
      hasRoot && symptoms.has(finding.cause) ? withConfidence(finding, "possible") : finding,
    )
    .toSorted((a, b) => order(a) - order(b));
}

const order = ({ cause, confidence }: Pick<Finding, "cause" | "confidence">): number =>
  confidences.indexOf(confidence) * 10 + (symptoms.has(cause) ? 5 : 0);

const withConfidence = (finding: Finding, confidence: Confidence): Finding => ({
  ...finding,
  confidence,
});

const maxEvidence = 6;

function merge(findings: readonly Finding[]): Finding | undefined {
  const best = findings.toSorted((a, b) => order(a) - order(b))[0];
  if (!best) return undefined;
  const details: Problem["details"] = Object.assign({}, ...findings.map(({ details }) => details));
  return {
    ...best,
    details,
    evidence: inOrder([best, ...findings].flatMap(({ evidence }) => evidence)),
  };
}

/** Each line once, in the order of the log. */
function inOrder(evidence: readonly Evidence[]): Evidence[] {
  const once = new Map(evidence.map((one) => [`${one.line ?? ""}:${one.text}`, one]));
  const kept = [...once.values()].slice(0, maxEvidence);
  return kept.every(({ line }) => line !== undefined)
    ? kept.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0))
    : kept;
}

function present(
  { cause, confidence, evidence, details }: Finding,
  course: Course,
): DiagnosedCause {
  return {
    cause,
    confidence,
    sentence: describeWhyCause(cause, details),
    evidence,
    change: changeFor(cause, course.trace.framework, course.vendor, details),
  };
}

/** Over several connections: the one that failed for the surest reason explains the log. */
function rankAll(causes: readonly DiagnosedCause[]): DiagnosedCause[] {
  const merged = [...groupBy(causes, ({ cause }) => cause).values()].flatMap((same) => {
    const best = same.toSorted((a, b) => order(a) - order(b))[0];
    return best ? [{ ...best, evidence: inOrder(same.flatMap(({ evidence }) => evidence)) }] : [];
  });
  const hasRoot = merged.some(
    ({ cause, confidence }) =>
      confidence !== "possible" && !symptoms.has(cause) && !isServed(cause),
  );
  const weight = (one: DiagnosedCause): number =>
    order(one) + (isServed(one.cause) && (hasRoot || one.confidence !== "possible") ? 15 : 0);
  return merged.toSorted((a, b) => weight(a) - weight(b));
}
