import { describe, expect, it } from "vitest";
import type { AlignmentSlice } from "../../protocol/alignment.ts";
import { JsonBytes } from "../json-bytes.ts";
import { HttpAlignmentFormatter, type TimeBase, writeSocketAlignments } from "./wire-alignment.ts";

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

const written = (piece: AlignmentSlice | undefined, base: TimeBase): unknown => {
  const json = new JsonBytes();
  json.raw("{");
  writeSocketAlignments(json, piece, base);
  json.raw("}");
  return JSON.parse(Buffer.from(json.slice(0)).toString());
};

describe("an alignment on a socket", () => {
  const piece = slice("Hi ", 1600, [1608, 3208, 4000], 16_000);

  it("counts from its chunk, and rounding never adds up", () => {
    const alignment = {
      chars: ["H", "i", " "],
      charStartTimesMs: [0, 1, 101],
      charDurationsMs: [1, 100, 49],
    };
    expect(written(piece, "chunk")).toEqual({ normalizedAlignment: alignment, alignment });
  });

  it("counts from the context's first audio", () => {
    expect(written(piece, "context")).toMatchObject({
      alignment: { charStartTimesMs: [1100, 1101, 1201] },
    });
  });

  it.each<[string, AlignmentSlice]>([
    ["a character", slice("Ho ", 1600, [1608, 3208, 4000])],
    ["a time", slice("Hi ", 1600, [1608, 3308, 4000])],
    ["the start", slice("Hi ", 1608, [1608, 3208, 4000])],
    ["the length", slice("Hi", 1600, [1608, 3208])],
  ])("tells what was spoken from what was sent where they differ in %s", (_what, spoken) => {
    const both = { ...piece, normalized: spoken.normalized };
    const { normalizedAlignment, alignment } = written(both, "chunk") as Record<string, unknown>;
    expect(normalizedAlignment).not.toEqual(alignment);
    expect(written(piece, "chunk")).toMatchObject({ alignment });
  });

  it("is null where no character begins, and where there is none", () => {
    const nothing = { normalizedAlignment: null, alignment: null };
    expect(written(slice("", 1600, []), "chunk")).toEqual(nothing);
    expect(written(undefined, "chunk")).toEqual(nothing);
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
