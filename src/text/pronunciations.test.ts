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

  it("cost the same however many there are", () => {
    const many = compilePronunciations(
      Array.from({ length: 20_000 }, (_, index) => alias(`word${index} next`)),
    );
    const text = "word7 next and some more words of an utterance as long as they come. ".repeat(3);
    const startedAt = performance.now();
    for (let run = 0; run < 100; run += 1) many.occurringIn(text);
    // Looking for each of them would take a hundred times as long.
    expect((performance.now() - startedAt) / 100).toBeLessThan(2);
    expect(many.occurringIn(text)).toHaveLength(1);
  });
});
