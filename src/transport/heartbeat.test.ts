import { EventEmitter } from "node:events";
import { describe, expect, it } from "vitest";
import type { WebSocket } from "ws";
import { ManualClock } from "../clock.ts";
import { TimerQueue } from "../timer-queue.ts";
import { Heartbeat } from "./heartbeat.ts";

/** As much of a socket as the heartbeat knows, and what was done to it. */
class FakeSocket extends EventEmitter {
  readonly OPEN = 1;
  readyState = 1;
  isPaused = false;
  bufferedAmount = 0;
  pings = 0;
  isTerminated = false;
  /** Whether the peer answers. */
  readonly #isAlive: boolean;

  constructor(isAlive: boolean) {
    super();
    this.#isAlive = isAlive;
  }

  ping(): void {
    this.pings += 1;
    if (this.#isAlive) this.emit("pong");
  }

  terminate(): void {
    this.isTerminated = true;
    this.readyState = 3;
    this.emit("close");
  }
}

interface Scene {
  readonly clock: ManualClock;
  readonly heartbeat: Heartbeat;
  /** What the kernel keeps of each socket, counted from 0. */
  readonly kernelBytes: Map<number, number>;
  /** Pings that were left unanswered, and for how many ms, of peers that were dropped. */
  readonly silences: readonly (readonly [number, number])[];
  readonly watch: (isAlive: boolean) => FakeSocket;
  /** Lets time pass, and what a ping entails happen. */
  readonly pass: (ms: number) => Promise<void>;
}

function createScene(): Scene {
  const clock = new ManualClock();
  const kernelBytes = new Map<number, number>();
  const silences: (readonly [number, number])[] = [];
  const heartbeat = new Heartbeat(
    clock,
    new TimerQueue(clock),
    (_socket, pings, silentMs) => silences.push([pings, silentMs]),
    () => Promise.resolve({ of: ({ localPort = 0 }) => kernelBytes.get(localPort) }),
  );
  let sockets = 0;
  return {
    clock,
    heartbeat,
    kernelBytes,
    silences,
    watch(isAlive) {
      const socket = new FakeSocket(isAlive);
      heartbeat.watch(socket as unknown as WebSocket, { localPort: sockets });
      sockets += 1;
      return socket;
    },
    async pass(ms) {
      clock.advance(ms);
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

describe("the heartbeat", () => {
  it("drops a peer that has left two pings unanswered for 20 s", async () => {
    const { watch, pass, silences } = createScene();
    const socket = watch(false);
    await pass(19_999);
    expect(socket.pings).toBe(0);
    await pass(1);
    expect(socket.pings).toBe(1);
    await pass(20_000);
    expect(socket.pings).toBe(2);
    await pass(19_999);
    expect(socket.isTerminated).toBe(false);
    await pass(1);
    expect(socket.isTerminated).toBe(true);
    expect(silences).toEqual([[2, 40_000]]);
  });

  it("shows how long it is until a peer is asked, and nothing of who has gone", async () => {
    const { heartbeat, watch, pass } = createScene();
    const socket = watch(true) as unknown as WebSocket;
    await pass(21_000);
    expect(heartbeat.timersOf(socket)).toEqual([
      {
        name: "ping",
        context: undefined,
        limitMs: 20_000,
        lastResetAt: 20_000,
        lastResetBy: "repeat",
        leftMs: 19_000,
        isHeld: false,
      },
    ]);
    socket.terminate();
    expect(heartbeat.timersOf(socket)).toEqual([]);
  });

  it("keeps a peer that answers, next to one that does not", async () => {
    const { watch, pass } = createScene();
    const [alive, dead] = [watch(true), watch(false)];
    for (let round = 0; round < 20; round += 1) await pass(20_000);
    expect(dead.isTerminated).toBe(true);
    expect(alive.isTerminated).toBe(false);
    expect(alive.pings).toBe(20);
  });

  it("does not ask a peer that is not read: its answer could not be seen", async () => {
    const { watch, pass } = createScene();
    const socket = watch(false);
    socket.isPaused = true;
    for (let round = 0; round < 5; round += 1) await pass(20_000);
    expect(socket.pings).toBe(0);
    socket.isPaused = false;
    for (let round = 0; round < 3; round += 1) await pass(20_000);
    expect(socket.isTerminated).toBe(true);
  });

  it("waits for nothing while nobody is there, and begins anew", async () => {
    const { clock, watch, pass } = createScene();
    expect(clock.pending).toBe(0);
    watch(true).terminate();
    expect(clock.pending).toBe(0);
    const later = watch(false);
    expect(clock.pending).toBe(1);
    for (let round = 0; round < 3; round += 1) await pass(20_000);
    expect(later.isTerminated).toBe(true);
    expect(clock.pending).toBe(0);
  });

  it("asks each peer 20 s after it came, those that came together in one go", async () => {
    const { clock, watch, pass } = createScene();
    const first = watch(true);
    await pass(40);
    const second = watch(true);
    await pass(5000);
    const third = watch(true);
    await pass(15_059);
    expect([first.pings, second.pings, third.pings]).toEqual([1, 0, 0]);
    await pass(1);
    expect([first.pings, second.pings, third.pings]).toEqual([1, 1, 0]);
    await pass(5000);
    expect([first.pings, second.pings, third.pings]).toEqual([1, 1, 1]);
    expect(clock.pending).toBe(1);
  });

  it("does not ask a peer that has something to read yet", async () => {
    const { watch, pass } = createScene();
    const socket = watch(false);
    socket.bufferedAmount = 1;
    for (let round = 0; round < 5; round += 1) await pass(20_000);
    expect(socket.pings).toBe(0);
  });

  it("keeps a peer whose answers are late because it reads slowly", async () => {
    const { watch, pass, kernelBytes } = createScene();
    const [slow, gone] = [watch(false), watch(false)];
    for (let round = 0; round < 20; round += 1) {
      kernelBytes.set(0, 1_000_000 - round * 1000);
      kernelBytes.set(1, 1_000_000 + round * 2);
      await pass(20_000);
    }
    expect(slow.isTerminated).toBe(false);
    expect(gone.isTerminated).toBe(true);
  });

  it("does not take a leap of time for silence", async () => {
    const { watch, pass } = createScene();
    const socket = watch(false);
    await pass(200_000);
    expect(socket.isTerminated).toBe(false);
  });

  it("asks nobody once it is stopped", async () => {
    const { clock, heartbeat, watch, pass } = createScene();
    const socket = watch(false);
    heartbeat.stop();
    await pass(100_000);
    expect(socket.pings).toBe(0);
    expect(clock.pending).toBe(0);
  });
});
