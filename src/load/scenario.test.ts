import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { asTokens, conversationTexts, pacedTurnMs, planStreams, splitTokens } from "./scenario.ts";

describe("tokens", () => {
  it.each<[string, readonly string[]]>([
    ["", []],
    ["Hello", ["Hello"]],
    ["Hello there, you.", ["Hello", " there", ",", " you", "."]],
    ["a  b ", ["a", "  b", " "]],
    ["naïve 12345678", ["naïve", " 12345", "678"]],
  ])("of %j", (text, tokens) => {
    expect(splitTokens(text)).toEqual(tokens);
  });

  it("joined are the text, whatever it is", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        expect(splitTokens(text).join("")).toBe(text);
      }),
    );
  });

  it("are about four characters long, as those of language models are", () => {
    const tokens = conversationTexts.flatMap(splitTokens);
    const mean = tokens.join("").length / tokens.length;
    expect(mean).toBeGreaterThan(3.5);
    expect(mean).toBeLessThan(4.7);
  });

  it("come at an even pace", () => {
    expect(asTokens("One two three.", 10)).toEqual([
      { atMs: 0, text: "One" },
      { atMs: 100, text: " two" },
      { atMs: 200, text: " three" },
      { atMs: 300, text: "." },
    ]);
  });
});

describe("streams", () => {
  it("of conversations begin spread over the length of a turn and pause after each", () => {
    const options = { pace: "paced", streams: 4, texts: conversationTexts, turns: 2 } as const;
    const streams = planStreams(options);
    expect(streams.map(({ startMs }) => startMs)).toEqual(
      [0, 0.25, 0.5, 0.75].map((share) => share * pacedTurnMs),
    );
    const turns = [...(streams[3]?.turns ?? [])];
    expect(turns.map(({ pauseMs }) => pauseMs)).toEqual([10_000, 10_000]);
    const said = turns.map(({ texts }) => texts.map(({ text }) => text).join(""));
    expect(said).toEqual(conversationTexts.slice(3, 5));
    expect(turns[0]?.texts.at(-1)?.atMs).toBeGreaterThan(1000);
    expect(turns[0]?.texts.at(-1)?.atMs).toBeLessThan(1500);
  });

  it("of a burst begin at once, each with a whole text", () => {
    const texts = ["One.", "Two."];
    const streams = planStreams({ pace: "all-at-once", streams: 3, texts, turns: 1 });
    expect(streams.map(({ startMs, turns }) => ({ startMs, turns: [...turns] }))).toEqual(
      ["One.", "Two.", "One."].map((text) => ({
        startMs: 0,
        turns: [{ texts: [{ atMs: 0, text }], pauseMs: 0 }],
      })),
    );
  });

  it("can be followed again from their beginning, and without an end", () => {
    const [stream] = planStreams({
      pace: "paced",
      streams: 1,
      texts: ["a", "b"],
      turns: undefined,
    });
    for (let time = 0; time < 2; time += 1) {
      const said: string[] = [];
      for (const { texts } of stream?.turns ?? []) {
        said.push(texts.map(({ text }) => text).join(""));
        if (said.length === 5) break;
      }
      expect(said).toEqual(["a", "b", "a", "b", "a"]);
    }
  });
});

it("a turn of a conversation has 150 characters", () => {
  expect(conversationTexts.map(({ length }) => length)).toEqual(conversationTexts.map(() => 150));
});
