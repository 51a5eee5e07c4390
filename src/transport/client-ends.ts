import type { Cause } from "../protocol/causes.ts";
import type { ConnectionEnd } from "../protocol/observer.ts";

/** What is known of an end that a client has brought about. */
export interface ClientEnd {
  /** Of its Close frame; 1005 for one without a code, 1006 where there was none. */
  readonly code: number;
  readonly reason: string;
  /** Whether it was still to be told or spoken to. */
  readonly isOwedSpeech: boolean;
  /** Of the largest message that it was sent. */
  readonly largestBytes: number;
}

/** Codes of Close frames (RFC 6455 section 7.4.1), as `ws` tells them. */
const closeCodes = {
  normal: 1000,
  goingAway: 1001,
  none: 1005,
  noFrame: 1006,
  tooBig: 1009,
  internal: 1011,
} as const;

/** A good-bye without a complaint. */
const goodByes: ReadonlySet<number> = new Set([
  closeCodes.normal,
  closeCodes.goingAway,
  closeCodes.none,
]);

/** How a connection ended that its client has ended. Its own words are read, and not kept. */
export function endByClient({
  code,
  reason,
  isOwedSpeech,
  largestBytes,
}: ClientEnd): ConnectionEnd {
  if (code === closeCodes.noFrame) return endWithoutClose({ id: "client_lost", details: {} });
  return { cause: causeOfCode(), by: "client", code, reason: "" };

  function causeOfCode(): Cause {
    if (goodByes.has(code)) {
      return { id: isOwedSpeech ? "client_closed_midway" : "client_closed", details: { code } };
    }
    if (code === closeCodes.tooBig) {
      return { id: "client_frame_limit", details: { bytes: largestBytes } };
    }
    // In the words of Python's websockets.
    const isPing = code === closeCodes.internal && /ping timeout/i.test(reason);
    if (isPing) return { id: "client_ping_timeout", details: {} };
    return { id: "client_closed_with_code", details: { code } };
  }
}

/** How a connection ended that nobody has closed. */
export function endWithoutClose(cause: Cause): ConnectionEnd {
  return { cause, by: "network", code: closeCodes.noFrame, reason: "" };
}
