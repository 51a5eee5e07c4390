import { pauseAfter, type PauseStrength } from "../../text/clauses.ts";
import { letterWeights } from "../stages/letter-weights.ts";
import { frameSamples, type Pause, QuietPlaces } from "./quiet-places.ts";
import { shareOut } from "./share-out.ts";
import type { HeardPace, Pace } from "./voice-pace.ts";

/** A word with the white space after it. Code units. */
interface Word {
  readonly start: number;
  readonly spaceStart: number;
  readonly end: number;
  readonly weight: number;
  readonly strength: PauseStrength;
}

/** A place where it is known what was said: words are expected from there on. */
interface Anchor {
  readonly sample: number;
  readonly word: number;
}

/** Silence that is shorter is a stop within a word, which may well last a tenth of a second. */
const shortestMs: Record<PauseStrength, number> = { 0: 220, 1: 100, 2: 100 };
/** A pause is hardly ever in the middle of a clause, and then a long one. */
const unlikelihood: Record<PauseStrength, number> = { 0: 0.3, 1: 0, 2: 0 };
/** A pause is taken for the end of a word that is expected no further off, as a share of the time that led there. */
const farthest = 0.35;
/** How much of the pace between two pauses goes into what is expected after them. */
const adaptation = 0.2;
/** Audio that is waited for behind a word: what comes after it may show that it ended elsewhere. */
const aheadMs = 400;

/**
 * Judges where words end while their audio still comes: by how fast the voice speaks, and by the
 * pauses in its sound. What it says depends on the audio alone, not on the portions it comes in.
 * Where the last word ends only the end of the audio tells.
 */
export class ProgressiveTimings {
  readonly #weights: Float64Array;
  readonly #words: readonly Word[];
  /** [words + 1] of all words before one. */
  readonly #weightBefore: Float64Array;
  readonly #pausesMsBefore: Float64Array;
  readonly #frameSamples: number;
  readonly #places: QuietPlaces;
  readonly #samplesPerMs: number;
  readonly #pace: Pace;
  /** Pauses that were found, by the word they come after. */
  readonly #pauses = new Map<number, number>();
  /** Adapted to what is heard. */
  #msPerLetter: number;
  #received = 0;
  #next = 0;
  /** Where the last word ended. */
  #cut = 0;
  #anchor: Anchor | undefined;

  /** `totalSamples` are those that will come, when that is known beforehand. */
  constructor(text: string, sampleRateHz: number, pace: Pace, totalSamples?: number) {
    this.#weights = letterWeights(text);
    this.#words = findWords(text, this.#weights);
    this.#weightBefore = sumsBefore(this.#words.map(({ weight }) => weight));
    this.#pausesMsBefore = sumsBefore(this.#words.map(({ strength }) => pace.pausesMs[strength]));
    this.#frameSamples = frameSamples(sampleRateHz);
    this.#places = new QuietPlaces(sampleRateHz);
    this.#samplesPerMs = sampleRateHz / 1000;
    this.#pace = pace;
    this.#msPerLetter = pace.msPerLetter;
    if (totalSamples !== undefined) this.#msPerLetter = this.#paceWithin(totalSamples);
  }

  /** When each of the next code units ends, as far as that can be said after this audio. */
  hear(samples: Int16Array): number[] {
    const ends: number[] = [];
    for (let at = 0; at < samples.length; ) {
      // To the end of a frame, so that nothing depends on how much comes at once.
      const left = this.#frameSamples - (this.#received % this.#frameSamples);
      const part = samples.subarray(at, at + left);
      at += part.length;
      this.#received += part.length;
      if (part.length < left) this.#places.add(part);
      else ends.push(...this.#onFrame(this.#places.add(part)));
    }
    return ends;
  }

  /** How fast it will have to be said to take so long; as usual if that is no speech. */
  #paceWithin(totalSamples: number): number {
    const { msPerLetter } = this.#pace;
    const weight = this.#weightBefore.at(-1) ?? 0;
    const silentMs = this.#pausesMsBefore.at(-1) ?? 0;
    const told = (totalSamples / this.#samplesPerMs - silentMs) / weight;
    return told > msPerLetter / 2 && told < msPerLetter * 2 ? told : msPerLetter;
  }

  #onFrame(pause: Pause | undefined): number[] {
    return [...(pause ? this.#onPause(pause) : []), ...this.#sayExpected()];
  }

  /** How the voice spoke, now that all of it has come. */
  get heard(): HeardPace {
    const weight = this.#weightBefore.at(-1) ?? 0;
    const inner = this.#words.slice(0, -1);
    const pauses = inner.map(({ strength }, index) => ({
      strength,
      ms: this.#pauses.get(index) ?? 0,
    }));
    const silentMs = pauses.reduce((sum, { ms }) => sum + ms, 0);
    const ms = (this.#received - (this.#places.onset ?? 0)) / this.#samplesPerMs - silentMs;
    return { msPerLetter: weight > 0 ? ms / weight : this.#pace.msPerLetter, pauses };
  }

  /** Words that must have ended by now, though nothing showed where. */
  #sayExpected(): number[] {
    const { onset } = this.#places;
    if (onset === undefined) return [];
    this.#anchor ??= { sample: onset, word: 0 };
    const ends: number[] = [];
    while (this.#next < this.#words.length - 1) {
      const { sample, word } = this.#anchor;
      const end = sample + this.#expectedMs(word, this.#next + 1) * this.#samplesPerMs;
      if (this.#received < end + aheadMs * this.#samplesPerMs) break;
      ends.push(...this.#endWords(this.#next + 1, Math.max(end, this.#cut + 1)));
    }
    return ends;
  }

  /** What was said by then, if the pause is likely to be between two words. */
  #onPause({ start, end }: Pause): number[] {
    const anchor = this.#anchor;
    if (!anchor) return [];
    const pauseMs = (end - start) / this.#samplesPerMs;
    const passedMs = (start - anchor.sample) / this.#samplesPerMs;
    let nearest = farthest;
    let after = -1;
    for (let index = anchor.word; index < this.#words.length - 1; index += 1) {
      const { strength } = this.#words[index] as Word;
      if (pauseMs < shortestMs[strength]) continue;
      const expectedMs = this.#expectedMs(anchor.word, index + 1) - this.#pace.pausesMs[strength];
      if (passedMs < expectedMs * (1 - farthest)) break;
      const off = Math.abs(passedMs - expectedMs) / Math.max(passedMs, expectedMs);
      const distance = off + unlikelihood[strength];
      if (distance < nearest) [nearest, after] = [distance, index + 1];
    }
    if (after < 0) return [];
    const { strength } = this.#words[after - 1] as Word;
    const expectedMs = this.#expectedMs(anchor.word, after) - this.#pace.pausesMs[strength];
    if (expectedMs > 0) this.#msPerLetter *= (passedMs / expectedMs) ** adaptation;
    this.#anchor = { sample: end, word: after };
    this.#pauses.set(after - 1, pauseMs);
    return after > this.#next && start > this.#cut ? this.#endWords(after, start, end) : [];
  }

  /** Shares out the time since the last cut among words; the last one's white space has the pause. */
  #endWords(after: number, sample: number, pauseEnd: number = sample): number[] {
    const first = this.#words[this.#next] as Word;
    const last = this.#words[after - 1] as Word;
    const from = this.#cut;
    const until = Math.round(sample);
    const letters = shareOut(this.#weights.subarray(first.start, last.spaceStart), from, until);
    const spaces = Array.from({ length: last.end - last.spaceStart }, () => Math.round(pauseEnd));
    this.#next = after;
    this.#cut = Math.round(pauseEnd);
    return [...letters, ...spaces];
  }

  /** From where one word begins until where another one does. */
  #expectedMs(first: number, after: number): number {
    const between = (before: Float64Array): number => (before[after] ?? 0) - (before[first] ?? 0);
    return between(this.#weightBefore) * this.#msPerLetter + between(this.#pausesMsBefore);
  }
}

/** [values + 1] the sum of all values before each. */
function sumsBefore(values: readonly number[]): Float64Array {
  const sums = new Float64Array(values.length + 1);
  values.forEach((value, index) => {
    sums[index + 1] = (sums[index] ?? 0) + value;
  });
  return sums;
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
