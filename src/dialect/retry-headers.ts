import { type Problem, retryAfterSeconds } from "../protocol/problems.ts";

/** Tells whoever was refused when to try again, if it may help, and how many speak where the limit is. */
export function retryHeaders(problem: Problem): Readonly<Record<string, string>> {
  const seconds = retryAfterSeconds(problem);
  const { code, details } = problem;
  return {
    ...(seconds !== undefined && { "retry-after": String(seconds) }),
    ...(code === "too_many_concurrent_requests" && {
      "current-concurrent-requests": String(details["active"]),
      "maximum-concurrent-requests": String(details["limit"]),
    }),
  };
}
