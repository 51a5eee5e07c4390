import type { Alignment } from "../protocol/alignment.ts";
import type { Markup } from "../protocol/markup.ts";
import type { Boundary, BoundaryKind } from "../protocol/speech.ts";
import { pauseAfter } from "../text/clauses.ts";

/** A run of characters between white space. */
interface Word {
  readonly first: number;
  /** One past the last character. */
  readonly end: number;
}

/** Finds where the words and sentences of a context's text are heard, utterance by utterance. */
export class BoundaryFinder {
  readonly #kinds: readonly BoundaryKind[];
  readonly #markup: Markup;
  /** The sentence that has begun and not ended: it may go on in the next utterance. */
  #sentence: Boundary | undefined;

  constructor(kinds: readonly BoundaryKind[], markup: Markup = "none") {
    this.#kinds = kinds;
    this.#markup = markup;
  }

  /**
   * Boundaries that end in an utterance, in the order of their ends. `textOffset` is where it
   * begins in its context's text and `startSample` where its audio does.
   */
  find(alignment: Alignment, textOffset: number, startSample: number): Boundary[] {
    const { chars, endsAtSample } = alignment.original;
    const toMs = (sample: number): number =>
      Math.round(((startSample + sample) * 1000) / alignment.sampleRateHz);
    const words = wordsOf(chars);
    const heard =
      this.#markup === "ssml" ? words.flatMap((word) => heardOf(word, endsAtSample)) : words;
    return heard.flatMap(({ first, end }) => {
      const word: Boundary = {
        kind: "word",
        textOffset: textOffset + first,
        textLength: end - first,
        startMs: toMs(first === 0 ? 0 : (endsAtSample[first - 1] ?? 0)),
        endMs: toMs(endsAtSample[end - 1] ?? 0),
      };
      const { textOffset: from, startMs } = this.#sentence ?? word;
      this.#sentence = {
        kind: "sentence",
        textOffset: from,
        textLength: word.textOffset + word.textLength - from,
        startMs,
        endMs: word.endMs,
      };
      const ends = pauseAfter(chars.slice(first, end).join("")) === 2;
      return [...this.#asked(word), ...(ends ? this.rest() : [])];
    });
  }

  /** The sentence that nothing has ended. */
  rest(): Boundary[] {
    const sentence = this.#sentence;
    this.#sentence = undefined;
    return sentence ? this.#asked(sentence) : [];
  }

  #asked(boundary: Boundary): Boundary[] {
    return this.#kinds.includes(boundary.kind) ? [boundary] : [];
  }
}

function wordsOf(chars: readonly string[]): Word[] {
  const words: Word[] = [];
  let first = -1;
  chars.forEach((char, index) => {
    const isSpace = char.trim() === "";
    if (!isSpace && first < 0) first = index;
    if (isSpace && first >= 0) {
      words.push({ first, end: index });
      first = -1;
    }
  });
  return first < 0 ? words : [...words, { first, end: chars.length }];
}

/** A word without the tags at its ends, whose characters take no time; none if it is all tags. */
function heardOf({ first, end }: Word, endsAtSample: Uint32Array): Word[] {
  const isSilent = (index: number): boolean =>
    endsAtSample[index] === (index === 0 ? 0 : endsAtSample[index - 1]);
  let from = first;
  let to = end;
  while (from < to && isSilent(from)) from += 1;
  while (to > from && isSilent(to - 1)) to -= 1;
  return from < to ? [{ first: from, end: to }] : [];
}
