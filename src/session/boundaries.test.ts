import { expect, it } from "vitest";
import type { Alignment } from "../protocol/alignment.ts";
import type { BoundaryKind } from "../protocol/speech.ts";
import { BoundaryFinder } from "./boundaries.ts";

/** Every character takes 10 ms. */
function alignmentOf(text: string): Alignment {
  const chars = Array.from(text);
  const timings = {
    chars,
    endsAtSample: Uint32Array.from(chars, (_, index) => (index + 1) * 160),
  };
  return { sampleRateHz: 16_000, original: timings, normalized: timings };
}

/** What is found in the pieces of a text, as the text it is about. */
function find(kinds: readonly BoundaryKind[], pieces: readonly string[]) {
  const finder = new BoundaryFinder(kinds);
  const chars = Array.from(pieces.join(""));
  let offset = 0;
  const found = pieces.flatMap((piece) => {
    const boundaries = finder.find(alignmentOf(piece), offset, offset * 160);
    offset += Array.from(piece).length;
    return boundaries;
  });
  return [...found, ...finder.rest()].map(({ kind, textOffset, textLength, startMs, endMs }) => ({
    kind,
    text: chars.slice(textOffset, textOffset + textLength).join(""),
    startMs,
    endMs,
  }));
}

it("words are the runs between white space, and are heard when their characters are", () => {
  expect(find(["word"], ["It  is. "])).toEqual([
    { kind: "word", text: "It", startMs: 0, endMs: 20 },
    { kind: "word", text: "is.", startMs: 40, endMs: 70 },
  ]);
});

it("a sentence may span utterances, and comes after its last word", () => {
  expect(find(["word", "sentence"], ["One, ", "two. ", "Three"])).toEqual([
    { kind: "word", text: "One,", startMs: 0, endMs: 40 },
    { kind: "word", text: "two.", startMs: 50, endMs: 90 },
    { kind: "sentence", text: "One, two.", startMs: 0, endMs: 90 },
    { kind: "word", text: "Three", startMs: 100, endMs: 150 },
    { kind: "sentence", text: "Three", startMs: 100, endMs: 150 },
  ]);
});

it("an abbreviation ends no sentence", () => {
  const texts = find(["sentence"], ["Mr. Fogg left. ", "He came. "]).map(({ text }) => text);
  expect(texts).toEqual(["Mr. Fogg left.", "He came."]);
});

it("offsets count code points", () => {
  expect(find(["word"], ["\u{1f600} b "])).toEqual([
    { kind: "word", text: "\u{1f600}", startMs: 0, endMs: 10 },
    { kind: "word", text: "b", startMs: 20, endMs: 30 },
  ]);
});

it("nothing is found that was not asked for, and nothing in white space", () => {
  expect(find([], ["One. "])).toEqual([]);
  expect(find(["word", "sentence"], ["  "])).toEqual([]);
});
