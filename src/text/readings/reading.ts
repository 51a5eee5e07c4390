/**
 * `words`: one or more words with single spaces. `phones`: one word by its phones in ARPAbet, with
 * single spaces. `mark`: one of `, . ? ! ; :`. `gap`: a space.
 */
export type PieceKind = "words" | "phones" | "mark" | "gap";

/** What one reading of the text at a position gives, before spaces are decided. */
export interface Reading {
  readonly length: number;
  readonly kind: PieceKind;
  readonly text: string;
}

/** What has been read so far, as far as later readings depend on it. */
export interface Before {
  /** The last thing written, in source spelling, and the one before: "Henry" decides what V means. */
  previous: string;
  beforePrevious: string;
  /** Whether a mark stands after the previous word. */
  marked: boolean;
  /** Whether the previous word was the day in a date such as "April 21": a year may follow. */
  day: boolean;
  /** The words still to come that are given by their phones. */
  readonly phones: (readonly string[])[];
  /** Whether 3/4/2026 is in April, as it is in English outside of America. */
  readonly dayFirst: boolean;
}

/** How what a pattern matches is read; nothing if it is not meant after all. */
export type Rule = readonly [
  RegExp,
  (match: RegExpExecArray, before: Before) => Reading | undefined,
];

/** What is matched, spoken as these words. */
export function say(match: RegExpExecArray, words: readonly string[]): Reading {
  return { length: match[0].length, kind: "words", text: words.join(" ") };
}

/** The first `length` characters of what is matched, spoken as these words. */
export function sayPart(length: number, words: readonly string[]): Reading {
  return { length, kind: "words", text: words.join(" ") };
}

/** What is matched, as a mark. */
export function mark(match: RegExpExecArray, text: string): Reading {
  return { length: match[0].length, kind: "mark", text };
}

/** What is matched has no sound. */
export function gap(match: RegExpExecArray): Reading {
  return { length: match[0].length, kind: "gap", text: "" };
}

/** Some of what follows the match. */
export function after(match: RegExpExecArray): string {
  return match.input.slice(match.index + match[0].length, match.index + match[0].length + 24);
}

/**
 * One word per letter. The letter A is written "ay", its sound: a lone "a" would be read as the
 * article.
 */
export function spell(letters: string): string[] {
  return Array.from(letters.toLowerCase(), (letter) => (letter === "a" ? "ay" : letter));
}
