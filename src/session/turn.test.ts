import { expect, it } from "vitest";
import { ManualClock } from "../clock.ts";
import { Turn } from "./turn.ts";

it("a turn's time to first audio counts from its first text", () => {
  const clock = new ManualClock();
  const turn = new Turn(clock, 16_000);
  clock.advance(1000);
  turn.onText();
  clock.advance(70);
  turn.onText();
  turn.onFrame();
  clock.advance(500);
  turn.onFrame();
  expect(turn.summary("complete")).toMatchObject({ ttfbMs: 70, frames: 2 });
});

it("a turn without audio has no time to first audio", () => {
  const turn = new Turn(new ManualClock(), 16_000);
  turn.onText();
  expect(turn.summary("cancelled")).toEqual({
    outcome: "cancelled",
    characters: 0,
    audioMs: 0,
    frames: 0,
    ttfbMs: undefined,
    synthesisMs: 0,
  });
});

it("a turn counts characters as code points", () => {
  const turn = new Turn(new ManualClock(), 16_000);
  turn.onUtterance("a\u{1f600}b");
  expect(turn.summary("complete").characters).toBe(3);
});

it("a turn adds up samples, so that rounding does not add up", () => {
  const turn = new Turn(new ManualClock(), 44_100);
  for (let frame = 0; frame < 1000; frame += 1) turn.onSpoken(100);
  expect(turn.audioMs).toBe(Math.round(100_000 / 44.1));
});

it("a turn does not count frames that were not sent", () => {
  const turn = new Turn(new ManualClock(), 16_000);
  turn.onSpoken(1600);
  turn.onFrame();
  turn.onSpoken(800);
  turn.onFrame();
  turn.onDropped(800);
  expect(turn.summary("cancelled")).toMatchObject({ audioMs: 100, frames: 1 });
});
