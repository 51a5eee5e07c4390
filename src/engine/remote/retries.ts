import type { Clock } from "../../clock.ts";
import { UpstreamFailure } from "./upstream-failure.ts";

/** How often something is tried, and what lies between. */
export interface RetryPlan {
  readonly tries: number;
  /** After the first failure; twice as long after each further one. */
  readonly firstDelayMs: number;
  /** Who asks to be left alone for longer is not tried again. */
  readonly maxDelayMs: number;
}

/** For who has nobody else to ask. */
export const patientRetries: RetryPlan = { tries: 3, firstDelayMs: 150, maxDelayMs: 2000 };
/** For who has. */
export const noRetries: RetryPlan = { tries: 1, firstDelayMs: 0, maxDelayMs: 0 };

/**
 * What `attempt` gives, tried again as long as it has given nothing. A connection that had been
 * used before and is found dead is no failed try.
 */
export async function* withRetries<Value>(
  attempt: () => AsyncIterable<Value>,
  plan: RetryPlan,
  clock: Clock,
  signal: AbortSignal,
): AsyncGenerator<Value> {
  let hasGiven = false;
  let isReuseForgiven = false;
  for (let tried = 1; ; ) {
    try {
      for await (const value of attempt()) {
        hasGiven = true;
        yield value;
      }
      return;
    } catch (error) {
      signal.throwIfAborted();
      if (hasGiven || !(error instanceof UpstreamFailure) || !error.isTransient) throw error;
      if (error.details.isReused === true && !isReuseForgiven) {
        isReuseForgiven = true;
        continue;
      }
      const delayMs = Math.max(
        plan.firstDelayMs * 2 ** (tried - 1),
        error.details.retryAfterMs ?? 0,
      );
      if (tried >= plan.tries || delayMs > plan.maxDelayMs) throw error;
      tried += 1;
      await pause(delayMs, clock, signal);
    }
  }
}

function pause(ms: number, clock: Clock, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      cancel();
      reject(signal.reason);
    };
    const cancel = clock.schedule(ms, () => {
      signal.removeEventListener("abort", onAbort);
      resolve();
    });
    signal.addEventListener("abort", onAbort, { once: true });
  });
}
