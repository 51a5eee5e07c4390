import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isSpeakable, normalize } from "./normalize.ts";

describe("normalize", () => {
  it.each([
    ["It is 42.", "It is forty two."],
    [
      "In 1881, 1,881 of them",
      "In eighteen eighty one, one thousand eight hundred eighty one of them",
    ],
    ["-3.5 or .5", "minus three point five or point five"],
    ["the 1st and the 21st", "the first and the twenty first"],
    ["5% or 10 %", "five per cent or ten per cent"],
    ["007", "zero zero seven"],
    ["the 1880s", "the eighteen eighties"],
    ["221B Baker Street", "two twenty one B Baker Street"],
    ["version 1.2.3", "version one point two point three"],
  ])("reads numbers: %s", (source, spoken) => {
    expect(normalize(source).text).toBe(spoken);
  });

  it.each([
    ["$5.50, please", "five dollars fifty cents, please"],
    ["$1.01", "one dollar one cent"],
    ["$3.5 million", "three point five million dollars"],
    ["$5m", "five million dollars"],
    ["£20,000, now", "twenty thousand pounds, now"],
    ["£ 4 a week", "four pounds a week"],
    ["€5.01 or 5€", "five euros one cent or five euros"],
  ])("reads money: %s", (source, spoken) => {
    expect(normalize(source).text).toBe(spoken);
  });

  it.each([
    ["The CEO, AI and the EU.", "The c e o, ay i and the e u."],
    ["CEOs and the CEO's ID", "c e o's and the c e o's i d"],
    ["Ai, ceo, NATO and NASA", "Ai, ceo, nato and nasa"],
  ])("reads acronyms by letter where they are no words: %s", (source, spoken) => {
    expect(normalize(source).text).toBe(spoken);
  });

  it.each([
    ["at 10:30", "at ten thirty"],
    ["at 9:05 p.m. we", "at nine oh five p m we"],
    ["at 5pm.", "at five p m."],
    ["at 10 a.m. sharp", "at ten ay m sharp"],
    ["April 5, 1881", "April fifth, eighteen eighty one"],
    ["2 October", "second October"],
    ["from 1990-2000", "from nineteen ninety to two thousand"],
    [
      "9\u20135, 3 \u2013 2 and 1999\u20132004",
      "nine to five, three to two and nineteen ninety nine to two thousand four",
    ],
    ["9-5", "nine to five"],
    ["on 2026-11-21.", "on november twenty first twenty twenty six."],
    ["2005-01-02", "january second two thousand five"],
    ["2026-13-21", "two zero two six one three two one"],
    ["555-123-4567", "five five five one two three four five six seven"],
    ["1/2 and 3 1/2 and 3/4", "a half and three and a half and three fourths"],
    ["3½ km", "three and a half k m"],
    ["5km, 10 kg", "five kilometers, ten kilograms"],
  ])("reads times, dates, ranges and measures: %s", (source, spoken) => {
    expect(normalize(source).text).toBe(spoken);
  });

  it.each([
    ["Mr. and Mrs. Jones", "mister and missus Jones"],
    ["Dr. King of St. James", "doctor King of saint James"],
    ["On Baker St. he", "On Baker street he"],
    ["No. 7, e.g. this", "number seven, for example this"],
    ["the U.S.A.", "the u s ay."],
    ["the BBC's HTML", "the b b c's h t m l"],
    ["NASA", "nasa"],
    ["J. R. R. Tolkien", "j r r Tolkien"],
    ["Henry VIII. Part II", "Henry the eighth. Part two"],
    ["John and I", "John and I"],
    ["part I liked", "part i liked"],
    ["Say Hi to Me", "Say hi to Me"],
    ["Los Angeles, CA", "Los Angeles, california"],
    ["toString constructor", "tostring constructor"],
    ["mightn't, couldn't've", "might not, couldn't've"],
  ])("reads abbreviations and capitals: %s", (source, spoken) => {
    expect(normalize(source).text).toBe(spoken);
  });

  it.each([
    ["“It’s,” he said", "It's, he said"],
    ["Well—yes", "Well, yes"],
    ["Well - yes", "Well, yes"],
    ["well-known", "well known"],
    ["But how—?", "But how?"],
    ["wait... what… No", "wait, what. No"],
    ["a patient (for I had)", "a patient, for I had"],
    ["what?! no", "what? no"],
    ["a & b + c", "a and b plus c"],
    ["me@example.com", "me at example dot com"],
    ["**bold** and _this_", "bold and this"],
    ["one\n\n two\u00a0three", "one two three"],
    ["-----", ""],
  ])("reads punctuation and signs: %s", (source, spoken) => {
    expect(normalize(source).text).toBe(spoken);
  });

  it.each([
    ["café naïve Zürich", "cafe naive Zurich"],
    ["cafe\u0301s", "cafes"],
    ["Москва", "Moskva"],
    ["hi 👍🏽 there", "hi there"],
    ["👨‍👩‍👧", ""],
    ["lone \ud83d half \udc00", "lone half"],
    ["a\u0000b\u0007", "a b"],
  ])("reads other letters in Latin ones and skips the rest: %j", (source, spoken) => {
    expect(normalize(source).text).toBe(spoken);
  });

  it("says where each piece came from", () => {
    const { pieces } = normalize(" “42,” 👍 ok");
    expect(
      pieces.map(({ text, sourceStart, sourceEnd }) => [text, sourceStart, sourceEnd]),
    ).toEqual([
      ["", 0, 1],
      ["", 1, 2],
      ["forty two", 2, 4],
      [",", 4, 5],
      ["", 5, 6],
      ["", 6, 7],
      ["", 7, 9],
      [" ", 9, 10],
      ["ok", 10, 12],
    ]);
  });

  it("covers every source in order and gives only what the voice can take", () => {
    fc.assert(
      fc.property(anyText, fc.boolean(), anyLanguage, (source, isPlain, language) => {
        const { text, pieces, words } = normalize(source, undefined, { isPlain, language });
        let position = 0;
        for (const piece of pieces) {
          expect(piece.sourceStart).toBe(position);
          expect(piece.sourceEnd).toBeGreaterThanOrEqual(position);
          position = piece.sourceEnd;
        }
        expect(position).toBe(source.length);
        expect(pieces.map((piece) => piece.text).join("")).toBe(text);
        expect(text).toMatch(/^(?:[A-Za-z']+[,.;:!?]?(?: [A-Za-z']+[,.;:!?]?)*)?$/);
        expect(text.replace(/[,.;:!?]/g, "")).toBe(words.join(" "));
      }),
      { numRuns: 1000 },
    );
  });

  it("takes long runs of anything in its stride", () => {
    for (const part of longParts) {
      const startedAt = performance.now();
      normalize(part.repeat(5000));
      expect(performance.now() - startedAt).toBeLessThan(1000);
    }
  });
});

describe("isSpeakable", () => {
  it.each(["a", "7", "é", "&", "£", "…5"])("says yes to %s", (text) => {
    expect(isSpeakable(text)).toBe(true);
  });

  it.each(["", " \n", "...", "“”", "👍", "—", "***", "\ud83d"])("says no to %j", (text) => {
    expect(isSpeakable(text)).toBe(false);
  });

  it("agrees with normalize", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(isSpeakable(text)).toBe(normalize(text).text !== "");
      }),
      { numRuns: 500 },
    );
  });
});

const longParts: readonly string[] = [
  ..."👍 1, - a a. 1- $ a@ a@b. 1: 1:11 +1 (0 1x 1/ 1. IV i. http:// www. 5' $1- 0 11-1 e.g. #1".split(
    " ",
  ),
  ..." |1 |IV |0 |a b|St. |1st |+1 (|Nov. 2 ".split("|"),
];

const anyLanguage = fc.constantFrom("en-US", "en-GB", "de");

const anyText = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.string({ unit: "grapheme", maxLength: 40 }),
  fc
    .array(
      fc.constantFrom(
        ..."a A I Mr. Dr. St. 42 1881 1,000 3.5 .5 $ £ % / - — … . , ? ' ’ “ ” ( ) & # * _ é Ж 👍 ½ BBC e.g. U.S. 10:30 XIV Henry April don't th s km Nov. 21st 11/21/2026 2026-11-21 21.11.2026 5pm 9-5 10-20kg $5-10 5'10\" m² °C ½ a@b.co https://x.io/a-b www. +44 (0)20 555-1234 ii. (iv) Jr. vs. No. AD USD w/o #1 < ~5 x".split(
          " ",
        ),
        " ",
        "  ",
        "\n",
        "\ud800",
        "\u0000",
      ),
      { maxLength: 16 },
    )
    .map((parts) => parts.join("")),
);
