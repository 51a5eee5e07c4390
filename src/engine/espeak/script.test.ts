import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { rewrite } from "../../text/rewrite.ts";
import { createScript, cutScript } from "./script.ts";

const asked = (text: string): string =>
  createScript(text, 0, undefined)
    .map((char) => char.asked)
    .join("");

const pieces = (text: string, markup: "none" | "ssml" = "none"): string[] => {
  const starts = createScript(text, 0, rewrite(text, markup)).flatMap((char) =>
    char.pieceStart === undefined ? [] : [char.pieceStart],
  );
  return [0, ...starts].map((start, index) => text.slice(start, starts[index]));
};

describe("what espeak-ng is asked", () => {
  it.each([
    ["a < b & c > d", "a &lt; b &amp; c &gt; d"],
    ['<break time="2s"/>', '&lt;break time="2s"/&gt;'],
    ["[[h@l'oU]]", "((h@l'oU))"],
    ["Hi 👩‍👩‍👧 there 🎉 🇩🇪 1️⃣", "Hi  ‍ ‍  there      1  "],
    ["a\u0001b\u0000c\ud800d\ue000e", "a b c d e"],
    ["5 € © → naïve नमस्ते", "5 € © → naïve नमस्ते"],
  ])("of %j is %j", (text, expected) => {
    expect(asked(text)).toBe(expected);
  });

  it("is phonemes where phones are given", () => {
    const text = "<phoneme alphabet='cmu-arpabet' ph='T AH0 M EY1'>x</phoneme>!";
    const script = createScript(text, 0, rewrite(text, "ssml"));
    expect(script.map((char) => char.asked)).toEqual(["[[t|@|m|'eI]]", "!", ""]);
    expect(script.map((char) => char.spoken)).toEqual(["T AH0 M EY1", "!", " "]);
  });

  it("of a text that was begun is what is left of it, markup and all", () => {
    const text = 'The <sub alias="World Wide Web">WWW</sub> is big';
    const rewriting = rewrite(text, "ssml");
    const rest = createScript(text, text.indexOf("is"), rewriting);
    expect(rest.map((char) => char.asked).join("")).toBe("is big");
    const all = createScript(text, 0, rewriting);
    expect(all.map((char) => char.asked).join("")).toBe("The World Wide Web is big");
  });
});

describe("pieces", () => {
  it.each([
    ["one two", ["one ", "two"]],
    ["  one \n two ", ["  ", "one \n ", "two "]],
    ["x — y", ["x ", "— ", "y"]],
    ["", [""]],
  ])("of %j are %j", (text, expected) => {
    expect(pieces(text)).toEqual(expected);
  });

  it.each([
    ['A <sub alias="own words">o. w.</sub> b', ["A ", '<sub alias="own words">o. w.</sub> ', "b"]],
    ["<speak> <p>Say</p> it.</speak>", ["<speak> ", "<p>Say</p> ", "it.</speak>"]],
    ["Rhythm &amp;&#32;blues", ["Rhythm ", "&amp;&#32;blues"]],
  ])("with markup end in no tag and no word: %j", (text, expected) => {
    expect(pieces(text, "ssml")).toEqual(expected);
  });

  it("joined are any text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(pieces(text).join("")).toBe(text);
      }),
    );
  });
});

describe("a long script", () => {
  const partsOf = (text: string): string[] => {
    const chars = createScript(text, 0, undefined);
    const ends = cutScript(chars);
    return ends.map((end, index) =>
      chars
        .slice(ends[index - 1] ?? 0, end)
        .map((char) => char.spoken)
        .join(""),
    );
  };

  it("is cut behind sentences, else words, else anywhere, and nothing is lost", () => {
    const sentence = "All that is said here is said to be long. ";
    for (const [text, isRight] of [
      [sentence.repeat(30), (part: string) => part.endsWith(". ")],
      ["word ".repeat(300), (part: string) => part.endsWith("word ")],
      ["\u4f60".repeat(1000), (part: string) => part.length <= 400],
    ] as const) {
      const parts = partsOf(text);
      expect(parts.join("").trimEnd()).toBe(text.trimEnd());
      expect(parts.length).toBeGreaterThan(2);
      expect(parts.slice(0, -1).filter((part) => !isRight(part))).toEqual([]);
      expect(Math.max(...parts.map(({ length }) => length))).toBeLessThanOrEqual(400);
    }
  });

  it("is left whole while it is as long as a session's utterance", () => {
    expect(partsOf("Oh. ".repeat(45))).toHaveLength(1);
  });
});
