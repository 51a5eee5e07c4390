import fc from "fast-check";
import { expect, it } from "vitest";
import type { PronunciationRule } from "../../protocol/pronunciation.ts";
import type { FrontEnd } from "../../text/normalize-for.ts";
import { partsOf } from "./units.ts";

const frontEnd = (language: string): FrontEnd => ({ language, needs: "nothing" });
const textsOf = (text: string, language = "en-US"): string[] =>
  partsOf({ text, markup: "none" }, frontEnd(language)).map((part) => part.text);

it.each<[string, string, readonly string[]]>([
  ["en-US", "Hello there. How are you? Fine!", ["Hello there. ", "How are you? ", "Fine!"]],
  ["en-US", "Ask Dr. Smith, i.e. him. Or not.", ["Ask Dr. Smith, i.e. him. ", "Or not."]],
  ["de-DE", "Guten Tag.  Auf Wiedersehen.", ["Guten Tag.  ", "Auf Wiedersehen."]],
  // A piece has to end in a space; this script has none.
  ["zh", "你好。再见。", ["你好。再见。"]],
  ["und", "One.\nTwo. Three.", ["One.\nTwo. ", "Three."]],
  ["en-US", "", [""]],
  ["en-US", "   ", ["   "]],
])("in %s cuts %j where its sentences end", (language, text, expected) => {
  expect(textsOf(text, language)).toEqual(expected);
});

it("gives the model each sentence on its own, also where pieces cannot be cut", () => {
  const [part] = partsOf({ text: "你好。再见。", markup: "none" }, frontEnd("zh"));
  expect(part?.units).toEqual(["你好。", "再见。"]);
});

it("cuts what is too long for one breath at white space", () => {
  const parts = partsOf({ text: "word ".repeat(200), markup: "none" }, frontEnd("en-US"));
  expect(parts.length).toBeGreaterThan(3);
  expect(parts.every(({ text }) => text.length <= 200 && text.endsWith("word "))).toBe(true);
});

it("reads a word that is given by its phones as it is written", () => {
  const text = "Say <phoneme alphabet='ipa' ph='təˈmɑːtoʊ'>tomato</phoneme> <b>now</b>.";
  const [part] = partsOf({ text, markup: "ssml" }, frontEnd("en-US"));
  expect(part?.units).toEqual(["Say tomato now."]);
  expect(part?.text).toBe(text);
  const places = [...(part?.spoken.sourceAt ?? [])];
  expect(places[4]).toBe(text.indexOf("tomato"));
  expect(places.at(-1)).toBe(text.length);
});

const rules: readonly PronunciationRule[] = [
  { type: "alias", stringToReplace: "a", alias: "an A. B. c " },
  { type: "phoneme", stringToReplace: "b", phoneme: "B IY1", alphabet: "cmu-arpabet" },
];
const anyText = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 60 }),
  fc
    .array(
      fc.constantFrom("a", "b", "Dr.", " ", ". ", "! ", "<p>", "</p>", "&amp;", "x".repeat(301)),
    )
    .map((parts) => parts.join("")),
);

it("loses and repeats nothing of any text, whatever is spoken for it", () => {
  fc.assert(
    fc.property(anyText, fc.constantFrom("none" as const, "ssml" as const), (text, markup) => {
      const parts = partsOf({ text, markup, pronunciations: rules }, frontEnd("en"));
      expect(parts.map((part) => part.text).join("")).toBe(text);
      parts.forEach((part, index) => {
        const { text: spoken, sourceAt } = part.spoken;
        expect(part.units.join("")).toBe(spoken);
        expect(sourceAt).toHaveLength(spoken.length + 1);
        expect(sourceAt.every((at, place) => at >= (sourceAt[place - 1] ?? 0))).toBe(true);
        expect(sourceAt.at(-1)).toBeLessThanOrEqual(part.text.length);
        if (index < parts.length - 1) expect(part.text).toMatch(/ $/);
      });
    }),
  );
});
