import type { ManualClock } from "../../src/clock.ts";

/** Lets time pass on a clock until something has come of it. */
export async function passTime<Value>(
  clock: ManualClock,
  promise: Promise<Value>,
  stepMs = 50,
): Promise<Value> {
  let isSettled = false;
  const settled = promise.finally(() => {
    isSettled = true;
  });
  while (!isSettled) {
    clock.advance(stepMs);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  return settled;
}
