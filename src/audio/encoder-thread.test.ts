import { afterEach, describe, expect, it } from "vitest";
import { ManualClock } from "../clock.ts";
import type { Scheduling } from "../order.ts";
import { EncoderThread } from "./encoder-thread.ts";

const rateHz = 16_000;
const threads: EncoderThread[] = [];
afterEach(() => Promise.all(threads.splice(0).map((thread) => thread.close())));

const ulaw = { encoding: "ulaw", container: "raw", sampleRateHz: 8000 } as const;

/** Which streams were coded in which order, each asked for one piece that is due at its time. */
async function orderOf(dueAts: readonly number[], scheduling: Scheduling): Promise<number[]> {
  const thread = new EncoderThread(new ManualClock(), scheduling);
  threads.push(thread);
  await thread.ready();
  const coded: number[] = [];
  await Promise.all(
    dueAts.map(async (dueAt) => {
      const encoder = thread.open(ulaw, rateHz);
      const samples = new Int16Array(rateHz);
      for await (const _ of encoder.encode(samples, [rateHz], () => dueAt)) coded.push(dueAt);
      encoder.close();
    }),
  );
  return coded;
}

describe("an encoder thread", () => {
  // The thread has two of them before it knows of the others.
  const dueAts = [1, 2, 9000, Number.POSITIVE_INFINITY, 800, 100];

  it("codes first what is wanted first", async () => {
    const expected = [1, 2, 100, 800, 9000, Number.POSITIVE_INFINITY];
    expect(await orderOf(dueAts, "deadline")).toEqual(expected);
  });

  it("codes in order of arrival if it is to", async () => {
    expect(await orderOf(dueAts, "arrival")).toEqual(dueAts);
  });

  it("asks when each piece is due, one piece ahead of its reader", async () => {
    const thread = new EncoderThread(new ManualClock(), "deadline");
    threads.push(thread);
    const encoder = thread.open(ulaw, rateHz);
    let asked = 0;
    const pieces = encoder.encode(
      new Int16Array(4 * rateHz),
      [1, 2, 3, 4].map((s) => s * rateHz),
      () => {
        asked += 1;
        return 0;
      },
    );
    const askedAtPiece: number[] = [];
    for await (const piece of pieces) {
      expect(piece.length).toBeGreaterThan(7000);
      askedAtPiece.push(asked);
    }
    expect(askedAtPiece).toEqual([2, 3, 4, 4]);
  });

  it("rejects what waits for an encoder that is closed, and works on for the others", async () => {
    const thread = new EncoderThread(new ManualClock(), "deadline");
    threads.push(thread);
    const [first, second] = [thread.open(ulaw, rateHz), thread.open(ulaw, rateHz)];
    const read = async (encoder: typeof first): Promise<number> => {
      let bytes = 0;
      const ends = [rateHz, 2 * rateHz, 3 * rateHz];
      for await (const piece of encoder.encode(new Int16Array(3 * rateHz), ends, () => 0)) {
        bytes += piece.length;
      }
      return bytes;
    };
    const lost = read(first);
    const kept = read(second);
    first.close();
    await expect(lost).rejects.toThrow("The encoder was closed");
    expect(await kept).toBeGreaterThan(3 * 7900);
    await expect(first.finish(0)).rejects.toThrow("The encoder was closed");
  });
});
