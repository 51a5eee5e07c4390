import * as fc from "fast-check";
import { expect, it } from "vitest";
import type { TextNormalization } from "../protocol/normalization.ts";
import { type FrontEnd, normalizeFor } from "./normalize-for.ts";

const text = "Dr. Wu paid $5.";
const inWords = "doctor Wu paid five dollars.";

const rows: readonly (readonly [
  language: string,
  needs: FrontEnd["needs"],
  normalization: TextNormalization | undefined,
  spoken: string,
])[] = [
  ["en-US", "words", undefined, inWords],
  ["en-US", "words", "auto", inWords],
  ["en-US", "words", "on", inWords],
  ["en-US", "words", "off", text],
  ["en", "nothing", undefined, text],
  ["en", "nothing", "auto", text],
  ["en", "nothing", "on", inWords],
  ["en", "nothing", "off", text],
  ["de", "nothing", "on", text],
  ["de-AT", "words", "auto", text],
  ["enm", "words", "on", text],
];

it.each(rows)("gives a voice of %s that needs %s, asked for %s: %s", (...row) => {
  const [language, needs, normalization, spoken] = row;
  const rewriting = normalizeFor({ language, needs }, { text, markup: "none", normalization });
  expect(rewriting?.text ?? text).toBe(spoken);
});

it("puts the day first where that is the custom", () => {
  const read = (language: string): string | undefined =>
    normalizeFor({ language, needs: "words" }, { text: "by 3/4/2026", markup: "none" })?.text;
  expect(read("en-US")).toBe("by march fourth twenty twenty six");
  expect(read("en-GB")).toBe("by april third twenty twenty six");
  expect(read("en")).toBe("by march fourth twenty twenty six");
});

it("says where each letter comes from", () => {
  const rewriting = normalizeFor(
    { language: "en", needs: "words" },
    { text: "é 5 km!", markup: "none" },
  );
  expect(rewriting?.text).toBe("é five kilometers!");
  const { sourceAt = [] } = rewriting ?? {};
  expect([...sourceAt]).toEqual([0, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 6, 7]);
});

it("writes out what markup and rules have left, and keeps their tags and phones", () => {
  const rewriting = normalizeFor(
    { language: "en", needs: "words" },
    {
      text: "<p>5 km</p> of SQL, 6 of 7",
      markup: "ssml",
      pronunciations: [
        {
          type: "alias",
          stringToReplace: "SQL",
          alias: "100 sequels",
        },
      ],
    },
  );
  expect(rewriting?.text).toBe("five kilometers of one hundred sequels, six of seven");
  expect(rewriting?.tags).toEqual([
    { start: 0, end: 3 },
    { start: 7, end: 11 },
  ]);
});

it("leaves alone what is no English figure", () => {
  fc.assert(
    fc.property(
      fc.string({
        unit: fc.constantFrom(
          "你",
          "Ж",
          "é",
          "ü",
          "م",
          "\u093e",
          "👍",
          "\u200d",
          "\u{10ffff}",
          " ",
          ",",
          "\n",
          "\u00a0",
        ),
      }),
      (letters) => {
        const asked = { text: letters, markup: "none", normalization: "on" } as const;
        expect(normalizeFor({ language: "en", needs: "words" }, asked)).toBeUndefined();
      },
    ),
  );
});

it("keeps places in order, whole characters, and everything that is not written out", () => {
  fc.assert(
    fc.property(anyText, (source) => {
      const asked = { text: source, markup: "none" } as const;
      const rewriting = normalizeFor({ language: "en-US", needs: "words" }, asked);
      if (!rewriting) return;
      const { text: spoken, sourceAt } = rewriting;
      expect(sourceAt.length).toBe(spoken.length + 1);
      expect(sourceAt.at(-1)).toBe(source.length);
      for (const [index, at] of sourceAt.entries()) {
        expect(at).toBeGreaterThanOrEqual(sourceAt[index - 1] ?? 0);
      }
      // Words come from whole characters.
      for (const [index, at] of sourceAt.entries()) {
        const isWord = /[a-z]/.test(spoken.charAt(index));
        if (isWord) expect(source.charCodeAt(at) & 0xfc00).not.toBe(0xdc00);
      }
      expect(spoken.match(/👍|\n/gu)).toEqual(source.match(/👍|\n/gu));
    }),
    { numRuns: 1000 },
  );
});

const anyText = fc
  .array(
    fc.constantFrom(
      ..."a A I Mr. Dr. 42 1881 1,000 3.5 $5 £6 % / - . , ? ' é 你 👍 B2B e.g. 10:30 XIV Henry April 5km 9-5 +1 a@b.co https://x.io/a-b 21st (iv) vs.".split(
        " ",
      ),
      " ",
      "  ",
      "\n",
    ),
    { maxLength: 16 },
  )
  .map((parts) => parts.join(""));
