import { describe, expect, it } from "vitest";
import { normalize } from "../normalize.ts";
import { rewrite } from "../rewrite.ts";
import { findMarks } from "./marks.ts";

const spoken = (text: string): string => normalize(text, rewrite(text, "ssml")).text;
const faults = (text: string): string[] =>
  findMarks(text).flatMap((mark) => ("fault" in mark ? [mark.fault] : []));

const goodRows: readonly (readonly [text: string, spoken: string])[] = [
  ["<speak>Hello <p><s>there</s></p></speak>", "Hello there"],
  ['<?xml version="1.0"?><speak>Hi<!-- a > b -- c --> there</speak>', "Hi there"],
  ['One<break time="1s"/> two', "One two"],
  ["<emphasis level='strong'>Now</emphasis> <mark name='x'/>go", "Now go"],
  ['un<prosody rate="slow">belie</prosody>vable', "unbelievable"],
  ["R&amp;D &lt; &#52;&#x32; &quot;x&quot;", "R and D less than forty two x"],
  ["R&D & Q&A &nope; &#0;", "R and D and Q and ay and nope; and hash zero;"],
  ['Say <sub alias="World Wide Web Consortium">W3C</sub>.', "Say World Wide Web Consortium."],
  ["<sub alias='a &lt; b > c'>x</sub>!", "a b c!"],
  ['Code <say-as interpret-as="digits">42-0</say-as>.', "Code four two dash zero."],
  ['<say-as interpret-as="characters">aB&amp;3</say-as>', "ay b ampersand three"],
  ['<say-as interpret-as="spell-out">é.x</say-as>', "e dot x"],
  ['<say-as interpret-as="cardinal">1881</say-as>', "one thousand eight hundred eighty one"],
  ['<say-as interpret-as="cardinal">-1,000.5</say-as>', "minus one thousand point five"],
  ['<say-as interpret-as="ordinal">21</say-as> of', "twenty first of"],
  ['<say-as interpret-as="ordinal">many</say-as>', "many"],
  ['<say-as interpret-as="telephone">555-1234</say-as>', "five five five one two three four"],
  ['Room<say-as interpret-as="digits">12</say-as>b', "Room one two b"],
  ['A <phoneme alphabet="ipa" ph="təˈmɑːtəʊ">tomato</phoneme>.', "A T AH0 M AA1 T OW0."],
  ["<phoneme ph='təˈmeɪtoʊ'>tomato</phoneme>", "T AH0 M EY1 T OW0"],
  ['<PHONEME ALPHABET="CMU-ARPABET" PH="K AE1 T">x</PHONEME>', "K AE1 T"],
  ['<phoneme alphabet="cmu-arpabet" ph="K AE1 T">x</phoneme>\'s', "K AE1 T S"],
  ['<phoneme alphabet="cmu-arpabet" ph="B AE1 CH">x</phoneme>’s', "B AE1 CH IH0 Z"],
  ['<say-as interpret-as="digits"></say-as>', ""],
];

describe("markup", () => {
  it.each(goodRows)("%s", (text, expected) => {
    expect(spoken(text)).toBe(expected);
    expect(faults(text)).toEqual([]);
  });
});

/** Broken markup is spoken as the text it is; brackets have no sound. */
const badRows: readonly (readonly [text: string, faults: readonly string[], spoken: string])[] = [
  ["3 < 4", ["stray"], "three less than four"],
  ["I <3 you", ["stray"], "I three you"],
  ["a <", ["stray"], "a"],
  ["<>", ["stray"], ""],
  ["wait <break", ["half_tag"], "wait break"],
  ['<break time="1s" now', ["half_tag"], "break time equals ones now"],
  ["<b <i>x</i>", ["half_tag"], "b x"],
  ["<break time=1s/> x", ["half_tag"], "break time equals ones slash x"],
  ["<!doctype html> x", ["half_tag"], "doctype h t m l x"],
  [`<b ${"x".repeat(1000)}>`, ["half_tag"], `b ${"x ".repeat(1000).trim()}`],
  ['<break time="soon"/> x', ["bad_value"], "break time equals soon slash x"],
  ['<break strength="huge"/> x', ["bad_value"], "break strength equals huge slash x"],
  ['<prosody rate="purple">x</prosody>', ["bad_value"], "prosody rate equals purple x"],
  ['<prosody rate="-100%">x', ["bad_value"], "prosody rate equals minus one hundred per cent x"],
  [
    '<phoneme alphabet="ipa">x</phoneme>',
    ["bad_value"],
    "phoneme alphabet equals ipa x slash phoneme",
  ],
  ['<phoneme alphabet="ipa" ph="ǃk">tomato</phoneme>', ["unknown_phone"], "tomato"],
  ['<phoneme alphabet="ipa" ph="">a &amp; b</phoneme>', ["unknown_phone"], "a and b"],
  [
    '<say-as interpret-as="song">la</say-as>',
    ["bad_value"],
    "say as interpret as equals song la slash say as",
  ],
  ["<sub>x</sub>", ["bad_value"], "sub x slash sub"],
  ['<sub alias="y">x', ["unclosed"], "sub alias equals y x"],
  ['<sub alias="y">x <b>z</b></sub>', ["unclosed", "unopened"], "sub alias equals y x z slash sub"],
  ["x</phoneme> y", ["unopened"], "x slash phoneme y"],
  ['<sub alias="y">x</say-as>', ["unclosed", "unopened"], "sub alias equals y x slash say as"],
];

describe("broken markup is spoken as text", () => {
  it.each(badRows)("%s: %s", (text, expectedFaults, expected) => {
    expect(faults(text)).toEqual(expectedFaults);
    expect(spoken(text)).toBe(expected);
  });
});
