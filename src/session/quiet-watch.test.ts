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
  quiet.onEnded("a", true);
  expect(told).toEqual(["0 a"]);
  expect(quiet.isPending).toBe(false);
});

it("quiet is told once, after its time", () => {
  const { clock, told, quiet } = watch();
  quiet.await("a", 250);
  clock.advance(1000);
  quiet.onEnded("a", true);
  expect(quiet.isPending).toBe(true);
  clock.advance(249);
  expect(told).toEqual([]);
  clock.advance(5000);
  expect(told).toEqual(["1250 a"]);
});

it("what begins in the meantime ends the wait, and the last context is told", () => {
  const { clock, told, quiet } = watch();
  quiet.await("a", 250);
  quiet.onEnded("a", true);
  clock.advance(100);
  quiet.interrupt();
  quiet.await("b", 250);
  clock.advance(1000);
  quiet.onEnded("b", true);
  clock.advance(250);
  expect(told).toEqual(["1350 b"]);
});

it("nothing is told of a context that nobody waits for, or that was not the last", () => {
  const { clock, told, quiet } = watch();
  quiet.onEnded("unknown", true);
  quiet.await("a", 0);
  quiet.onEnded("a", false);
  clock.advance(10_000);
  expect(told).toEqual([]);
});

it("what is pending can be told early, and is forgotten at the end", () => {
  const { clock, told, quiet } = watch();
  quiet.await("a", 4000);
  quiet.onEnded("a", true);
  quiet.settle();
  expect(told).toEqual(["0 a"]);
  quiet.await("b", 4000);
  quiet.onEnded("b", true);
  quiet.stop();
  clock.advance(10_000);
  expect(told).toEqual(["0 a"]);
  expect(clock.pending).toBe(0);
});
