import type { WhyCauseId } from "../field-causes.ts";

/** Whose sockets a probe can speak to. */
export type SpeechVendor = "elevenlabs" | "waves";

/** Protocols of sockets: how one is spoken to. */
export const socketRoutes = [
  "stream-input",
  "multi-stream-input",
  "tts-live",
  "lightning-v4",
] as const;
export type SocketRoute = (typeof socketRoutes)[number];

/**
 * `error`: it will be refused, or certainly not do what is meant; `warning`: probably so; `note`:
 * worth knowing.
 */
export type FindingLevel = "error" | "warning" | "note";

/** One thing about an address. Nothing in it is a credential. */
export interface UrlFinding {
  readonly level: FindingLevel;
  /** A parameter, or a part of the address: `scheme`, `host`, `path`, `voice`, `query`. */
  readonly where: string;
  /** What is wrong. */
  readonly problem: string;
  /** What it should be. */
  readonly advice: string;
  /** What comes of it, where that has a name. */
  readonly cause: WhyCauseId | undefined;
}

type Find = (where: string, problem: string, advice: string, cause?: WhyCauseId) => UrlFinding;

/** Makes findings of one level. */
const finding =
  (level: FindingLevel): Find =>
  (where, problem, advice, cause) => ({
    level,
    where,
    problem,
    advice,
    cause,
  });

export const error: Find = finding("error");
export const warning: Find = finding("warning");
export const note: Find = finding("note");

/** What is known of an address when its parameters are looked at. */
export interface UrlSubject {
  readonly vendor: SpeechVendor;
  readonly route: SocketRoute | undefined;
  /** Whether the vendor's own service is there. */
  readonly isHosted: boolean;
}
