import type { TraceEvent } from "../trace.ts";

type WithoutPlace<Event> = Event extends unknown ? Omit<Event, "atMs" | "evidence"> : never;

/** What a line tells, without when and where it stood. */
export type LineEvent = WithoutPlace<TraceEvent>;

/** A form of lines, and what a line of that form tells. */
export interface LinePattern {
  readonly pattern: RegExp;
  /** Gives undefined for a line that only looks like one of its form. */
  readonly read: (match: RegExpExecArray) => LineEvent | undefined;
}

/** A closing; code -1 and 0 are what frameworks print where there is none. */
export function closed(
  code: string | undefined,
  reason = "",
  by: "client" | "server" | "unknown" = "unknown",
): LineEvent {
  const number = Number(code);
  const isCode = code !== undefined && number >= 1000 && number < 5000;
  return { type: "close", code: isCode ? number : undefined, reason: tidy(reason), by };
}

/** An answer other than 101, or none. */
export function refused(status: string | undefined, message = ""): LineEvent {
  const isStatus = status !== undefined && /^[1-5]\d\d$/.test(status);
  return {
    type: "handshake_failed",
    status: isStatus ? Number(status) : undefined,
    message: tidy(message),
  };
}

/** Without the quotes, brackets and commas of where it stood, and whether the closing was clean. */
const tidy = (reason: string): string =>
  reason
    .replace(/[\s,;]*\b(?:was)?_?clean["']?\s*[:=]\s*(?:true|false)[^]*$/i, "")
    .trim()
    .replace(/^["'`]+/, "")
    .replace(/["'`})\]]*[,;]?\s*$/, "")
    .trim();
