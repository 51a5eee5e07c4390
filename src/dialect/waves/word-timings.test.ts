import { expect, it } from "vitest";
import type { AlignmentSlice, CharacterSlice } from "../../protocol/alignment.ts";
import { timeWords } from "./word-timings.ts";

/** A slice of `text` at 1000 samples a second, 10 for each character. */
function sliceOf(text: string, pieceStartSample = 0): AlignmentSlice {
  const chars = Array.from(text);
  const endsAtSample = Uint32Array.from(chars, (_, index) => 10 * (index + 1));
  const original: CharacterSlice = { chars, startSample: 0, endsAtSample };
  const common = { sampleRateHz: 1000, frameStartSample: 0, pieceStartSample };
  return { ...common, original, normalized: original };
}

it("a word lasts from its first character to its last", () => {
  expect(timeWords(sliceOf(" It's  $100. "), 0)).toEqual([
    { word: "It's", start: 0.01, end: 0.05 },
    { word: "$100.", start: 0.07, end: 0.12 },
  ]);
});

it("times count from the first audio of the request", () => {
  expect(timeWords(sliceOf("On", 500), 200)).toEqual([{ word: "On", start: 0.3, end: 0.32 }]);
});

it("white space has no words", () => {
  expect(timeWords(sliceOf("  \n"), 0)).toEqual([]);
});
