import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { assignPhones, type WrittenWord } from "./letters-to-phones.ts";

/** Words with their marks, such as `hello, there`, and each word's phones as the answer. */
function split(text: string, phones: string): string[] {
  const words = text.split(" ").map(
    (word): WrittenWord => ({
      letters: word.replace(/[,.]$/, ""),
      marked: /[,.]$/.test(word),
    }),
  );
  const names = phones.split(" ");
  return assignPhones(words, names).map(({ start, end }) => names.slice(start, end).join(" "));
}

describe("assignPhones", () => {
  it("splits phones at word boundaries and leaves pauses between", () => {
    expect(
      split("hello, there my friend", "pau hh ax l ow pau dh eh r m ay f r eh n d pau"),
    ).toEqual(["hh ax l ow", "dh eh r", "m ay", "f r eh n d"]);
  });

  it.each([
    [
      "doctor Smith paid five dollars",
      "d aa k t er s m ih th p ey d f ay v d aa l er z",
      ["d aa k t er", "s m ih th", "p ey d", "f ay v", "d aa l er z"],
    ],
    ["b b c news", "b iy b iy s iy n uw z", ["b iy", "b iy", "s iy", "n uw z"]],
    [
      "w w w",
      "d ah b ax l y uw d ah b ax l y uw d ah b ax l y uw",
      ["d ah b ax l y uw", "d ah b ax l y uw", "d ah b ax l y uw"],
    ],
    ["one hour at night", "w ah n aw er ae t n ay t", ["w ah n", "aw er", "ae t", "n ay t"]],
    ["this stop", "dh ih s s t aa p", ["dh ih s", "s t aa p"]],
    ["late again", "l ey t ax g eh n", ["l ey t", "ax g eh n"]],
    ["it's thought", "ih t s th ao t", ["ih t s", "th ao t"]],
  ])("knows how letters sound: %s", (text, phones, expected) => {
    expect(split(text, phones)).toEqual(expected);
  });

  it("uses pauses where a mark stands to find its way", () => {
    expect(split("xq, zv", "b aa b aa b aa pau b aa")).toEqual(["b aa b aa b aa", "b aa"]);
  });

  it("answers degenerate inputs", () => {
    const words = [
      { letters: "hello", marked: false },
      { letters: "'", marked: true },
      { letters: "world", marked: false },
    ];
    expect(assignPhones([], ["pau", "hh"])).toEqual([]);
    expect(assignPhones(words, [])).toEqual(words.map(() => ({ start: 0, end: 0 })));
    expect(assignPhones(words, ["pau", "pau"])).toEqual(words.map(() => ({ start: 0, end: 0 })));
    expect(assignPhones(words, ["w"])).toHaveLength(3);
    expect(
      assignPhones(
        words,
        Array.from({ length: 500 }, () => "zz"),
      ),
    ).toHaveLength(3);
  });

  it("gives ordered spans that hold every sound, whatever the words and phones", () => {
    const word = fc.record({
      letters: fc.stringMatching(/^[A-Za-z']{0,12}$/),
      marked: fc.boolean(),
    });
    const phone = fc.constantFrom("pau", "aa", "ax", "b", "s", "t", "iy", "r", "unheard-of");
    fc.assert(
      fc.property(
        fc.array(word, { minLength: 1, maxLength: 12 }),
        fc.array(phone, { maxLength: 60 }),
        (words, phones) => {
          const spans = assignPhones(words, phones);
          expect(spans).toHaveLength(words.length);
          let position = 0;
          let sounds = 0;
          for (const { start, end } of spans) {
            expect(start).toBeGreaterThanOrEqual(position);
            expect(end).toBeGreaterThanOrEqual(start);
            sounds += phones.slice(start, end).filter((name) => name !== "pau").length;
            position = end;
          }
          const expected = phones.filter((name) => name !== "pau").length;
          expect([expected, ...(words.some(hasLetters) ? [] : [0])]).toContain(sounds);
        },
      ),
      { numRuns: 300 },
    );
  });
});

function hasLetters({ letters }: WrittenWord): boolean {
  return letters !== "";
}
