import { describe, expect, it } from "vitest";
import { cutUtterances, pauseAfter } from "./clauses.ts";

describe("a pause", () => {
  it.each([
    ["word", 0],
    ["word,", 1],
    ["word;", 1],
    ["word\u2014", 1],
    ["word.", 2],
    ["word?!", 2],
    ['word."', 2],
    ["word.\u201d", 2],
    ["Mr.", 0],
    ["Nov.", 0],
    ["approx.", 0],
    ["J.", 0],
    ["e.g.", 0],
    ["3.14", 0],
    ["9.", 2],
  ])("after %s is of strength %i", (word, strength) => {
    expect(pauseAfter(word)).toBe(strength);
  });
});

describe("utterances", () => {
  it("begin with the first clause and go on in sentences", () => {
    const text =
      "In the beginning, there was a long sentence that went on. Then came another one, of about the same length, which ended here. The end.";
    expect(cutUtterances(text, true)).toEqual([
      "In the beginning, ",
      "there was a long sentence that went on. Then came another one, of about the same length, which ended here. ",
      "The end.",
    ]);
  });

  it("do not begin short when the listener has something to hear", () => {
    expect(cutUtterances("First clause here, second clause.", false)).toEqual([
      "First clause here, second clause.",
    ]);
  });

  it("are cut at a clause, then at a word, then anywhere, to keep their size", () => {
    const sizes = { firstMin: 5, min: 10, max: 20 };
    expect(cutUtterances("aaaa, bbbb cccc dddd eeee ffff gggg hhhh", false, sizes)).toEqual([
      "aaaa, ",
      "bbbb cccc dddd eeee ",
      "ffff gggg hhhh",
    ]);
    expect(cutUtterances("x".repeat(45), false, sizes).map(({ length }) => length)).toEqual([
      20, 20, 5,
    ]);
  });

  it("take a piece that says nothing along with the one before", () => {
    const sizes = { firstMin: 5, min: 5, max: 20 };
    expect(cutUtterances("Hello there. \u2026 ... !", false, sizes)).toEqual([
      "Hello there. \u2026 ... !",
    ]);
  });
});
