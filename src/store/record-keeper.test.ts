import { expect, it } from "vitest";
import { settle } from "../../test/support/session.ts";
import { ManualClock } from "../clock.ts";
import type { RecordLimits } from "../protocol/records.ts";
import { RecordKeeper, limitsAt } from "./record-keeper.ts";

const bounds = { days: 30, mib: 2 };
const day = 24 * 60 * 60;
const intervalMs = 10 * 60 * 1000;
const startMs = 100 * day * 1000 + 999;

function keep(prune: (limits: RecordLimits) => Promise<number>) {
  const clock = new ManualClock();
  const faults: unknown[] = [];
  const keeper = new RecordKeeper(
    { turns: (nowMs) => prune(limitsAt(nowMs, bounds)) },
    {
      clock,
      wallClock: () => startMs + clock.now(),
      onFault: (error) => void faults.push(error),
    },
  );
  return { keeper, clock, faults };
}

it("says what is too old, and how much is too much", () => {
  const limits = limitsAt(startMs, bounds);
  expect(limits).toEqual({ beforeUnix: 70 * day, maxBytes: 2_097_152 });
});

it("prunes at once and every ten minutes, by the time of then", async () => {
  const asked: RecordLimits[] = [];
  const { keeper, clock } = keep((limits) => {
    asked.push(limits);
    return Promise.resolve(0);
  });
  await settle();
  clock.advance(intervalMs - 1);
  await settle();
  expect(asked.map(({ beforeUnix }) => beforeUnix)).toEqual([70 * day]);
  clock.advance(1);
  await settle();
  expect(asked.map(({ beforeUnix }) => beforeUnix)).toEqual([70 * day, 70 * day + 600]);
  await keeper.close();
  expect(clock.pending).toBe(0);
});

it("goes on after a failure", async () => {
  let tries = 0;
  const { keeper, clock, faults } = keep(() => {
    tries += 1;
    return tries === 1 ? Promise.reject(new Error("locked")) : Promise.resolve(0);
  });
  await settle();
  expect(faults).toEqual([new Error("locked")]);
  clock.advance(intervalMs);
  await settle();
  expect(tries).toBe(2);
  await keeper.close();
});

it("is closed when what is being deleted is gone, and does not begin again", async () => {
  let finish = (): void => {};
  const { keeper, clock } = keep(
    () =>
      new Promise((resolve) => {
        finish = () => resolve(0);
      }),
  );
  const order: string[] = [];
  const close = async (): Promise<void> => {
    await keeper.close();
    order.push("closed");
  };
  const closing = close();
  await settle();
  order.push("pruned");
  finish();
  await closing;
  expect(order).toEqual(["pruned", "closed"]);
  expect(clock.pending).toBe(0);
});
