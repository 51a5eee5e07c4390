import { type Problem, retryAfterSeconds } from "../protocol/problems.ts";

/** Tells whoever was refused when to try again, if it may help. */
export function retryHeaders(problem: Problem): Readonly<Record<string, string>> {
  const seconds = retryAfterSeconds(problem);
  return seconds === undefined ? {} : { "retry-after": String(seconds) };
}
