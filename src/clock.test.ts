import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ManualClock, systemClock } from "./clock.ts";

describe("the manual clock", () => {
  it("calls back when the time has come, in the order of time, then of asking", () => {
    const clock = new ManualClock();
    const calls: string[] = [];
    clock.schedule(20, () => calls.push(`late at ${clock.now()}`));
    clock.schedule(10, () => calls.push(`first at ${clock.now()}`));
    clock.schedule(10, () => calls.push(`second at ${clock.now()}`));
    clock.advance(9);
    expect(calls).toEqual([]);
    clock.advance(11);
    expect(calls).toEqual(["first at 10", "second at 10", "late at 20"]);
    expect(clock.now()).toBe(20);
    expect(clock.pending).toBe(0);
  });

  it("makes calls that were scheduled on the way", () => {
    const clock = new ManualClock();
    const at: number[] = [];
    const again = (): void => {
      at.push(clock.now());
      if (at.length < 3) clock.schedule(10, again);
    };
    clock.schedule(10, again);
    clock.advance(100);
    expect(at).toEqual([10, 20, 30]);
    expect(clock.now()).toBe(100);
  });

  it("takes back what was cancelled, also twice and too late", () => {
    const clock = new ManualClock();
    let calls = 0;
    const cancel = clock.schedule(5, () => {
      calls += 1;
    });
    cancel();
    cancel();
    clock.advance(10);
    expect(calls).toBe(0);
    const late = clock.schedule(5, () => {
      calls += 1;
    });
    clock.advance(5);
    late();
    expect(calls).toBe(1);
  });

  it("makes a call for the past at the next advance", () => {
    const clock = new ManualClock();
    clock.advance(50);
    let at: number | undefined;
    clock.schedule(-10, () => {
      at = clock.now();
    });
    clock.advance(0);
    expect(at).toBe(50);
  });
});

describe("the system clock", () => {
  it("goes forward and calls back, unless it is told not to", async () => {
    const before = systemClock.now();
    let cancelled = false;
    const cancel = systemClock.schedule(0, () => {
      cancelled = true;
    });
    cancel();
    await new Promise<void>((resolve) => {
      systemClock.schedule(1, resolve);
    });
    expect(systemClock.now()).toBeGreaterThanOrEqual(before);
    expect(cancelled).toBe(false);
  });
});

describe("the system clock over times that no timer waits", () => {
  const dayMs = 86_400_000;
  let calls = 0;
  const count = (): void => {
    calls += 1;
  };
  beforeEach(() => {
    calls = 0;
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it.each([2 ** 31, 30 * dayMs, 365 * dayMs])("calls back once after %d ms, not before", (ms) => {
    systemClock.schedule(ms, count);
    vi.advanceTimersByTime(ms - 1);
    expect(calls).toBe(0);
    vi.advanceTimersByTime(1);
    expect(calls).toBe(1);
    vi.advanceTimersByTime(ms);
    expect(calls).toBe(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each([0, 40])("takes such a call back after %d days", (days) => {
    const cancel = systemClock.schedule(100 * dayMs, count);
    vi.advanceTimersByTime(days * dayMs);
    cancel();
    expect(vi.getTimerCount()).toBe(0);
    vi.advanceTimersByTime(200 * dayMs);
    expect(calls).toBe(0);
  });
});
