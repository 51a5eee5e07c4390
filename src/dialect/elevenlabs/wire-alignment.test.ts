import { describe, expect, it } from "vitest";
import type { AlignmentSlice } from "../../protocol/alignment.ts";
import { formatSocketAlignment, HttpAlignmentFormatter } from "./wire-alignment.ts";

const slice = (chars: string, startSample: number, ends: number[], at = 0): AlignmentSlice => {
  const part = { chars: Array.from(chars), startSample, endsAtSample: Uint32Array.from(ends) };
  return {
    sampleRateHz: 16_000,
    frameStartSample: startSample,
    pieceStartSample: at,
    original: part,
    normalized: part,
  };
};

describe("an alignment on a socket", () => {
  const piece = slice("Hi ", 1600, [1608, 3208, 4000], 16_000);

  it("counts from its chunk, and rounding never adds up", () => {
    expect(formatSocketAlignment(piece, "original", "chunk")).toEqual({
      chars: ["H", "i", " "],
      charStartTimesMs: [0, 1, 101],
      charDurationsMs: [1, 100, 49],
    });
  });

  it("counts from the context's first audio", () => {
    expect(formatSocketAlignment(piece, "original", "context")?.charStartTimesMs).toEqual([
      1100, 1101, 1201,
    ]);
  });

  it("is null where no character begins", () => {
    expect(formatSocketAlignment(slice("", 1600, []), "original", "chunk")).toBeNull();
  });
});

describe("an alignment over HTTP", () => {
  it("gives end times in seconds from the start of the response, without added spaces", () => {
    const formatter = new HttpAlignmentFormatter("Hi.\nYou");
    const slices = [
      slice("Hi.\n ", 0, [1600, 3200, 3200, 3200, 4800]),
      slice("You ", 0, [1600, 3200, 4800, 6400], 4800),
    ];
    expect(formatter.format(slices, "original")).toEqual({
      characters: Array.from("Hi.\nYou"),
      character_start_times_seconds: [0, 0.1, 0.2, 0.2, 0.3, 0.4, 0.5],
      character_end_times_seconds: [0.1, 0.2, 0.2, 0.3, 0.4, 0.5, 0.7],
    });
  });
});
