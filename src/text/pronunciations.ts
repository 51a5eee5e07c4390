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
 * Rules by how what they replace begins, so that a text costs the same however many there are.
 * They apply to whole words only, as they are written, capitals included, unless a rule says
 * otherwise.
 */
export function compilePronunciations(rules: readonly PronunciationRule[]): Pronunciations {
  /** Rules for whole words, by the first word, and rules for any place, by the first character. */
  const byFirstToken = new Map<string, Entry[]>();
  const byFirstCharacter = new Map<string, Entry[]>();
  rules.forEach((rule, order) => {
    const written = rule.stringToReplace.trim();
    const isWhole = rule.wordBoundaries ?? true;
    const first = isWhole ? written.match(tokens)?.[0] : characterAt(written, 0);
    if (!first) return;
    const index = isWhole ? byFirstToken : byFirstCharacter;
    const key = first.toLowerCase();
    const entries = index.get(key) ?? [];
    entries.push({ rule, written, order });
    index.set(key, entries);
  });

  /** Every place where a rule's words stand; places may overlap. */
  const occurrences = (text: string): (Entry & RuleMatch)[] => {
    const found: (Entry & RuleMatch)[] = [];
    const look = (entries: readonly Entry[] | undefined, start: number): void => {
      for (const entry of entries ?? []) {
        const end = start + entry.written.length;
        if (stands(entry, text, start, end)) found.push({ ...entry, start, end });
      }
    };
    if (byFirstToken.size > 0) {
      for (const { 0: token, index } of text.matchAll(tokens)) {
        look(byFirstToken.get(token.toLowerCase()), index);
      }
    }
    if (byFirstCharacter.size > 0) {
      for (let index = 0; index < text.length; index += 1) {
        look(byFirstCharacter.get(characterAt(text, index).toLowerCase()), index);
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

function stands({ rule, written }: Entry, text: string, start: number, end: number): boolean {
  const there = text.slice(start, end);
  const isSame =
    (rule.caseSensitive ?? true)
      ? there === written
      : there.toLowerCase() === written.toLowerCase();
  return isSame && (rule.wordBoundaries === false || !cutsWord(text, end));
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
