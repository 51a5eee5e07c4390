import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CharacterTimings } from "../protocol/alignment.ts";
import { align, type Phone } from "./align.ts";
import type { PronunciationRule } from "../protocol/pronunciation.ts";
import { normalize } from "./normalize.ts";
import { rewrite } from "./rewrite.ts";

const sampleRateHz = 1000;

/** `name:end` pairs, in samples. */
function phonesOf(pairs: string): Phone[] {
  return pairs.split(" ").map((pair) => {
    const [name = "", end = "0"] = pair.split(":");
    return { name, endSample: Number(end) };
  });
}

function alignText(text: string, pairs: string, totalSamples: number) {
  const normalized = normalize(text);
  return align({ text, normalized, phones: phonesOf(pairs), totalSamples, sampleRateHz });
}

function table({ chars, endsAtSample }: CharacterTimings): string {
  return chars.map((char, index) => `${char}${endsAtSample[index]}`).join("|");
}

describe("align", () => {
  const hello = "pau:20 hh:30 ay:40 pau:60 dh:70 eh:80 r:100 pau:130";

  it("times the text as sent: the first character takes the silence before it", () => {
    const { original } = alignText("Hi, there", hello, 130);
    expect(table(original)).toBe("H30|i40|,50| 60|t68|h76|e84|r92|e100| 130");
  });

  it("times the text as spoken, with a space at each end", () => {
    const { normalized } = alignText("Hi, there", hello, 130);
    expect(table(normalized)).toBe(" 20|H30|i40|,50| 60|t68|h76|e84|r92|e100| 130");
  });

  it("adds no space where the text ends with one, and keeps all white space", () => {
    const { original, normalized } = alignText(" Hi,\n\n there ", hello, 130);
    expect(table(original)).toBe(" 0|H30|i40|,50|\n53|\n57| 60|t68|h76|e84|r92|e100| 130");
    expect(normalized.chars.join("")).toBe(" Hi, there ");
  });

  it("spreads the time of a number over its digits", () => {
    const spoken = "pau:10 f:20 ao:30 r:40 t:50 iy:60 t:70 uw:90 pau:100";
    const { original, normalized } = alignText("42.", spoken, 100);
    expect(table(original)).toBe("450|290|.90| 100");
    expect(normalized.chars.join("")).toBe(" forty two. ");
    expect(normalized.endsAtSample[6]).toBe(60);
  });

  it("gives no time to what is not spoken", () => {
    const { original } = alignText("Hi👍 🎉there\ud800", "hh:10 ay:20 dh:30 eh:40 r:50", 50);
    expect(table(original)).toBe("H10|i20|👍20| 20|🎉20|t26|h32|e38|r44|e50|\ud80050| 50");
  });

  it("gives a text without words all the time at its end", () => {
    const { original, normalized } = alignText("👍!", "pau:40", 40);
    expect(table(original)).toBe("👍0|!0| 40");
    expect(table(normalized)).toBe(" 0| 40");
    expect(table(alignText("", "pau:40", 40).original)).toBe(" 40");
  });

  it("ends with the audio, though the phones end beside it", () => {
    expect(table(alignText("Hi", "hh:10 ay:25 pau:33", 20).original)).toBe("H10|i20| 20");
    expect(table(alignText("Hi", "hh:10 ay:20", 30).original)).toBe("H15|i30| 30");
  });

  it("keeps its promises for every text and any phones", () => {
    const phone = fc.record({
      name: fc.constantFrom("pau", "aa", "b", "t", "iy", "s", "?"),
      endSample: fc.integer({ min: 0, max: 5000 }),
    });
    fc.assert(
      fc.property(
        anyText,
        fc.array(phone, { maxLength: 40 }),
        fc.integer({ min: 0, max: 5000 }),
        (text, phones, totalSamples) => {
          const normalized = normalize(text);
          const alignment = align({ text, normalized, phones, totalSamples, sampleRateHz });
          const { original, normalized: spoken } = alignment;
          const sent = text.endsWith(" ") ? text : `${text} `;
          expect(original.chars).toEqual(Array.from(sent));
          expect(spoken.chars.join("")).toBe(` ${normalized.text} `);
          for (const timings of [original, spoken]) {
            expect(timings.endsAtSample).toHaveLength(timings.chars.length);
            expect(timings.endsAtSample.at(-1)).toBe(totalSamples);
            expect(timings.endsAtSample).toEqual(timings.endsAtSample.toSorted());
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});

const anyText = fc.oneof(
  fc.string({ unit: "binary", maxLength: 30 }),
  fc.string({ unit: "grapheme", maxLength: 30 }),
  fc
    .array(
      fc.constantFrom(
        "a",
        "Mr.",
        "42",
        "$5.50",
        "1/2",
        "½",
        "é",
        "👍",
        " ",
        "\n",
        "—",
        ",",
        ".",
        "\ud800",
        "㎡",
        "Ж",
      ),
      { maxLength: 14 },
    )
    .map((parts) => parts.join("")),
);

describe("align, of a text that is rewritten", () => {
  function alignRewritten(
    text: string,
    pairs: string,
    totalSamples: number,
    rules: readonly PronunciationRule[] = [],
  ) {
    const normalized = normalize(text, rewrite(text, "ssml", rules));
    return align({ text, normalized, phones: phonesOf(pairs), totalSamples, sampleRateHz });
  }

  it("gives tags no time", () => {
    const { original, normalized } = alignRewritten(
      "<p>Hi</p> <b>",
      "pau:20 hh:30 ay:40 pau:60",
      60,
    );
    expect(table(original)).toBe("<0|p0|>0|H30|i40|<40|/40|p40|>40| 40|<40|b40|>40| 60");
    expect(normalized.chars.join("")).toBe(" Hi ");
  });

  it("times each phone that was asked for, and shares their time out among the word", () => {
    const text = "A <phoneme ph='kæt'>dog</phoneme>.";
    const { original, normalized } = alignRewritten(text, "ax:10 k:20 ae:50 t:70 pau:90", 90);
    expect(table(normalized)).toBe(" 0|A10| 10|K20| 20|A30|E40|150| 50|T70|.70| 90");
    const tag = "<phoneme ph='kæt'>".replaceAll(/./gu, "$&10|");
    const endTag = "</phoneme>".replaceAll(/./gu, "$&70|");
    expect(table(original)).toBe(`A10| 10|${tag}d30|o50|g70|${endTag}.70| 90`);
  });

  it("shares the time of an alias out among what it stands for", () => {
    const rule: PronunciationRule = { type: "alias", stringToReplace: "UN", alias: "by me" };
    const { original, normalized } = alignRewritten("UN!", "b:10 ay:20 m:30 iy:40 pau:50", 50, [
      rule,
    ]);
    expect(table(original)).toBe("U20|N40|!40| 50");
    expect(normalized.chars.join("")).toBe(" by me! ");
  });

  it("gives no time to a phone that the voice leaves out", () => {
    const text = "<phoneme ph='kæt'>dog</phoneme> me";
    const { normalized } = alignRewritten(text, "k:10 t:20 m:30 iy:40", 40);
    expect(table(normalized)).toBe(" 0|K10| 10|A10|E10|110| 10|T20| 20|m30|e40| 40");
  });
});
