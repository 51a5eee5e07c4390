import { expect, it } from "vitest";
import { ManualClock } from "../clock.ts";
import { QuietWatch } from "./quiet-watch.ts";

function watch() {
  const clock = new ManualClock();
  const told: string[] = [];
  const quiet = new QuietWatch(clock, (context) => told.push(`${clock.now()} ${context}`));
  return { clock, told, quiet };
}

it("quiet is told at once where no time is asked for", () => {
  const { told, quiet } = watch();
  quiet.await("a", 0);
  quiet.onEnded("a", true, false);
  expect(told).toEqual(["0 a"]);
  expect(quiet.isPending).toBe(false);
});

it("quiet is told once, after its time", () => {
  const { clock, told, quiet } = watch();
  quiet.await("a", 250);
  clock.advance(1000);
  quiet.onEnded("a", true, false);
  expect(quiet.isPending).toBe(true);
  clock.advance(249);
  expect(told).toEqual([]);
  clock.advance(5000);
  expect(told).toEqual(["1250 a"]);
});

it("what begins in the meantime ends the wait, and the last context is told", () => {
  const { clock, told, quiet } = watch();
  quiet.await("a", 250);
  quiet.onEnded("a", true, false);
  clock.advance(100);
  quiet.interrupt();
  quiet.await("b", 250);
  clock.advance(1000);
  quiet.onEnded("b", true, false);
  clock.advance(250);
  expect(told).toEqual(["1350 b"]);
});

it("nothing is told of a context that nobody waits for, or that did not end as it should", () => {
  const { clock, told, quiet } = watch();
  quiet.onEnded("unknown", true, false);
  quiet.await("a", 0);
  quiet.onEnded("a", false, false);
  clock.advance(10_000);
  expect(told).toEqual([]);
});

it("a context that others follow is told of when none of them ends as it should", () => {
  const { clock, told, quiet } = watch();
  quiet.await("a", 250);
  quiet.onEnded("a", true, true);
  expect(quiet.isPending).toBe(false);
  clock.advance(1000);
  expect(told).toEqual([]);
  quiet.onEnded("b", false, true);
  clock.advance(1000);
  quiet.onEnded("c", false, false);
  expect(quiet.isPending).toBe(true);
  clock.advance(250);
  expect(told).toEqual(["2250 a"]);
});

it("a context that another follows is not told of when that one ends as it should", () => {
  const { clock, told, quiet } = watch();
  quiet.await("a", 0);
  quiet.onEnded("a", true, true);
  quiet.await("b", 0);
  quiet.onEnded("b", true, false);
  quiet.onEnded("c", false, false);
  clock.advance(10_000);
  expect(told).toEqual(["0 b"]);
});

it("the wait goes on when a context ends that never held it back", () => {
  const { clock, told, quiet } = watch();
  quiet.await("a", 250);
  quiet.onEnded("a", true, false);
  clock.advance(200);
  quiet.onEnded("piecewise", false, false);
  clock.advance(50);
  expect(told).toEqual(["250 a"]);
});

it("what is pending can be told early, and is forgotten at the end", () => {
  const { clock, told, quiet } = watch();
  quiet.await("a", 4000);
  quiet.onEnded("a", true, false);
  quiet.settle();
  expect(told).toEqual(["0 a"]);
  quiet.await("b", 4000);
  quiet.onEnded("b", true, false);
  quiet.stop();
  clock.advance(10_000);
  expect(told).toEqual(["0 a"]);
  expect(clock.pending).toBe(0);
});
