import { describe, expect, it } from "vitest";
import { ManualClock } from "../clock.ts";
import { type StallWatched, StallWatch } from "./stall-watch.ts";

const stallMs = 30_000;

/** A connection whose reader does what the test says. */
interface FakeConnection extends StallWatched {
  queuedBytes: number;
  taken: number;
  /** What the kernel keeps of it; undefined where it does not tell. */
  kernelBytes: number | undefined;
  stalledAt: number | undefined;
}

function createScene() {
  const clock = new ManualClock();
  const connections: FakeConnection[] = [];
  const watch = new StallWatch(stallMs, clock, () =>
    Promise.resolve({
      of: ({ localPort }) => connections[localPort ?? 0]?.kernelBytes,
    }),
  );
  return {
    clock,
    watch,
    open: (kernelBytes?: number): FakeConnection => {
      const connection: FakeConnection = {
        queuedBytes: 1000,
        taken: 0,
        kernelBytes,
        stalledAt: undefined,
        ends: { localPort: connections.length },
        onStalled() {
          connection.stalledAt = clock.now();
        },
      };
      connections.push(connection);
      watch.watch(connection);
      return connection;
    },
    /** Lets time pass second by second. */
    pass: async (seconds: number, eachSecond: () => void = () => {}): Promise<void> => {
      for (let second = 0; second < seconds; second += 1) {
        eachSecond();
        clock.advance(1000);
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
  };
}

describe("a watch for stalled readers", () => {
  it("finds a reader that takes nothing, soon after its time is over", async () => {
    const { watch, open, pass } = createScene();
    const connection = open();
    await pass(29);
    expect(connection.stalledAt).toBeUndefined();
    await pass(5);
    expect(connection.stalledAt).toBeGreaterThanOrEqual(stallMs);
    expect(connection.stalledAt).toBeLessThanOrEqual(stallMs * 1.125);
    expect(watch.stalled).toBe(1);
  });

  it("shows how long a reader has left, while anything waits for it", async () => {
    const { watch, open, pass } = createScene();
    const connection = open();
    await pass(10);
    connection.taken += 1;
    await pass(5);
    const [timer] = watch.timersOf(connection);
    expect(timer).toMatchObject({ name: "stalled_reader", limitMs: stallMs, lastResetBy: "read" });
    expect(timer?.lastResetAt).toBeGreaterThanOrEqual(10_000);
    expect(timer?.leftMs).toBe(stallMs - (15_000 - (timer?.lastResetAt ?? 0)));
    connection.queuedBytes = 0;
    expect(watch.timersOf(connection)).toEqual([]);
    expect(watch.timersOf({ ...connection })).toEqual([]);
  });

  it("never finds one that takes a little now and then", async () => {
    const { open, pass } = createScene();
    const connection = open();
    for (let time = 0; time < 20; time += 1) {
      await pass(25);
      connection.taken += 1;
    }
    expect(connection.stalledAt).toBeUndefined();
  });

  it("never finds one whose kernel still sends what it took long ago", async () => {
    const { open, pass } = createScene();
    const slow = open(4_000_000);
    const stalled = open(4_000_000);
    await pass(600, () => {
      slow.kernelBytes = (slow.kernelBytes ?? 0) - 20;
    });
    expect(slow.stalledAt).toBeUndefined();
    expect(stalled.stalledAt).toBeDefined();
    await pass(40);
    expect(slow.stalledAt).toBeDefined();
  });

  it("looks at nobody who has taken all, with no timer at all", async () => {
    const { clock, watch, open, pass } = createScene();
    const connection = open();
    connection.queuedBytes = 0;
    await pass(5);
    expect(watch.has(connection)).toBe(false);
    expect(clock.pending).toBe(0);
    connection.queuedBytes = 1;
    watch.watch(connection);
    await pass(34);
    expect(connection.stalledAt).toBeDefined();
  });

  it("forgets who has gone, also while the kernel is asked", async () => {
    const { clock, watch, open } = createScene();
    const connection = open();
    clock.advance(stallMs * 10);
    watch.forget(connection);
    await new Promise((resolve) => setImmediate(resolve));
    expect(connection.stalledAt).toBeUndefined();
    expect(clock.pending).toBe(0);
  });

  it("says nothing any more when it is stopped", async () => {
    const { clock, watch, open, pass } = createScene();
    const connection = open();
    watch.stop();
    await pass(100);
    expect(connection.stalledAt).toBeUndefined();
    expect(clock.pending).toBe(0);
  });
});
