import fc from "fast-check";
import { expect, it } from "vitest";
import { ManualClock } from "./clock.ts";
import { type Timed, TimerQueue, unqueued } from "./timer-queue.ts";

function createScene() {
  const clock = new ManualClock();
  const queue = new TimerQueue(clock);
  const called: string[] = [];
  const entry = (name: string, onDue: () => void = () => {}): Timed => ({
    dueAt: 0,
    place: unqueued,
    onDue() {
      called.push(`${clock.now()} ${name}`);
      onDue();
    },
  });
  return { clock, queue, called, entry };
}

it("entries are called at their times, with one timer for all", () => {
  const { clock, queue, called, entry } = createScene();
  for (const [name, ms] of [
    ["c", 30],
    ["a", 10],
    ["b", 20],
  ] as const) {
    queue.schedule(entry(name), ms);
    expect(clock.pending).toBe(1);
  }
  clock.advance(25);
  expect(called).toEqual(["10 a", "20 b"]);
  clock.advance(100);
  expect(called).toEqual(["10 a", "20 b", "30 c"]);
  expect(clock.pending).toBe(0);
});

it("an entry that is scheduled again is called at its new time only", () => {
  const { clock, queue, called, entry } = createScene();
  const again = entry("again");
  queue.schedule(again, 10);
  clock.advance(5);
  queue.schedule(again, 100);
  clock.advance(1000);
  expect(called).toEqual(["105 again"]);
});

it("an entry may schedule itself and take others back when it is called", () => {
  const { clock, queue, called, entry } = createScene();
  const other = entry("other");
  let left = 3;
  const repeated = entry("repeated", () => {
    queue.cancel(other);
    left -= 1;
    if (left > 0) queue.schedule(repeated, 10);
  });
  queue.schedule(repeated, 10);
  queue.schedule(other, 10);
  clock.advance(1000);
  expect(called).toEqual(["10 repeated", "20 repeated", "30 repeated"]);
});

it("an empty queue has no timer, and taking back twice does no harm", () => {
  const { clock, queue, called, entry } = createScene();
  const one = entry("one");
  queue.cancel(one);
  queue.schedule(one, 10);
  queue.cancel(one);
  queue.cancel(one);
  expect(queue.size).toBe(0);
  expect(clock.pending).toBe(0);
  clock.advance(100);
  expect(called).toEqual([]);
});

it("whatever is scheduled and taken back, the rest is called in order, each in its time", () => {
  const step = fc.record({
    index: fc.nat(30),
    ms: fc.nat(500),
    what: fc.constantFrom("schedule", "schedule", "cancel", "advance"),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const clock = new ManualClock();
      const queue = new TimerQueue(clock);
      const due = new Map<number, number>();
      const entries = Array.from(
        { length: 31 },
        (_, index): Timed => ({
          dueAt: 0,
          place: unqueued,
          onDue() {
            expect(due.get(index)).toBe(clock.now());
            expect(Math.min(...due.values())).toBe(clock.now());
            due.delete(index);
          },
        }),
      );
      for (const { index, ms, what } of steps) {
        const entry = entries[index] as Timed;
        if (what === "schedule") {
          due.set(index, clock.now() + ms);
          queue.schedule(entry, ms);
        } else if (what === "cancel") {
          due.delete(index);
          queue.cancel(entry);
        } else {
          clock.advance(ms);
          for (const at of due.values()) expect(at).toBeGreaterThan(clock.now());
        }
        expect(queue.size).toBe(due.size);
      }
      clock.advance(1000);
      expect(due.size).toBe(0);
    }),
  );
});

it("lends its one timer to whoever waits once", () => {
  const clock = new ManualClock();
  const queue = new TimerQueue(clock);
  const over: string[] = [];
  const cancels = ["a", "b", "c"].map((name, index) =>
    queue.clock.schedule(100 + index, () => over.push(name)),
  );
  expect(queue.size).toBe(3);
  cancels[1]?.();
  clock.advance(99);
  expect(over).toEqual([]);
  clock.advance(3);
  expect(over).toEqual(["a", "c"]);
  expect(queue.size).toBe(0);
});
