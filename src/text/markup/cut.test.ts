import { describe, expect, it } from "vitest";
import { neutralSettings } from "../../protocol/voice.ts";
import { atRate, type MarkupCut, MarkupCutter, type MarkupPart } from "./cut.ts";

const cut = (text: string): MarkupCut => new MarkupCutter().cut(text, false);
const parts = (text: string): readonly MarkupPart[] => cut(text).parts;

describe("breaks", () => {
  it("are cut out with their length, 3 s at most", () => {
    expect(parts('One <break time="0.5s"/> two <break time="250ms" /><break time="9s"/>')).toEqual([
      { text: "One " },
      { text: '<break time="0.5s"/> ', breakMs: 500 },
      { text: "two " },
      { text: '<break time="250ms" />', breakMs: 250 },
      { text: '<break time="9s"/>', breakMs: 3000 },
    ]);
  });

  const lengths: readonly (readonly [tag: string, breakMs: number])[] = [
    ["<break/>", 750],
    ['<break strength="none"/>', 0],
    ["<break strength='x-strong'/>", 1250],
    ['<break time="1.5s" strength="weak"/>', 1500],
    ['<break time=" .2S "></break> ', 200],
  ];
  it.each(lengths)("%s", (tag, breakMs) => {
    expect(parts(`One.${tag}Two.`)).toEqual([
      { text: "One." },
      { text: tag, breakMs },
      { text: "Two." },
    ]);
  });

  it("take along what says nothing before and after them", () => {
    expect(parts('<speak>\n<break time="1s"/></speak>')).toEqual([
      { text: '<speak>\n<break time="1s"/></speak>', breakMs: 1000 },
    ]);
  });
});

describe("prosody", () => {
  it("cuts where the rate changes; closing signs stay with the words before them", () => {
    expect(parts('Hi <prosody rate="slow">there</prosody>, you.')).toEqual([
      { text: "Hi " },
      { text: '<prosody rate="slow">there</prosody>, ', rate: 0.75 },
      { text: "you." },
    ]);
  });

  it("multiplies when nested, around tags and white space too", () => {
    const text =
      '<speak><prosody rate="50%"> <prosody rate="fast">a</prosody> b</prosody> c</speak>';
    expect(parts(text)).toEqual([
      { text: '<speak><prosody rate="50%"> <prosody rate="fast">a</prosody> ', rate: 0.75 },
      { text: "b</prosody> ", rate: 0.5 },
      { text: "c</speak>" },
    ]);
  });

  it("lasts over several texts and all utterances in them", () => {
    const cutter = new MarkupCutter();
    const sentence = `${"word ".repeat(15)}end. `;
    const first = cutter.cut(`<prosody rate="2">${sentence.repeat(3)}`, true);
    expect(first.parts).toHaveLength(3);
    const second = cutter.cut("More. ", false);
    const third = cutter.cut("Last.</prosody> After.", false);
    expect([...first.parts, ...second.parts].map(({ rate }) => rate)).toEqual([2, 2, 2, 2]);
    expect(third.parts).toEqual([{ text: "Last.</prosody> ", rate: 2 }, { text: "After." }]);
    expect(cutter.end()).toEqual([]);
  });

  const rates: readonly (readonly [written: string, rate: number | undefined])[] = [
    ["x-slow", 0.5],
    ["x-fast", 2],
    ["medium", undefined],
    ["default", undefined],
    ["80%", 0.8],
    ["+20%", 1.2],
    ["-20%", 0.8],
    ["1.5", 1.5],
    [" .5 ", 0.5],
  ];
  it.each(rates)("rate %j", (written, rate) => {
    const [part] = parts(`<prosody rate="${written}">x</prosody>`);
    expect(part?.rate).toEqual(rate === undefined ? rate : expect.closeTo(rate, 9));
  });

  it("never asks an engine for more than it can", () => {
    const speed = (rate: number | undefined): number =>
      atRate({ ...neutralSettings, speed: 1.2 }, rate).speed;
    expect(speed(undefined)).toBe(1.2);
    expect(speed(0.5)).toBeCloseTo(0.6);
    expect(speed(99)).toBe(4);
    expect(speed(0.001)).toBe(0.25);
  });
});

describe("elements that stay whole", () => {
  it("are not cut, however many utterances there are around them", () => {
    const element = '<phoneme alphabet="ipa" ph="təˈmeɪ toʊ">to ma to</phoneme>';
    const text = `${"some words and ".repeat(5)}${element} `.repeat(20);
    const texts = parts(text).map((part) => part.text);
    expect(texts.join("")).toBe(text);
    expect(texts.length).toBeGreaterThan(3);
    expect(
      texts.filter((part) => part.split("<phoneme").length !== part.split("</").length),
    ).toEqual([]);
  });

  it("are not cut in the middle of a giant word either", () => {
    const element = '<sub alias="a b c">x y z</sub>';
    const text = `${"x".repeat(175)}${element}${"x".repeat(175)}`;
    const texts = parts(text).map((part) => part.text);
    expect(texts.join("")).toBe(text);
    expect(texts.some((part) => part.includes(element))).toBe(true);
  });

  it("count as what is spoken of them", () => {
    const short = '<sub alias="ok">OK</sub> ';
    expect(parts(short.repeat(20))).toHaveLength(1);
    expect(parts(`<sub alias="${"long ".repeat(35)}">x</sub> `.repeat(4)).length).toBeGreaterThan(
      3,
    );
  });
});

describe("faults", () => {
  const rows: readonly (readonly [text: string, faults: readonly string[]])[] = [
    ["<speak>Hello</speak>", []],
    ["Hello</speak>", ["unopened"]],
    ["<speak><p>Hello</speak>", ["unclosed"]],
    ["<prosody rate='slow'>Hello", ["unclosed"]],
    ["<prosody rate='odd'>Hello</prosody>", ["bad_value"]],
    ["<b>Hello", []],
    ['3 < 4 <phoneme ph="?">x</phoneme>', ["stray", "unknown_phone"]],
  ];
  it.each(rows)("%s: %s", (text, expected) => {
    const cutter = new MarkupCutter();
    const { parts, faults } = cutter.cut(text, true);
    expect([...faults, ...cutter.end()]).toEqual(expected);
    expect(parts.map((part) => part.text).join("")).toBe(text);
  });
});

it("a bad rate inside a good one does not end it", () => {
  const text = '<prosody rate="2">a <prosody rate="odd">b</prosody> c</prosody> d';
  expect(parts(text).map(({ rate }) => rate)).toEqual([2, undefined]);
});
