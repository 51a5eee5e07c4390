import { setImmediate } from "node:timers/promises";
import fc from "fast-check";
import { expect, it } from "vitest";
import { ManualClock } from "../clock.ts";
import { type CountedLeases, LeaseTable, type LeaseWish } from "./leases.ts";

const anyKey: LeaseWish = { keyId: "key", limit: undefined };

function createTable(limit: number, patienceMs = 0): { table: LeaseTable; clock: ManualClock } {
  const clock = new ManualClock();
  return { table: new LeaseTable({ limit, patienceMs, clock }), clock };
}

it("is one limit over all processes, and gives back what is released once", async () => {
  const { table } = createTable(2);
  const [one, two] = [table.open(), table.open()];
  expect(await one.acquire(anyKey)).toEqual({ isGiven: true, active: 1, limit: 2 });
  expect(await two.acquire(anyKey)).toEqual({ isGiven: true, active: 2, limit: 2 });
  expect(await two.acquire(anyKey)).toEqual({ isGiven: false, active: 2, limit: 2 });
  await one.release("key");
  await one.release("key");
  expect(table.active).toBe(1);
});

it("counts a key with a limit for itself", async () => {
  const { table } = createTable(10);
  const leases = table.open();
  const narrow: LeaseWish = { keyId: "narrow", limit: 1 };
  await leases.acquire(anyKey);
  expect(await leases.acquire(narrow)).toEqual({ isGiven: true, active: 1, limit: 1 });
  expect(await leases.acquire(narrow)).toEqual({ isGiven: false, active: 1, limit: 1 });
  expect((await leases.acquire(anyKey)).isGiven).toBe(true);
});

it("refuses nobody for a lease whose release is on its way", async () => {
  const { table } = createTable(1);
  const [one, two] = [table.open(), table.open()];
  await one.acquire(anyKey);
  const asked = two.acquire(anyKey);
  void one.release("key");
  expect((await asked).isGiven).toBe(true);
});

it("lets those wait who find no room, in the order in which they came, and not for ever", async () => {
  const { table, clock } = createTable(1, 250);
  const leases = table.open();
  await leases.acquire(anyKey);
  const given: string[] = [];
  const ask = async (name: string): Promise<void> => {
    const { isGiven } = await leases.acquire(anyKey);
    given.push(`${name} ${isGiven}`);
  };
  void ask("first");
  await setImmediate();
  clock.advance(100);
  void ask("second");
  await setImmediate();
  clock.advance(149);
  await leases.release("key");
  await setImmediate();
  expect(given).toEqual(["first true"]);
  clock.advance(101);
  await setImmediate();
  expect(given).toEqual(["first true", "second false"]);
  expect(clock.pending).toBe(0);
});

it("lets pass whose key has room, by one whose key has none", async () => {
  const { table } = createTable(10, 250);
  const leases = table.open();
  const narrow: LeaseWish = { keyId: "narrow", limit: 1 };
  await leases.acquire(narrow);
  const waiting = leases.acquire(narrow);
  expect((await leases.acquire(anyKey)).isGiven).toBe(true);
  await leases.release("narrow");
  expect((await waiting).isGiven).toBe(true);
});

it("has back what a process held that has gone, which gets nothing more", async () => {
  const { table, clock } = createTable(2, 250);
  const [one, two] = [table.open(), table.open()];
  await Promise.all([one.acquire(anyKey), one.acquire(anyKey)]);
  const [hers, theirs] = [one.acquire(anyKey), two.acquire(anyKey)];
  await setImmediate();
  one.close();
  expect((await theirs).isGiven).toBe(true);
  expect((await hers).isGiven).toBe(false);
  expect(table.active).toBe(1);
  await one.release("key");
  expect((await one.acquire(anyKey)).isGiven).toBe(false);
  expect(clock.pending).toBe(0);
});

/** What happens to leases: of a process, for a key. */
const step = fc.record({
  act: fc.constantFrom("acquire", "acquire", "release", "crash", "wait"),
  process: fc.nat(2),
  key: fc.nat(2),
  ms: fc.nat(300),
});
const history = fc.record({
  limit: fc.integer({ min: 1, max: 4 }),
  keyLimits: fc.tuple(...[0, 1, 2].map(() => fc.option(fc.integer({ min: 1, max: 3 })))),
  patienceMs: fc.constantFrom(0, 250),
  steps: fc.array(step, { maxLength: 12 }),
});

/** A process, with how many leases it was given for each key. */
interface Process {
  leases: CountedLeases;
  held: number[];
}

it("never gives more than a limit and never loses a lease, in 100,000 histories", {
  timeout: 300_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(history, async ({ limit, keyLimits, patienceMs, steps }) => {
      const { table, clock } = createTable(limit, patienceMs);
      const start = (): Process => ({ leases: table.open(), held: [0, 0, 0] });
      const processes = [start(), start(), start()];
      let asked = 0;
      let answered = 0;
      const check = (): void => {
        const ofKey = (key: number): number =>
          processes.reduce((sum, { held }) => sum + (held[key] ?? 0), 0);
        const counts = [0, 1, 2].map(ofKey);
        const all = counts.reduce((sum, count) => sum + count, 0);
        expect(all).toBeLessThanOrEqual(limit);
        counts.forEach((count, key) => expect(count).toBeLessThanOrEqual(keyLimits[key] ?? limit));
        expect(table.active).toBe(all);
      };
      const acquire = async (process: Process, key: number): Promise<void> => {
        asked += 1;
        const wish = { keyId: `${key}`, limit: keyLimits[key] ?? undefined };
        const { isGiven } = await process.leases.acquire(wish);
        answered += 1;
        if (isGiven) process.held[key] = (process.held[key] ?? 0) + 1;
      };
      for (const { act, process: index, key, ms } of steps) {
        const process = processes[index];
        if (!process) continue;
        if (act === "acquire") void acquire(process, key);
        if (act === "release" && (process.held[key] ?? 0) > 0) {
          process.held[key] = (process.held[key] ?? 0) - 1;
          void process.leases.release(`${key}`);
        }
        if (act === "crash") {
          process.leases.close();
          processes[index] = start();
        }
        if (act === "wait") clock.advance(ms);
        await setImmediate();
        check();
      }
      clock.advance(patienceMs + 1);
      await setImmediate();
      check();
      expect(answered).toBe(asked);
      for (const { leases } of processes) leases.close();
      expect(table.active).toBe(0);
      expect(clock.pending).toBe(0);
    }),
    { numRuns: 100_000 },
  );
});
