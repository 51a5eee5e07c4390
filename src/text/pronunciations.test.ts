import { describe, expect, it } from "vitest";
import type { PronunciationRule } from "../protocol/pronunciation.ts";
import { compilePronunciations } from "./pronunciations.ts";

const alias = (stringToReplace: string, by = "x"): PronunciationRule => ({
  type: "alias",
  stringToReplace,
  alias: by,
});

const matches = (text: string, ...written: string[]): string[] =>
  compilePronunciations(written.map((string) => alias(string)))
    .matchesIn(text)
    .map(({ rule, start, end }) => `${rule.stringToReplace}@${start}-${end}`);

const rows: readonly (readonly [
  text: string,
  rules: readonly string[],
  found: readonly string[],
])[] = [
  ["a cat, a cat", ["cat"], ["cat@2-5", "cat@9-12"]],
  ["cats concat cat_ cat1 écat caté Cat CAT", ["cat"], []],
  ["cat's (cat) cat-like", ["cat"], ["cat@0-3", "cat@7-10", "cat@12-15"]],
  ["in New York city", ["New York"], ["New York@3-11"]],
  ["in New Yorkshire", ["New York"], []],
  ["in New  York", ["New York"], []],
  ["C++ and C, C+++", ["C++"], ["C++@0-3", "C++@11-14"]],
  ["+1 and 2+1", ["+1"], ["+1@0-2", "+1@8-10"]],
  ["New York", ["York", "New York"], ["York@4-8"]],
  ["New York", ["New York", "York"], ["New York@0-8"]],
  ["cat cat cat", ["cat cat"], ["cat cat@0-7"]],
  ["\u{20000}x cat\u{20000}", ["cat"], []],
  ["cat", ["", "  ", " cat "], [" cat @0-3"]],
];

describe("rules", () => {
  it.each(rows)("%j: %j", (text, rules, found) => {
    expect(matches(text, ...rules)).toEqual(found);
  });

  it("that occur are found in the order of the list, each once", () => {
    const rules = ["dog", "cat", "cow", "a cat"].map((written) => alias(written));
    const compiled = compilePronunciations(rules);
    expect(compiled.occurringIn("a cat, a dog, a cat")).toEqual([rules[0], rules[1], rules[3]]);
    expect(compiled.occurringIn("nothing")).toEqual([]);
  });

  it("apply in any case, or inside words, if they say so", () => {
    const found = (text: string, rule: Partial<PronunciationRule>): string[] =>
      compilePronunciations([{ ...alias("cat"), ...rule } as PronunciationRule])
        .matchesIn(text)
        .map(({ start, end }) => text.slice(start, end));
    const text = "Cat, cat, concat and CATS";
    expect(found(text, {})).toEqual(["cat"]);
    expect(found(text, { caseSensitive: false })).toEqual(["Cat", "cat"]);
    expect(found(text, { wordBoundaries: false })).toEqual(["cat", "cat"]);
    expect(found(text, { caseSensitive: false, wordBoundaries: false })).toEqual([
      "Cat",
      "cat",
      "cat",
      "CAT",
    ]);
  });

  it("are looked up, not tried one after another", () => {
    const many = compilePronunciations(
      Array.from({ length: 20_000 }, (_, index) => alias(`word${index} next`)),
    );
    const few = compilePronunciations([alias("word7 next")]);
    const text = "word7 next and some more words of an utterance as long as they come. ".repeat(3);
    const timeOf = (rules: typeof many): number => {
      const startedAt = performance.now();
      for (let run = 0; run < 300; run += 1) rules.occurringIn(text);
      return performance.now() - startedAt;
    };
    timeOf(few);
    // Trying each of them would take thousands of times as long.
    expect(timeOf(many)).toBeLessThan(20 * timeOf(few));
    expect(many.occurringIn(text)).toHaveLength(1);
  });
});
