import type { SessionRules } from "../protocol/speech.ts";

/** A request has one context, and whatever goes wrong in it is the request's failure. */
export const requestRules: SessionRules = {
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
