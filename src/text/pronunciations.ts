import type { PronunciationRule } from "../protocol/pronunciation.ts";

/** One place where a rule applies. Code units into the text, `end` exclusive. */
export interface RuleMatch {
  readonly rule: PronunciationRule;
  readonly start: number;
  readonly end: number;
}

/** A list of rules made ready to be looked for. */
export interface Pronunciations {
  /** The rules whose words occur in a text, in their order: all that an engine needs for it. */
  occurringIn(text: string): PronunciationRule[];
  /** Where rules apply, from left to right: the earlier rule wins, and no two overlap. */
  matchesIn(text: string): RuleMatch[];
}

interface Entry {
  readonly rule: PronunciationRule;
  readonly written: string;
  readonly order: number;
}

/** Words, and every other sign by itself. */
const tokens = /[\p{L}\p{N}\p{M}_]+|[^\s\p{L}\p{N}\p{M}_]/gu;
const wordCharacter = /[\p{L}\p{N}\p{M}_]/u;

/**
 * Rules by the first word of what they replace, so that a text costs the same however many there
 * are. They apply to whole words only, as they are written, capitals included.
 */
export function compilePronunciations(rules: readonly PronunciationRule[]): Pronunciations {
  const byFirstToken = new Map<string, Entry[]>();
  rules.forEach((rule, order) => {
    const written = rule.stringToReplace.trim();
    const [first] = written.match(tokens) ?? [];
    if (first === undefined) return;
    const entries = byFirstToken.get(first) ?? [];
    entries.push({ rule, written, order });
    byFirstToken.set(first, entries);
  });

  /** Every place where a rule's words stand; places may overlap. */
  const occurrences = (text: string): (Entry & RuleMatch)[] => {
    if (byFirstToken.size === 0) return [];
    const found: (Entry & RuleMatch)[] = [];
    for (const { 0: token, index } of text.matchAll(tokens)) {
      for (const entry of byFirstToken.get(token) ?? []) {
        const end = index + entry.written.length;
        if (!text.startsWith(entry.written, index) || cutsWord(text, end)) continue;
        found.push({ ...entry, start: index, end });
      }
    }
    return found;
  };

  return {
    occurringIn(text) {
      const entries = new Map(occurrences(text).map(({ order, rule }) => [order, rule]));
      return [...entries].toSorted(([a], [b]) => a - b).map(([, rule]) => rule);
    },
    matchesIn(text) {
      const kept: RuleMatch[] = [];
      const taken = new Uint8Array(text.length);
      const inOrder = occurrences(text).toSorted((a, b) => a.order - b.order || a.start - b.start);
      for (const { rule, start, end } of inOrder) {
        if (taken.subarray(start, end).includes(1)) continue;
        taken.fill(1, start, end);
        kept.push({ rule, start, end });
      }
      return kept.toSorted((a, b) => a.start - b.start);
    },
  };
}

/** Whether the characters on both sides of `at` belong to one word. */
function cutsWord(text: string, at: number): boolean {
  return wordCharacter.test(characterBefore(text, at)) && wordCharacter.test(characterAt(text, at));
}

const characterAt = (text: string, at: number): string =>
  at < text.length ? String.fromCodePoint(text.codePointAt(at) ?? 0) : "";

function characterBefore(text: string, at: number): string {
  const low = text.charCodeAt(at - 1);
  return characterAt(text, low >= 0xdc00 && low < 0xe000 ? at - 2 : at - 1);
}
