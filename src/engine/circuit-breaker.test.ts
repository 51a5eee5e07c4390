import { beforeEach, describe, expect, it } from "vitest";
import { ManualClock } from "../clock.ts";
import { type BreakerRules, CircuitBreaker } from "./circuit-breaker.ts";

const rules: BreakerRules = {
  maxFailures: 3,
  maxFailedShare: 0.5,
  latestResults: 10,
  firstDelayMs: 100,
  maxDelayMs: 1000,
};

let clock: ManualClock;
let breaker: CircuitBreaker;

beforeEach(() => {
  clock = new ManualClock();
  breaker = new CircuitBreaker(clock, rules);
});

function fail(times: number): void {
  for (let count = 0; count < times; count += 1) breaker.attempt()?.failed();
}

describe("a circuit breaker", () => {
  it("lets everybody ask while nothing fails", () => {
    for (let count = 0; count < 20; count += 1) breaker.attempt()?.succeeded();
    expect(breaker.status).toEqual({ state: "up", failures: 0 });
  });

  it("opens after some failures in a row, and not if something works in between", () => {
    fail(2);
    breaker.attempt()?.succeeded();
    fail(2);
    expect(breaker.status).toEqual({ state: "up", failures: 2 });
    fail(1);
    expect(breaker.status).toEqual({ state: "down", failures: 3, retryInMs: 100 });
    expect(breaker.attempt()).toBe(undefined);
  });

  it("opens when too much fails, however it is mixed", () => {
    for (const isGood of [true, false, false, true, false, false, true, false, true]) {
      const attempt = breaker.attempt();
      if (isGood) attempt?.succeeded();
      else attempt?.failed();
    }
    expect(breaker.status.state).toBe("up");
    fail(1);
    expect(breaker.status.state).toBe("down");
  });

  it("lets one try when its time has come, and all if that works", () => {
    fail(3);
    clock.advance(99);
    expect(breaker.attempt()).toBe(undefined);
    clock.advance(1);
    expect(breaker.status).toEqual({ state: "trying", failures: 3 });
    const probe = breaker.attempt();
    expect(breaker.attempt()).toBe(undefined);
    probe?.succeeded();
    expect(breaker.status).toEqual({ state: "up", failures: 0 });
    expect([breaker.attempt(), breaker.attempt()]).not.toContain(undefined);
  });

  it("waits longer each time that the probe fails, up to a limit", () => {
    fail(3);
    const waits: (number | undefined)[] = [];
    for (let count = 0; count < 6; count += 1) {
      waits.push(breaker.status.retryInMs);
      clock.advance(breaker.status.retryInMs ?? 0);
      fail(1);
    }
    expect(waits).toEqual([100, 200, 400, 800, 1000, 1000]);
    clock.advance(1000);
    breaker.attempt()?.succeeded();
    fail(3);
    expect(breaker.status.retryInMs).toBe(100);
  });

  it("lets another one try when the probe was given up", () => {
    fail(3);
    clock.advance(100);
    breaker.attempt()?.abandoned();
    expect(breaker.attempt()).not.toBe(undefined);
  });

  it("takes the first word on an attempt, and none that is old", () => {
    const early = breaker.attempt();
    const late = breaker.attempt();
    early?.succeeded();
    early?.failed();
    expect(breaker.status.failures).toBe(0);
    fail(3);
    late?.succeeded();
    expect(breaker.status.state).toBe("down");
    clock.advance(100);
    late?.succeeded();
    expect(breaker.status.state).toBe("trying");
  });
});
