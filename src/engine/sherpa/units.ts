import { pauseAfter, wholeCharacters } from "../../text/clauses.ts";
import { type FrontEnd, normalizeFor, type WrittenText } from "../../text/normalize-for.ts";
import { phonesSign, type Rewriting } from "../../text/rewrite.ts";
import type { Spoken } from "../stages/estimated-timings.ts";

/** A part of an utterance that is heard on its own: its text, and what is spoken for it. */
export interface Part {
  readonly text: string;
  /** What is spoken; `sourceAt` counts from the start of `text`. */
  readonly spoken: Spoken;
  /** `spoken.text` as the model is given it, one after the other. */
  readonly units: readonly string[];
}

/**
 * Models get out of breath, and the memory they take grows with what they say in one: longer
 * sentences are cut at white space. UTF-16 code units.
 */
const maxUnitChars = 200;

/**
 * Cuts an utterance where its sentences end. The parts' texts joined are `text`; each but the last
 * one ends in a space, as pieces of speech have to.
 */
export function partsOf(written: WrittenText, frontEnd: FrontEnd): readonly Part[] {
  const { text } = written;
  const { language } = frontEnd;
  const spoken = spokenFor(text, normalizeFor(frontEnd, written));
  const parts: Part[] = [];
  let units: string[] = [];
  let start = 0;
  let end = 0;
  let sourceStart = 0;
  for (const unit of unitsOf(spoken.text, language)) {
    units.push(unit);
    end += unit.length;
    const sourceEnd = end === spoken.text.length ? text.length : endInSource(text, spoken, end);
    if (sourceEnd === undefined) continue;
    parts.push({
      text: text.slice(sourceStart, sourceEnd),
      spoken: {
        text: spoken.text.slice(start, end),
        sourceAt: spoken.sourceAt
          .slice(start, end + 1)
          .map((at) => Math.min(at, sourceEnd) - sourceStart),
      },
      units,
    });
    units = [];
    start = end;
    sourceStart = sourceEnd;
  }
  if (parts.length === 0) parts.push({ text, spoken, units });
  return parts;
}

/** Where a part ends in the source whose last spoken character is a space of the source. */
function endInSource(text: string, { sourceAt }: Spoken, end: number): number | undefined {
  const last = sourceAt[end - 1] ?? 0;
  return text.charAt(last) === " " && (sourceAt[end] ?? 0) > last ? last + 1 : undefined;
}

/** What is spoken for a text. A word that is given by its phones is read as it is written: models have their own. */
function spokenFor(source: string, rewriting: Rewriting | undefined): Spoken {
  if (!rewriting) {
    return {
      text: source,
      sourceAt: Uint32Array.from({ length: source.length + 1 }, (_, at) => at),
    };
  }
  const { text, sourceAt, tags } = rewriting;
  if (!text.includes(phonesSign)) return rewriting;
  let spoken = "";
  const places: number[] = [];
  for (let index = 0; index < text.length; index += 1) {
    const at = sourceAt[index] ?? 0;
    const next = sourceAt[index + 1] ?? source.length;
    const isWord = text.charAt(index) === phonesSign;
    const tagAfter = tags.find((tag) => tag.start >= at && tag.start < next)?.start ?? next;
    const written = isWord ? source.slice(at, tagAfter) : text.charAt(index);
    for (let char = 0; char < written.length; char += 1) places.push(isWord ? at + char : at);
    spoken += written;
  }
  places.push(source.length);
  return { text: spoken, sourceAt: Uint32Array.from(places) };
}

/** Sentences with the white space behind them, none too long for a model. */
function* unitsOf(text: string, language: string): Generator<string> {
  const locale = language === "und" ? "en" : language;
  const segmenter = new Intl.Segmenter(locale, { granularity: "sentence" });
  let rest = "";
  for (const { segment } of segmenter.segment(text)) {
    rest += segment;
    while (rest.length > maxUnitChars) {
      const cut = cutBefore(rest, maxUnitChars);
      yield rest.slice(0, cut);
      rest = rest.slice(cut);
    }
    if (endsInAbbreviation(rest)) continue;
    yield rest;
    rest = "";
  }
  if (rest !== "") yield rest;
}

/** The segmenter takes the full stop of "Dr." for the end of a sentence. */
function endsInAbbreviation(sentence: string): boolean {
  const word = /\S{1,40}$/u.exec(sentence.slice(-60).trimEnd())?.[0] ?? "";
  return word.endsWith(".") && pauseAfter(word) === 0;
}

/** Behind the last white space up to `max`, or within a word that is longer. */
function cutBefore(text: string, max: number): number {
  const spaceAt = text.slice(0, max).search(/\s\S*$/u);
  return spaceAt > 0 ? spaceAt + 1 : wholeCharacters(text, max);
}
