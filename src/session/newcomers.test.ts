import { describe, expect, it } from "vitest";
import { ManualClock } from "../clock.ts";
import { Newcomers } from "./newcomers.ts";

/** Nobody waits, and there is room for nobody. */
const full = { listeners: 100, free: 0, waiting: 0 };

/** Lets so many begin; how many of them may. */
const begin = (newcomers: Newcomers, count: number): number =>
  Array.from({ length: count }, () => newcomers.begin(full)).filter(Boolean).length;

describe("Newcomers", () => {
  it("may all begin while nobody is refused", () => {
    expect(begin(new Newcomers(new ManualClock()), 500)).toBe(500);
  });

  it("may begin as many as are likely to find room, while others are refused", () => {
    const clock = new ManualClock();
    const newcomers = new Newcomers(clock);
    newcomers.onRefused();
    expect(newcomers.turnsAway(full)).toBe(false);
    expect(begin(newcomers, 50)).toBe(20);
    expect(newcomers.turnsAway(full)).toBe(true);
    clock.advance(999);
    expect(begin(newcomers, 50)).toBe(0);
    clock.advance(1000);
    expect(begin(newcomers, 50)).toBe(50);
  });

  it("may begin as many as there is room for, if those are more", () => {
    const newcomers = new Newcomers(new ManualClock());
    newcomers.onRefused();
    expect(begin(newcomers, 50)).toBe(20);
    expect(newcomers.turnsAway({ ...full, free: 20 })).toBe(true);
    expect(newcomers.turnsAway({ ...full, free: 21 })).toBe(false);
    const free = Number.POSITIVE_INFINITY;
    expect(newcomers.turnsAway({ ...full, listeners: 0, free })).toBe(false);
  });

  it("are few until nobody had to wait or was turned away for a second", () => {
    const clock = new ManualClock();
    const newcomers = new Newcomers(clock);
    newcomers.onWait();
    expect(begin(newcomers, 50)).toBe(50);
    newcomers.onRefused();
    clock.advance(999);
    newcomers.onWait();
    clock.advance(999);
    expect(begin(newcomers, 50)).toBe(0);
    clock.advance(999);
    expect(begin(newcomers, 50)).toBe(0);
    clock.advance(1000);
    newcomers.onWait();
    expect(begin(newcomers, 50)).toBe(50);
  });

  it("are fewer the more wait for room", () => {
    const newcomers = new Newcomers(new ManualClock());
    newcomers.onRefused();
    expect(newcomers.begin({ ...full, waiting: 19 })).toBeDefined();
    expect(newcomers.turnsAway({ ...full, waiting: 18 })).toBe(false);
    expect(newcomers.turnsAway({ ...full, waiting: 19 })).toBe(true);
  });

  it("make place for others when they ask for room, or have gone", () => {
    const newcomers = new Newcomers(new ManualClock());
    newcomers.onRefused();
    const ended = Array.from({ length: 20 }, () => newcomers.begin(full));
    expect(newcomers.begin(full)).toBeUndefined();
    ended[7]?.();
    ended[7]?.();
    expect(begin(newcomers, 5)).toBe(1);
  });

  it("take no place for long when nothing follows", () => {
    const clock = new ManualClock();
    const newcomers = new Newcomers(clock);
    expect(begin(newcomers, 20)).toBe(20);
    clock.advance(3000);
    newcomers.onRefused();
    expect(begin(newcomers, 50)).toBe(20);
  });

  it("may begin a few however few listen", () => {
    const newcomers = new Newcomers(new ManualClock());
    newcomers.onRefused();
    expect(
      Array.from({ length: 9 }, () => newcomers.begin({ ...full, listeners: 0 })).filter(Boolean),
    ).toHaveLength(4);
  });
});
