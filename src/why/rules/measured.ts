import type { Evidence } from "../trace.ts";

/** How far from its time a timer is seen to go off: clocks are rounded, and some servers take a second to close. */
const earlyMs = 1000;
const lateMs = 2500;

/** Whether so much time is what a timer of so many seconds leaves behind. */
export const isAbout = (ms: number, seconds: number): boolean =>
  ms >= seconds * 1000 - earlyMs && ms <= seconds * 1000 + lateMs;

/** What was measured is evidence, too. */
export const measured = (ms: number, what: string): Evidence => ({
  line: undefined,
  text: `${(ms / 1000).toFixed(1)} s ${what}`,
});
