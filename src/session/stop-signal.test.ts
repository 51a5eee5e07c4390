import { expect, it } from "vitest";
import { StopSignal } from "./stop-signal.ts";

it("a stop is seen by whoever looks, and told to whoever listens", () => {
  const stop = new StopSignal();
  stop.throwIfStopped();
  expect(stop.isStopped).toBe(false);
  let told = 0;
  stop.signal.addEventListener("abort", () => {
    expect(stop.isStopped).toBe(true);
    told += 1;
  });
  stop.stop();
  stop.stop();
  expect(told).toBe(1);
  expect(() => stop.throwIfStopped()).toThrow("stopped");
});
