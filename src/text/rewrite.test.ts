import { describe, expect, it } from "vitest";
import type { PronunciationRule } from "../protocol/pronunciation.ts";
import { normalize } from "./normalize.ts";
import { rewrite } from "./rewrite.ts";

const rules: readonly PronunciationRule[] = [
  { type: "alias", stringToReplace: "SQL", alias: "sequel" },
  { type: "alias", stringToReplace: "sequel", alias: "wrong" },
  { type: "alias", stringToReplace: "UN", alias: "United Nations" },
  { type: "alias", stringToReplace: "the UN building", alias: "wrong" },
  { type: "alias", stringToReplace: "um", alias: "" },
  { type: "phoneme", stringToReplace: "Nguyen", phoneme: "ˈwɪn", alphabet: "ipa" },
  { type: "phoneme", stringToReplace: "Odd", phoneme: "ǃǃ", alphabet: "ipa" },
  { type: "alias", stringToReplace: "fifty", alias: "50 km" },
];

const spoken = (text: string, markup: "ssml" | "none" = "none"): string =>
  normalize(text, rewrite(text, markup, rules)).text;

const rows: readonly (readonly [text: string, spoken: string])[] = [
  ["My SQL.", "My sequel."],
  ["sequel", "wrong"],
  ["In the UN building.", "In the United Nations building."],
  ["Well, um, yes.", "Well, yes."],
  ["Ask Nguyen!", "Ask W IH1 N!"],
  ["Nguyen's car", "W IH1 N Z car"],
  ["Odd", "Odd"],
  ["fifty", "fifty kilometers"],
  ["<break/>SQL", "break slash sequel"],
];

describe("rules", () => {
  it.each(rows)("are applied before anything is written out: %s", (text, expected) => {
    expect(spoken(text)).toBe(expected);
  });

  it("apply neither in tags nor in elements that say how they are spoken", () => {
    expect(spoken('<mark name="SQL"/>SQL <sub alias="x">SQL</sub> <p>UN</p>', "ssml")).toBe(
      "sequel x United Nations",
    );
    expect(spoken('<sub alias="SQL">x</sub>', "ssml")).toBe("s q l");
  });
});

it("text without markup and rules is not rewritten at all", () => {
  expect(rewrite("SQL & <b>UN</b>", "none")).toBeUndefined();
  expect(rewrite("Nothing to be found.", "ssml", rules)).toBeUndefined();
});

it("each character knows where it comes from, and no surrogate pair is cut in two", () => {
  const text = "<p>\u{1f600}UN\u{1f600}</p>";
  const rewriting = rewrite(text, "ssml", [
    { type: "alias", stringToReplace: "UN", alias: "abcd" },
    { type: "alias", stringToReplace: "\u{1f600}", alias: "123" },
  ]);
  expect(rewriting?.text).toBe("123abcd123");
  expect([...(rewriting?.sourceAt ?? [])]).toEqual([3, 3, 3, 5, 5, 6, 6, 7, 7, 7, 13]);
  expect(rewriting?.tags).toEqual([
    { start: 0, end: 3 },
    { start: 9, end: 13 },
  ]);
});

it("private-use characters of a source are taken for no phones", () => {
  const text = '\u{e000}<phoneme ph="o">x</phoneme>\u{e000}';
  expect(normalize(text, rewrite(text, "ssml")).text).toBe("OW1");
});
