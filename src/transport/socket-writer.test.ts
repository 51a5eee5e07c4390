import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import type { WebSocket } from "ws";
import { ManualClock } from "../clock.ts";
import { ByteBudget } from "./byte-budget.ts";
import { SocketWriter } from "./socket-writer.ts";
import { WholeFiles } from "./whole-files.ts";
import { StallWatch } from "./stall-watch.ts";

type Sent = (error?: Error) => void;

/** As much of a socket as a writer knows. It takes what it is told to take. */
class FakeSocket {
  readonly CLOSED = 3;
  readyState = 1;
  bufferedAmount = 0;
  readonly #waiting: [number, Sent][] = [];

  send(data: Uint8Array, _options: object, sent: Sent): void {
    this.bufferedAmount += data.length;
    this.#waiting.push([data.length, sent]);
  }

  /** Takes the oldest message. */
  take(): void {
    const [bytes, sent] = this.#waiting.shift() ?? [0, () => {}];
    this.bufferedAmount -= bytes;
    sent();
  }

  /** Loses all that waits. */
  break(): void {
    this.readyState = this.CLOSED;
    for (const [, sent] of this.#waiting.splice(0)) sent(new Error("gone"));
  }
}

const frame = { data: Buffer.alloc(20_000), isBinary: false };

function createScene(limitBytes = 1_000_000) {
  const clock = new ManualClock();
  const budget = new ByteBudget(limitBytes);
  const stalls = new StallWatch(30_000, clock, () => Promise.resolve({ of: () => undefined }));
  const told: string[] = [];
  const open = () => {
    const socket = new FakeSocket();
    const writer = new SocketWriter(
      socket as unknown as WebSocket,
      new PassThrough(),
      { budget, stalls, files: new WholeFiles(limitBytes, clock) },
      { onLost: () => told.push("lost"), onStalled: () => told.push("stalled") },
    );
    return { socket, writer };
  };
  return { clock, budget, stalls, told, open };
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("a socket's writer", () => {
  it("has room up to its limit, then waits for the last frame to leave", async () => {
    const { budget, open } = createScene();
    const { socket, writer } = open();
    for (let count = 0; count < 3; count += 1) expect(writer.send(frame)).toBeUndefined();
    const room = writer.send(frame);
    expect(budget.waiting).toBe(1);
    await settle();
    expect(budget.queuedBytes).toBe(80_000);
    let hasRoom = false;
    const waitForRoom = async (): Promise<void> => {
      await room;
      hasRoom = true;
    };
    void waitForRoom();
    for (let count = 0; count < 3; count += 1) socket.take();
    await settle();
    expect(hasRoom).toBe(false);
    socket.take();
    await settle();
    expect(hasRoom).toBe(true);
    expect(budget.queuedBytes).toBe(0);
    expect(budget.waiting).toBe(0);
  });

  it("has room for one frame at a time while all together hold too much", async () => {
    const { budget, open } = createScene(30_000);
    const [one, other] = [open(), open()];
    expect(one.writer.send(frame)).toBeUndefined();
    expect(other.writer.send(frame)).toBeUndefined();
    await settle();
    expect(budget.isExceeded).toBe(true);
    const room = other.writer.send(frame);
    expect(room).toBeDefined();
    await settle();
    one.socket.take();
    other.socket.take();
    expect(budget.isExceeded).toBe(false);
    other.socket.take();
    await room;
    expect(other.writer.send(frame)).toBeUndefined();
  });

  it("tells of a reader that stalls, also when nobody waits to send more", async () => {
    const { clock, told, open } = createScene();
    const { writer } = open();
    void writer.send(frame);
    await settle();
    for (let second = 0; second < 34; second += 1) {
      clock.advance(1000);
      await settle();
    }
    expect(told).toEqual(["stalled"]);
  });

  it("looks after nobody who takes everything at once", async () => {
    const { clock, stalls, open } = createScene();
    const { socket, writer } = open();
    void writer.send(frame);
    socket.take();
    await settle();
    expect(stalls.has(writer)).toBe(false);
    expect(clock.pending).toBe(0);
  });

  it("uses the memory of a frame again when it has left, or was lost and the socket has closed", async () => {
    const { open } = createScene();
    const { socket, writer } = open();
    const left = writer.allocate(20_000);
    void writer.send({ data: left, isBinary: false });
    socket.take();
    const lost = writer.allocate(20_000);
    expect(lost.byteOffset).toBe(left.byteOffset);
    void writer.send({ data: lost, isBinary: false });
    socket.break();
    expect(writer.allocate(20_000).byteOffset).not.toBe(lost.byteOffset);
    expect(open().writer.allocate(20_000).byteOffset).not.toBe(lost.byteOffset);
    await settle();
    writer.close();
    expect(open().writer.allocate(20_000).byteOffset).toBe(lost.byteOffset);
  });

  it("gives back its share of the budget when its socket closes", async () => {
    const { clock, budget, told, open } = createScene();
    const { socket, writer } = open();
    for (let count = 0; count < 4; count += 1) void writer.send(frame);
    await settle();
    socket.break();
    writer.close();
    expect(budget.queuedBytes).toBe(0);
    expect(budget.waiting).toBe(0);
    expect(clock.pending).toBe(0);
    expect(told).toContain("lost");
  });
});
