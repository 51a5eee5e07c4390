import { describe, expect, it } from "vitest";
import type { Markup } from "../../protocol/markup.ts";
import type { PronunciationRule } from "../../protocol/pronunciation.ts";
import { plainTextOf } from "./plain-text.ts";

const rules: readonly PronunciationRule[] = [
  { type: "alias", stringToReplace: "WWW", alias: "World Wide Web" },
  { type: "phoneme", stringToReplace: "Ng", phoneme: "EH1 NG", alphabet: "cmu-arpabet" },
];

/** The source in the parts that pieces may be made of. */
function parts(source: string, markup: Markup): string[] {
  const { source: chars, mayEnd } = plainTextOf(
    { text: source, markup, pronunciations: rules },
    "en-US",
  );
  const found = [""];
  chars.forEach((char, index) => {
    found[found.length - 1] += char;
    if (mayEnd[index] === 1) found.push("");
  });
  return found;
}

describe("the plain text of a source", () => {
  it.each([
    ["Hello there", "none", "Hello there "],
    ["Hello there ", "none", "Hello there "],
    ["two\nlines", "none", "two\nlines "],
    ["<b>a</b> &amp; b", "none", "<b>a</b> &amp; b "],
    ["<b>a</b> &amp; b", "ssml", "a & b "],
    ["Ask the WWW.", "none", "Ask the World Wide Web. "],
    ["Ask Ng, 😀 now", "none", "Ask Ng, 😀 now "],
    ["Say <phoneme ph='təˈmɑːtoʊ' alphabet='ipa'>tomato</phoneme>s.", "ssml", "Say tomatos. "],
    ["<sub alias='kilo'>k</sub>gram", "ssml", "kilogram "],
    ["", "none", " "],
  ] as const)("%j (%s) is %j", (source, markup, text) => {
    expect(plainTextOf({ text: source, markup, pronunciations: rules }, "en-US").text).toBe(text);
  });

  it("has been said when as much of it has been said as comes from there", () => {
    const { source, saidUnits } = plainTextOf(
      { text: "<b>a</b>  WWW b", markup: "ssml", pronunciations: rules },
      "en-US",
    );
    const said = source.map((char, index) => [char, saidUnits[index]]);
    expect(said).toEqual([
      ...Array.from("<b>").map((char) => [char, 0]),
      ["a", 1],
      ...Array.from("</b>").map((char) => [char, 1]),
      [" ", 2],
      [" ", 3],
      ["W", 8],
      ["W", 13],
      ["W", 17],
      [" ", 18],
      ["b", 19],
      [" ", 20],
    ]);
  });

  it.each([
    ["One two  three", "none", ["One ", "two  ", "three "]],
    ["Ask the WWW now", "none", ["Ask ", "the ", "WWW ", "now "]],
    ["Say <mark name='m'/>it. ", "ssml", ["Say ", "<mark name='m'/>it. "]],
    ["<p>So</p> <break time='1s'/> slow", "ssml", ["<p>So</p> ", "<break time='1s'/> ", "slow "]],
    ["A 😀 b", "none", ["A ", "😀 ", "b "]],
  ] as const)("%j (%s) may be cut into %j", (source, markup, expected) => {
    expect(parts(source, markup)).toEqual(expected);
  });
});
