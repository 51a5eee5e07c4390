import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isAwaited, latestMs, orders, placeIn, type Scheduling, type Wanted } from "./order.ts";

interface Job extends Wanted {
  readonly name: string;
}

const job = (name: string, askedAt: number, dueAt: number): Job => ({ name, askedAt, dueAt });

const namesIn = (scheduling: Scheduling, jobs: readonly Job[]): string => {
  const queue: Job[] = [];
  for (const each of jobs) queue.splice(placeIn(queue, each, orders[scheduling]), 0, each);
  return queue.map(({ name }) => name).join(" ");
};

describe("the order of jobs", () => {
  const never = Number.POSITIVE_INFINITY;
  it.each([
    ["who runs dry first", [job("ahead", 0, 4000), job("near", 0, 900)], "near ahead"],
    ["a new listener is due now", [job("near", 0, 900), job("new", 500, 500)], "new near"],
    ["a late one before a new one", [job("new", 500, 500), job("late", 100, 300)], "late new"],
    [
      "equals as they came",
      [job("one", 0, 7), job("two", 3, 7), job("three", 1, 7)],
      "one two three",
    ],
    ["a file after all who listen", [job("file", 0, never), job("ahead", 0, 9999)], "ahead file"],
    ["a file in the end", [job("ahead", 200, latestMs + 100), job("file", 0, never)], "file ahead"],
    [
      "nobody waits longer than the latest time",
      [job("near", 9001, 19_001), job("far", 9000, 1e9)],
      "far near",
    ],
  ] as const)("is by deadline: %s", (_, jobs, expected) => {
    expect(namesIn("deadline", jobs)).toBe(expected);
  });

  it("is by arrival, whoever waits", () => {
    const jobs = [job("one", 0, 9000), job("two", 10, 10), job("three", 20, never)];
    expect(namesIn("arrival", jobs.toReversed())).toBe("one two three");
  });

  it("starves nobody: a job goes before all that come after its latest time", () => {
    const wanted = fc.record({ askedAt: fc.nat(100_000), waitsMs: fc.nat(1_000_000) });
    fc.assert(
      fc.property(wanted, wanted, (one, other) => {
        const [early, late] = [one, other].map(({ askedAt, waitsMs }) =>
          job("", askedAt, askedAt + waitsMs),
        ) as [Job, Job];
        fc.pre(late.askedAt > early.askedAt + latestMs);
        return orders.deadline(early, late) < 0;
      }),
    );
  });

  it("keeps a queue sorted, whatever comes", () => {
    const wanted = fc.record({ askedAt: fc.nat(50_000), dueAt: fc.nat(60_000) });
    fc.assert(
      fc.property(
        fc.array(wanted),
        fc.constantFrom<Scheduling>("deadline", "arrival"),
        (jobs, by) => {
          const queue: Wanted[] = [];
          for (const each of jobs) queue.splice(placeIn(queue, each, orders[by]), 0, each);
          return queue.every((each, index) => {
            const next = queue[index + 1];
            return !next || orders[by](each, next) <= 0;
          });
        },
      ),
    );
  });
});

it("a job is awaited whose listener has nothing left to hear when it comes", () => {
  expect(isAwaited(job("", 5, 5))).toBe(true);
  expect(isAwaited(job("", 5, 4))).toBe(true);
  expect(isAwaited(job("", 5, 6))).toBe(false);
});
