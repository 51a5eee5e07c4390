import type { Markup } from "../protocol/markup.ts";
import type { PronunciationRule } from "../protocol/pronunciation.ts";
import { findMarks, type Mark } from "./markup/marks.ts";
import type { Reading } from "./markup/say-as.ts";
import { parsePhones } from "./phones/phones.ts";
import { compilePronunciations } from "./pronunciations.ts";

/** A stretch of a text. Code units, `end` exclusive. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A text as it would be written if it had no markup and its words no rules. */
export interface Rewriting {
  /** Where a word is spoken by its phones, one `phonesSign` stands. */
  readonly text: string;
  /** [text.length + 1] where in the source each code unit of `text` begins; then the source's end. */
  readonly sourceAt: Uint32Array;
  /** In ARPAbet, one word for each `phonesSign`, in order. */
  readonly phones: readonly (readonly string[])[];
  /** The tags of the source, in order: they have their place in it, and no sound. */
  readonly tags: readonly Span[];
}

/** Stands for a word that is given by its phones; a private-use character. */
export const phonesSign = "\u{e000}";
/** What the same character in a source is taken for; it has no sound either. */
const otherPrivateUse = "\u{e001}";

/**
 * What is to be spoken instead of `source`. Nothing if that is the source itself, as for all text
 * without markup and rules, which pays nothing here.
 */
export function rewrite(
  source: string,
  markup: Markup,
  pronunciations: readonly PronunciationRule[] = [],
): Rewriting | undefined {
  const marks = markup === "ssml" ? findMarks(source).filter((mark) => mark.type !== "broken") : [];
  const replacements = [
    ...marks.flatMap((mark) => replacementsOf(mark, source)),
    ...rulesOutside(marks, source, pronunciations),
  ].toSorted((a, b) => a.start - b.start);
  return replacements.length === 0 ? undefined : carryOut(source, replacements);
}

/** What stands in the place of a stretch of the source; a tag gives way to nothing. */
interface Replacement extends Span {
  readonly by: Reading | "nothing";
}

function replacementsOf(mark: Mark, source: string): Replacement[] {
  const { start, end } = mark;
  if (mark.type === "entity") return [{ start, end, by: { type: "alias", text: mark.character } }];
  if (mark.type !== "element") return [{ start, end, by: "nothing" }];
  const { contentStart, contentEnd, reading } = mark;
  const content =
    reading.type === "as_written"
      ? entitiesIn(source, contentStart, contentEnd)
      : [{ start: contentStart, end: contentEnd, by: reading }];
  return [
    { start, end: contentStart, by: "nothing" },
    ...content,
    { start: contentEnd, end, by: "nothing" },
  ];
}

function entitiesIn(source: string, start: number, end: number): Replacement[] {
  return findMarks(source.slice(start, end)).flatMap((mark) =>
    replacementsOf({ ...mark, start: mark.start + start, end: mark.end + start }, source),
  );
}

function rulesOutside(
  marks: readonly Mark[],
  source: string,
  rules: readonly PronunciationRule[],
): Replacement[] {
  if (rules.length === 0) return [];
  const matches = compilePronunciations(rules).matchesIn(source);
  let next = 0;
  return matches.flatMap(({ rule, start, end }) => {
    while ((marks[next]?.end ?? Infinity) <= start) next += 1;
    const reading = readingOf(rule);
    const isOutside = (marks[next]?.start ?? Infinity) >= end;
    return isOutside && reading ? [{ start, end, by: reading }] : [];
  });
}

function readingOf(rule: PronunciationRule): Reading | undefined {
  if (rule.type === "alias") return { type: "alias", text: rule.alias };
  const phones = parsePhones(rule.phoneme, rule.alphabet);
  return phones && { type: "phones", phones };
}

function carryOut(source: string, replacements: readonly Replacement[]): Rewriting {
  let text = "";
  const sourceAt: number[] = [];
  const phones: (readonly string[])[] = [];
  const tags: Span[] = [];
  let copied = 0;
  const copyUntil = (end: number): void => {
    for (let at = copied; at < end; at += 1) sourceAt.push(at);
    text += source.slice(copied, end).replaceAll(phonesSign, otherPrivateUse);
    copied = end;
  };
  for (const { start, end, by } of replacements) {
    copyUntil(start);
    copied = end;
    if (by === "nothing") {
      tags.push({ start, end });
      continue;
    }
    const instead = replacementText(by);
    if (by.type === "phones") phones.push(by.phones);
    text += instead;
    sourceAt.push(...sharesOf(source, { start, end }, instead.length));
  }
  copyUntil(source.length);
  sourceAt.push(source.length);
  return { text, sourceAt: Uint32Array.from(sourceAt), phones, tags };
}

/**
 * Where in `source` each of `length` code units begins that stand in the place of a stretch of it:
 * each character of the stretch takes its share of the time.
 */
export function sharesOf(source: string, { start, end }: Span, length: number): number[] {
  return Array.from({ length }, (_, index) => {
    const share = start + Math.floor(((end - start) * index) / length);
    return isInsidePair(source, share) ? share - 1 : share;
  });
}

function replacementText(reading: Reading): string {
  if (reading.type === "phones") return phonesSign;
  return reading.type === "alias" ? reading.text.replaceAll(phonesSign, otherPrivateUse) : "";
}

function isInsidePair(text: string, at: number): boolean {
  const unit = text.charCodeAt(at);
  const before = text.charCodeAt(at - 1);
  return unit >= 0xdc00 && unit < 0xe000 && before >= 0xd800 && before < 0xdc00;
}
