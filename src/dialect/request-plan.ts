import type { AudioEvent, SessionPlan, SessionRules } from "../protocol/speech.ts";

/** A request has one context, and whatever goes wrong in it is the request's failure. */
const requestRules: SessionRules = {
  maxContexts: 1,
  countedContexts: "speaking",
  overflow: "session",
  failure: "session",
  expiry: "session",
  backgroundPace: "free",
  changedSettings: "apply",
  partialWords: "hold",
  closeRace: "none",
  shutdown: "closed",
  closeDelayMs: 0,
};

/** The plan of a session that speaks one text, all of which is there. */
export function planRequest({
  warnings = [],
  ...order
}: Pick<
  SessionPlan,
  | "voice"
  | "model"
  | "format"
  | "settings"
  | "markup"
  | "normalization"
  | "alignment"
  | "retention"
  | "maxFrameBytes"
  | "playback"
> &
  Partial<Pick<SessionPlan, "warnings">>): SessionPlan {
  return {
    ...order,
    credential: undefined,
    dispatch: "schedule",
    scheduleChars: [Number.POSITIVE_INFINITY],
    maxBufferDelayMs: undefined,
    idleMs: undefined,
    rules: requestRules,
    details: undefined,
    warnings,
  };
}

/** The coded audio as it is. */
export async function* bytesOf(audio: AsyncIterable<AudioEvent>): AsyncGenerator<Uint8Array> {
  for await (const { bytes } of audio) yield bytes;
}
