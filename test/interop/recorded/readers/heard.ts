import type { Closed } from "../../../support/stream-input.ts";

/** A word and when it begins, counted from the context's first sample. */
export interface TimedWord {
  readonly word: string;
  readonly startMs: number;
}

/** What a client makes of one context; on a socket with one stream there is only one, `""`. */
export interface HeardContext {
  audioBytes: number;
  /** How often the client took the context for finished. */
  endings: number;
  /** The text it would show; undefined if it shows none. */
  text?: string;
  words?: TimedWord[];
}

/** What a client makes of a whole conversation. */
export interface Heard {
  readonly contexts: Record<string, HeardContext>;
  /** What it would have logged, raised or stumbled over. */
  readonly complaints: string[];
}

/** Reads the server's frames as one client reads them. */
export type Reader = (raw: readonly string[], closed: Closed) => Heard;

/** Looks up a context, and begins it where it is first named. */
export function contextOf(heard: Heard, name: string): HeardContext {
  return (heard.contexts[name] ??= { audioBytes: 0, endings: 0 });
}

export const sizeOf = (base64: string): number => Buffer.from(base64, "base64").length;

export const nothingHeard = (): Heard => ({ contexts: {}, complaints: [] });
