import { beforeEach, expect, it } from "vitest";
import { ManualClock } from "../../clock.ts";
import { Watchdog } from "./watchdog.ts";

let clock: ManualClock;
let failures: string[];
let watchdog: Watchdog;

beforeEach(() => {
  clock = new ManualClock();
  failures = [];
  const patience = { connectMs: 20, firstAudioMs: 80, stallMs: 40 };
  watchdog = new Watchdog(clock, patience, ({ code }) => failures.push(code));
});

/** Lets so much audio come at the end of each of so many steps. */
function trickle(steps: number, stepMs: number, audioMs: number): void {
  for (let count = 0; count < steps && failures.length === 0; count += 1) {
    clock.advance(stepMs);
    if (failures.length === 0) watchdog.received(audioMs);
  }
}

it("waits for a connection, then for audio, then for more of it", () => {
  watchdog.connecting();
  clock.advance(19);
  watchdog.asked();
  clock.advance(79);
  watchdog.received(100);
  clock.advance(39);
  expect(failures).toEqual([]);
  clock.advance(1);
  expect(failures).toEqual(["stalled"]);
});

it.each([
  ["connect_timeout", 20, () => watchdog.connecting()],
  ["first_byte_timeout", 80, () => watchdog.asked()],
] as const)("tells %s after %d ms", (code, ms, begin) => {
  begin();
  clock.advance(ms - 1);
  expect(failures).toEqual([]);
  clock.advance(1);
  expect(failures).toEqual([code]);
});

it("is not kept quiet by what holds no audio", () => {
  watchdog.asked();
  trickle(100, 1, 0);
  expect(failures).toEqual(["first_byte_timeout"]);
  expect(clock.now()).toBe(80);
});

it("takes audio as fast as it is heard for as long as it comes", () => {
  watchdog.asked();
  trickle(1000, 10, 10);
  expect(failures).toEqual([]);
});

it.each([1, 5, 39])("tells of a trickle of audio, a little every %d ms", (stepMs) => {
  watchdog.asked();
  trickle(1000, stepMs, 0.1);
  expect(failures).toEqual(["too_slow"]);
  expect(clock.now()).toBeGreaterThan(40);
  expect(clock.now()).toBeLessThan(40 + 3 * stepMs + 5);
});

it("counts what came before it was needed", () => {
  watchdog.asked();
  watchdog.received(500);
  trickle(1000, 10, 0.1);
  expect(failures).toEqual(["too_slow"]);
  expect(clock.now()).toBeGreaterThan(540);
});

it("wants nothing any more at the end", () => {
  watchdog.asked();
  watchdog.received(10);
  watchdog.end();
  watchdog.received(10);
  watchdog.asked();
  expect(clock.pending).toBe(0);
});
