import { describe, expect, it } from "vitest";
import type { CharacterTimings } from "../protocol/alignment.ts";
import { frameEnds, frameSizes, sliceCharacters, wordFrameEnds } from "./frames.ts";

const pcm = { encoding: "pcm_s16le", container: "raw", sampleRateHz: 24_000 } as const;

describe("frame sizes", () => {
  it("begin with 100 ms where the listener waits", () => {
    expect(frameSizes(pcm, 16_000, 36_000, true)).toEqual({
      first: 1600,
      max: 11_968,
      limit: 11_968,
    });
  });

  it("keep the coded bytes below the limit", () => {
    const { first, max } = frameSizes(pcm, 16_000, 36_000, false);
    expect(first).toBe(max);
    expect((max / 16_000) * 48_000).toBeLessThanOrEqual(36_000);
  });

  it("are a second at most", () => {
    const ulaw = { encoding: "ulaw", container: "raw", sampleRateHz: 8000 } as const;
    expect(frameSizes(ulaw, 16_000, 36_000, false).max).toBe(16_000);
  });
});

describe("frame ends", () => {
  it("grow from the first size to the largest and end with the audio", () => {
    expect(frameEnds(1000, { first: 100, max: 300, limit: 300 })).toEqual([
      100, 300, 600, 900, 1000,
    ]);
  });

  it("are the end alone for what is short", () => {
    expect(frameEnds(100, { first: 100, max: 300, limit: 300 })).toEqual([100]);
    expect(frameEnds(0, { first: 100, max: 300, limit: 300 })).toEqual([0]);
  });
});

/** `a b` with ends 100 apart. */
const timings = (text: string, step = 100): CharacterTimings => ({
  chars: Array.from(text),
  endsAtSample: Uint32Array.from(Array.from(text), (_, index) => (index + 1) * step),
});

describe("frame ends by words", () => {
  it("lie where a space ends", () => {
    const ends = wordFrameEnds(timings("one two three "), { first: 100, max: 1000, limit: 1000 });
    expect(ends).toEqual([400, 800, 1400]);
  });

  it("cut a word only when it is longer than a frame", () => {
    const ends = wordFrameEnds(timings("abcdefghij k "), { first: 100, max: 200, limit: 400 });
    expect(ends).toEqual([400, 800, 1100, 1300]);
  });
});

describe("a slice of characters", () => {
  it("takes each character into the piece it begins in, and the last piece all the rest", () => {
    const all: CharacterTimings = {
      chars: ["a", "b", "c", " "],
      endsAtSample: Uint32Array.from([50, 150, 200, 200]),
    };
    const first = sliceCharacters(all, 0, 100);
    const second = sliceCharacters(all, 100, 200);
    expect(first).toEqual({
      chars: ["a", "b"],
      startSample: 0,
      endsAtSample: Uint32Array.from([50, 150]),
    });
    expect(second).toEqual({
      chars: ["c", " "],
      startSample: 150,
      endsAtSample: Uint32Array.from([200, 200]),
    });
  });
});
