import { describe, expect, it } from "vitest";
import { createScript } from "./script.ts";
import { type HeardWord, timeChars, timeSource, timeSpoken } from "./timing.ts";

const ends = (text: string, words: readonly HeardWord[], total: number): number[] => [
  ...timeChars(createScript(text, 0, undefined), words, total),
];

describe("the characters of a piece", () => {
  it("share the sounds of their word; marks take no time, white space has the pause", () => {
    const word = { first: 1, startSample: 10, soundEnds: [30, 70] };
    expect(ends('"Oho," ', [word], 100)).toEqual([10, 23, 43, 70, 70, 70, 100]);
  });

  it("share two words that stand together as they were heard", () => {
    const words = [
      { first: 0, startSample: 0, soundEnds: [40] },
      { first: 1, startSample: 50, soundEnds: [80] },
    ];
    expect(ends("42 ", words, 100)).toEqual([50, 80, 100]);
  });

  it("of a number whose figures are not named in their order share all its sounds", () => {
    const words = [
      { first: 0, startSample: 0, soundEnds: [10, 20] },
      { first: 1, startSample: 20, soundEnds: [30] },
      { first: 0, startSample: 30, soundEnds: [40] },
    ];
    expect(ends("1234 ", words, 50)).toEqual([10, 20, 30, 40, 50]);
  });

  it("without a letter share what was said for them", () => {
    expect(ends("& ", [{ first: 0, startSample: 0, soundEnds: [10, 20] }], 30)).toEqual([20, 30]);
  });

  it("that nothing was heard of have no time, and the last one has it all", () => {
    expect(ends("... ", [], 30)).toEqual([0, 0, 0, 30]);
  });

  it("never end before the ones in front of them, whatever is heard", () => {
    const words = [
      { first: 0, startSample: 5, soundEnds: [900] },
      { first: 0, startSample: 40, soundEnds: [] },
      { first: 4, startSample: 60, soundEnds: [70, 75] },
      { first: 9, startSample: 90, soundEnds: [95] },
    ];
    const times = ends("a, b c \u{1f389} d  ", words, 100);
    expect(times).toEqual(times.toSorted((one, other) => one - other));
    expect(times.at(-1)).toBe(100);
  });
});

describe("the texts of a piece", () => {
  const chars = createScript("a  b", 0, undefined);
  const times = Uint32Array.of(10, 20, 30, 40, 50);

  it("as spoken has its white space collapsed, and a space before the first piece", () => {
    expect(timeSpoken(chars, times, true)).toEqual({
      chars: [" ", "a", " ", "b", " "],
      endsAtSample: Uint32Array.of(0, 10, 30, 40, 50),
    });
    expect(timeSpoken(chars, times, false).chars).toEqual(["a", " ", "b", " "]);
  });

  it("as sent has all its characters, those of tags without time", () => {
    const silent = chars.map((char) => ({ ...char, sourceStart: char.sourceStart + 3 }));
    expect(timeSource("<b>a  b ", 0, silent, times)).toEqual({
      chars: ["<", "b", ">", "a", " ", " ", "b", " "],
      endsAtSample: Uint32Array.of(0, 0, 0, 10, 20, 30, 40, 50),
    });
  });
});
