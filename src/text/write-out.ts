import { fold } from "./fold.ts";
import { createBefore } from "./normalize.ts";
import { type Manner, type PlacedReading, readAlong } from "./readings/read-along.ts";
import { say } from "./readings/reading.ts";
import { inTurn, literals, meanings } from "./readings/rules.ts";
import { phonesSign, type Rewriting, sharesOf } from "./rewrite.ts";

/**
 * A text with its figures, signs, addresses and abbreviations in words, and everything else as it
 * is: letters of all scripts, marks, white space. Nothing if there is nothing to be written out.
 */
export function writeOut(
  source: string,
  rewriting: Rewriting | undefined,
  language: string,
): Rewriting | undefined {
  const from = rewriting ?? asWritten(source);
  const folded = fold(from.text, phonesSign);
  const writer = createWriter(from);
  let isChanged = false;
  for (const reading of readAlong(folded.text, manner, createBefore(language))) {
    const start = folded.sourceAt[reading.start] ?? from.text.length;
    const end = folded.sourceAt[reading.end] ?? from.text.length;
    const words = wordsFor(reading, folded.text);
    if (words === undefined) {
      writer.copy(end);
      continue;
    }
    isChanged = true;
    writer.copy(start);
    writer.replace(end, words);
  }
  if (!isChanged) return rewriting;
  writer.copy(from.text.length);
  return writer.finish();
}

const asWritten = (text: string): Rewriting => ({
  text,
  sourceAt: Uint32Array.from({ length: text.length + 1 }, (_, at) => at),
  phones: [],
  tags: [],
});

/** Nothing if a reading is what stands there. */
function wordsFor(reading: PlacedReading, folded: string): string | undefined {
  const { kind, text, start, end, isInAddress } = reading;
  // Such as "https://", which nobody says.
  if (kind === "gap" && isInAddress) return "";
  if (kind !== "words" || text === folded.slice(start, end)) return undefined;
  return joinLetters(text);
}

/**
 * Readings spell with a word for each letter, and with "ay" for the first of them. Who knows what
 * letters are takes them in capitals, with dots because they might be a word.
 */
function joinLetters(words: string): string {
  return words.replaceAll(/(?<![A-Za-z])(?:(?!a )(?:ay|[b-z])(?![A-Za-z]) ?)+/g, (letters) => {
    const names = letters.trim().split(" ");
    const capitals = names.map((name) => name.charAt(0).toUpperCase());
    const end = letters.endsWith(" ") ? " " : "";
    return capitals.join(".") + end;
  });
}

const wordChar = /[\p{L}\p{N}\p{M}]/u;

interface Writer {
  /** Goes on with what stands there, up to `end`. */
  copy(end: number): void;
  /** Puts words in the place of what stands there up to `end`. */
  replace(end: number, words: string): void;
  finish(): Rewriting;
}

/** Writes `from` anew, from left to right. */
function createWriter(from: Rewriting): Writer {
  let text = "";
  const sourceAt: number[] = [];
  let position = 0;
  let isAfterWords = false;
  const append = (more: string, places: Iterable<number>): void => {
    text += more;
    for (const place of places) sourceAt.push(from.sourceAt[place] ?? 0);
  };
  const separate = (): void => append(" ", [position]);
  return {
    copy(end) {
      if (end <= position) return;
      const copied = from.text.slice(position, end);
      const isJoined = wordChar.test(text.slice(-1)) && wordChar.test(copied.charAt(0));
      if (isAfterWords && isJoined) separate();
      append(copied, places(position, end));
      position = end;
      isAfterWords = false;
    },
    replace(end, words) {
      if (wordChar.test(text.slice(-1))) separate();
      append(words, sharesOf(from.text, { start: position, end }, words.length));
      position = end;
      isAfterWords = true;
    },
    finish: () => ({
      text,
      sourceAt: Uint32Array.from([...sourceAt, from.sourceAt[from.text.length] ?? 0]),
      phones: from.phones,
      tags: from.tags,
    }),
  };
}

function* places(start: number, end: number): Generator<number> {
  for (let at = start; at < end; at += 1) yield at;
}

/** Words are left as they are; so are marks, which are no words. */
const manner: Manner = {
  rules: inTurn(meanings, {
    atLetters: [[/[A-Za-z]+(?:'[A-Za-z]+)*/y, (match) => say(match, [match[0]])]],
    elsewhere: literals.elsewhere,
  }),
  readsAddresses: true,
};
