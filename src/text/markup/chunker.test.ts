import { describe, expect, it } from "vitest";
import { MarkupChunker } from "./chunker.ts";

const phoneme = '<phoneme alphabet="ipa" ph="t o">to ma to</phoneme>';

function createChunker(...texts: string[]): MarkupChunker {
  const chunker = new MarkupChunker([1000]);
  for (const text of texts) chunker.hold(text);
  return chunker;
}

describe("what has not ended yet", () => {
  it("is held back until it has", () => {
    const chunker = createChunker("Say <phoneme alphabet='ipa' ");
    expect(chunker.flushWhole()).toBe("Say ");
    chunker.hold("ph='ə'>the word</pho");
    expect(chunker.flushWhole()).toBe("");
    chunker.hold("neme> now");
    expect(chunker.flushWords()).toBe("<phoneme alphabet='ipa' ph='ə'>the word</phoneme> ");
    expect(chunker.flush()).toBe("now");
  });

  it("is given as it is by a flush, and is no markup any more", () => {
    const chunker = createChunker('Wait <break time="1');
    expect(chunker.bufferedChars).toBe(19);
    expect(chunker.flush()).toBe('Wait <break time="1');
    chunker.hold('s"/>');
    expect(chunker.flushWhole()).toBe('s"/>');
  });

  it.each(["3 < 4", "<3", "a <b and c", "x </ y", "<b='c'"])(
    "is let go as soon as it cannot be markup: %s",
    (text) => {
      expect(createChunker(text).flushWhole()).toBe(text);
    },
  );

  it("is let go when it gets too long", () => {
    const text = `<b title="${"x ".repeat(600)}`;
    expect(createChunker(text).flushWhole()).toBe(text);
    const open = `<sub alias="x">${"y ".repeat(400)}`;
    expect(createChunker(open).flushWhole()).toBe("");
    expect(createChunker(open, "y ".repeat(200)).flushWhole()).toBe(open + "y ".repeat(200));
  });
});

describe("a cut", () => {
  it("is never inside an atom", () => {
    const chunker = new MarkupChunker([20]);
    const text = `Some words, and ${phoneme} then ${phoneme}. More. `;
    const pieces = Array.from(text).flatMap((char) => chunker.append(char));
    expect(pieces).toEqual(["Some words, ", "and ", `${phoneme} then `, `${phoneme}. `]);
  });

  it("of a giant word is not in an atom either", () => {
    const chunker = new MarkupChunker([50]);
    const text = `${"x".repeat(980)}${phoneme}${"x".repeat(500)}`;
    const [piece] = chunker.append(text);
    expect(piece).toBe(`${"x".repeat(980)}${phoneme}`);
  });

  it("does not mind characters that the outline uses", () => {
    const text = `${"\u{e000}".repeat(30)}<b>\u{e000}</b>"x" `;
    expect(createChunker(text).flush()).toBe(text);
  });
});

it("white space at the beginning is dropped, also before a tag", () => {
  expect(createChunker("  ", "\n<speak>", " Hi").flush()).toBe("<speak> Hi");
});
