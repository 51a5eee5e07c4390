import { pauseAfter, type PauseStrength } from "../../text/clauses.ts";
import { letterWeights } from "./letter-weights.ts";
import { LoudnessFrames } from "./loudness-frames.ts";
import { shareOut } from "./share-out.ts";

/** What is known of the voice. */
export interface ExpectedPace {
  readonly msPerLetter: number;
  readonly speed: number;
}

/** A word with the white space after it. Code units. */
interface Word {
  readonly start: number;
  readonly spaceStart: number;
  readonly end: number;
  readonly weight: number;
  readonly strength: PauseStrength;
}

/** A voice pauses this long after a word, at speed 1: within a clause, at its end, at a sentence's. */
const pausesMs: Record<PauseStrength, number> = { 0: 0, 1: 130, 2: 300 };
/** How far from where it is expected the end of a word is looked for. */
const searchMs: Record<PauseStrength, number> = { 0: 100, 1: 250, 2: 300 };
/** Shorter silence is part of a sound, such as a stop. */
const minPauseMs = 50;

/**
 * Judges where words end while their audio still comes: by how fast the voice speaks, and by the
 * pauses in its sound. What it says depends on the audio alone, not on the portions it comes in.
 * Where the last word ends only the end of the audio tells.
 */
export class ProgressiveTimings {
  readonly #weights: Float64Array;
  readonly #words: readonly Word[];
  readonly #frames: LoudnessFrames;
  readonly #samplesPerMs: number;
  readonly #pace: ExpectedPace;
  #received = 0;
  #next = 0;
  /** Where the last word ended. */
  #cut = 0;
  /** A place where it is known what was said: words are expected from there on. */
  #anchor: { readonly sample: number; readonly word: number } | undefined;

  constructor(text: string, sampleRateHz: number, pace: ExpectedPace) {
    this.#weights = letterWeights(text);
    this.#words = findWords(text, this.#weights);
    this.#frames = new LoudnessFrames(sampleRateHz);
    this.#samplesPerMs = sampleRateHz / 1000;
    this.#pace = pace;
  }

  /** When each of the next code units ends, as far as that can be said after this audio. */
  hear(samples: Int16Array): number[] {
    this.#frames.add(samples);
    this.#received += samples.length;
    const ends: number[] = [];
    const { onset } = this.#frames;
    if (onset === undefined) return ends;
    this.#anchor ??= { sample: onset, word: 0 };
    for (; this.#next < this.#words.length - 1; this.#next += 1) {
      const found = this.#endOfWord(this.#next, this.#anchor);
      if (!found) break;
      ends.push(...found);
    }
    return ends;
  }

  /** The pace at which a voice says a text that it took all this time for. */
  paceOf(totalSamples: number): number {
    const weight = this.#words.reduce((sum, word) => sum + word.weight, 0);
    const inner = this.#words.slice(0, -1);
    const pauses = inner.reduce((sum, { strength }) => sum + pausesMs[strength], 0);
    const onset = this.#frames.onset ?? 0;
    const ms = ((totalSamples - onset) / this.#samplesPerMs) * this.#pace.speed;
    return weight > 0 ? Math.max(0, ms - pauses) / weight : this.#pace.msPerLetter;
  }

  #endOfWord(index: number, anchor: { sample: number; word: number }): number[] | undefined {
    const word = this.#words[index] as Word;
    const perMs = this.#samplesPerMs / this.#pace.speed;
    const expected = anchor.sample + this.#expectedMs(anchor.word, index) * perMs;
    const aside = searchMs[word.strength] * perMs;
    if (this.#received < expected + aside) return undefined;
    const from = Math.max(this.#cut + 1, expected - aside);
    const quiet = this.#frames.longestQuiet(from, expected + aside);
    const start = this.#cut;
    const letters = this.#weights.subarray(word.start, word.spaceStart);
    const spaces = this.#weights.subarray(word.spaceStart, word.end);
    if (quiet && quiet.end - quiet.start >= minPauseMs * perMs) {
      this.#cut = quiet.end;
      this.#anchor = { sample: quiet.end, word: index + 1 };
      return [
        ...shareOut(letters, start, quiet.start),
        ...shareOut(spaces, quiet.start, quiet.end),
      ];
    }
    this.#cut = Math.round(
      this.#frames.faintestPlace(from, expected + aside, Math.max(from, expected)),
    );
    return [...shareOut(letters, start, this.#cut), ...spaces.map(() => this.#cut)];
  }

  /** From where the first of these words begins until where the last one ends, its pause included. */
  #expectedMs(first: number, last: number): number {
    const words = this.#words.slice(first, last + 1);
    return words.reduce(
      (sum, { weight, strength }) => sum + weight * this.#pace.msPerLetter + pausesMs[strength],
      0,
    );
  }
}

/** All words of a text; what stands before the first one belongs to it. */
function findWords(text: string, weights: Float64Array): Word[] {
  const words: Word[] = [];
  let start = 0;
  for (const { 0: found, index } of text.matchAll(/\S+(\s*)/gu)) {
    const spaceStart = index + found.trimEnd().length;
    const end = index + found.length;
    const weight = weights.subarray(start, end).reduce((sum, each) => sum + each, 0);
    const strength = pauseAfter(text.slice(Math.max(index, spaceStart - 40), spaceStart));
    words.push({ start, spaceStart, end, weight, strength });
    start = end;
  }
  return words;
}
