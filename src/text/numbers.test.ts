import { describe, expect, it } from "vitest";
import {
  cardinalWords,
  decimalWords,
  digitWords,
  ordinalWords,
  pairWords,
  pluralWords,
  romanValue,
} from "./numbers.ts";

const text = (words: readonly string[]): string => words.join(" ");

describe("cardinalWords", () => {
  it.each([
    ["0", "zero"],
    ["7", "seven"],
    ["13", "thirteen"],
    ["20", "twenty"],
    ["101", "one hundred one"],
    ["1000", "one thousand"],
    ["1234567", "one million two hundred thirty four thousand five hundred sixty seven"],
    ["1000000000", "one billion"],
    ["1234567890123", "one two three four five six seven eight nine zero one two three"],
  ])("reads %s", (digits, words) => {
    expect(text(cardinalWords(digits))).toBe(words);
  });
});

describe("pairWords", () => {
  it.each([
    ["1881", "eighteen eighty one"],
    ["1900", "nineteen hundred"],
    ["1905", "nineteen oh five"],
    ["2000", "two thousand"],
    ["2005", "two thousand five"],
    ["221", "two twenty one"],
    ["100", "one hundred"],
    ["05", "oh five"],
  ])("reads %s", (digits, words) => {
    expect(text(pairWords(digits))).toBe(words);
  });
});

describe("ordinalWords", () => {
  it.each([
    ["1", "first"],
    ["12", "twelfth"],
    ["20", "twentieth"],
    ["103", "one hundred third"],
  ])("reads %s", (digits, words) => {
    expect(text(ordinalWords(digits))).toBe(words);
  });
});

it("reads decimals by digit, with or without a whole part", () => {
  expect(text(decimalWords("1,000.50"))).toBe("one thousand point five zero");
  expect(text(decimalWords(".5"))).toBe("point five");
});

it("reads digits one by one and skips what is none", () => {
  expect(text(digitWords("555-0100"))).toBe("five five five zero one zero zero");
});

it("makes plurals of number words", () => {
  expect(text(pluralWords(["eighteen", "eighty"]))).toBe("eighteen eighties");
  expect(text(pluralWords(["six"]))).toBe("sixes");
});

it("reads Roman numerals", () => {
  expect(["I", "IV", "IX", "XIV", "XXIII"].map(romanValue)).toEqual([1, 4, 9, 14, 23]);
});
