import type { CharacterTimings } from "../../protocol/alignment.ts";
import type { Pcm } from "../synthesizer.ts";
import { letterWeights } from "../stages/letter-weights.ts";
import type { PlainText } from "./plain-text.ts";
import { SampleQueue } from "./sample-queue.ts";
import { shareOut } from "./share-out.ts";

interface SpokenChar {
  readonly char: string;
  readonly end: number;
}

/**
 * Puts together what comes of an utterance, audio and times in any portions, and gives whole
 * pieces of it: the audio of words that have come to their end. All times are in samples from the
 * start of the utterance.
 */
export class PieceBuilder {
  readonly #plain: PlainText;
  readonly #sampleRateHz: number;
  /** Audio that was not given yet. */
  readonly #waiting = new SampleQueue();
  #received = 0;
  /** When each code unit of the plain text has been said, as far as it is known. */
  readonly #unitEnds: number[] = [];
  /** Of a voice that tells; else it is taken to speak the plain text as it is written. */
  #spoken: SpokenChar[] | undefined;
  /** Where the next piece begins. */
  #from = { sample: 0, char: 0, unit: 0, spoken: 0 };

  constructor(plain: PlainText, sampleRateHz: number) {
    this.#plain = plain;
    this.#sampleRateHz = sampleRateHz;
  }

  /** Samples that came so far. */
  get received(): number {
    return this.#received;
  }

  /** Code units of the plain text whose time is known. */
  get timedUnits(): number {
    return this.#unitEnds.length;
  }

  /** When the last of them ends. */
  get timedUntil(): number {
    return this.#unitEnds.at(-1) ?? 0;
  }

  addSamples(samples: Int16Array): void {
    this.#waiting.push(samples);
    this.#received += samples.length;
  }

  /** The next code units of the plain text have been said at these times. */
  addUnitEnds(ends: readonly number[]): void {
    for (const end of ends) this.#unitEnds.push(Math.max(this.timedUntil, Math.round(end)));
  }

  /** The next character that the voice says it has spoken. */
  addSpoken(char: string, end: number): void {
    this.#spoken ??= [];
    const before = this.#spoken.at(-1)?.end ?? 0;
    this.#spoken.push({ char, end: Math.max(before, Math.round(end)) });
  }

  /** All words that are whole by now; some audio is always kept for the last piece. */
  take(): Pcm | undefined {
    const { mayEnd, saidUnits } = this.#plain;
    let cut: { readonly char: number; readonly sample: number } | undefined;
    for (let index = this.#from.char; index < saidUnits.length - 1; index += 1) {
      const units = saidUnits[index] ?? 0;
      if (units > this.#unitEnds.length) break;
      const sample = this.#endOf(units);
      if (sample >= this.#received) break;
      if (mayEnd[index] === 1 && sample > this.#from.sample) cut = { char: index + 1, sample };
    }
    if (!cut) return undefined;
    const spoken = this.#spoken ? this.#spokenUntil(cut.sample) : 0;
    if (this.#spoken && spoken === this.#from.spoken) return undefined;
    return this.#give(cut.char, cut.sample, spoken);
  }

  /** All that is left; characters without a time share what has none. Nothing if no audio came. */
  finish(): Pcm | undefined {
    if (this.#received === 0) return undefined;
    this.#shareRest();
    const { source } = this.#plain;
    if (this.#spoken?.length === this.#from.spoken) this.addSpoken(" ", this.#received);
    return this.#give(source.length, this.#received, this.#spoken?.length ?? 0);
  }

  #endOf(units: number): number {
    return this.#unitEnds[units - 1] ?? 0;
  }

  /** How many of the spoken characters are heard by then. */
  #spokenUntil(sample: number): number {
    // Times come rounded to milliseconds.
    const latest = sample + this.#sampleRateHz / 1000;
    let count = this.#from.spoken;
    while ((this.#spoken?.[count]?.end ?? Number.POSITIVE_INFINITY) <= latest) count += 1;
    return count;
  }

  #shareRest(): void {
    const weights = letterWeights(this.#plain.text.slice(this.#unitEnds.length));
    const from = Math.min(this.timedUntil, this.#received);
    this.addUnitEnds(shareOut(weights, from, this.#received));
  }

  #give(charEnd: number, sampleEnd: number, spokenEnd: number): Pcm {
    const from = this.#from;
    const { source, saidUnits } = this.#plain;
    const length = sampleEnd - from.sample;
    const within = (end: number): number => Math.min(length, Math.max(0, end - from.sample));
    const timings = (
      chars: readonly string[],
      endOf: (index: number) => number,
    ): CharacterTimings => {
      const endsAtSample = Uint32Array.from(chars, (_, index) => within(endOf(index)));
      endsAtSample[endsAtSample.length - 1] = length;
      return { chars, endsAtSample };
    };
    const units = saidUnits[charEnd - 1] ?? 0;
    const spoken = this.#spoken?.slice(from.spoken, spokenEnd) ?? this.#asWritten(from.unit, units);
    const original = source.slice(from.char, charEnd);
    this.#from = { sample: sampleEnd, char: charEnd, unit: units, spoken: spokenEnd };
    return {
      samples: this.#waiting.take(length),
      alignment: {
        sampleRateHz: this.#sampleRateHz,
        original: timings(original, (index) => this.#endOf(saidUnits[from.char + index] ?? 0)),
        normalized: timings(
          spoken.map(({ char }) => char),
          (index) => spoken[index]?.end ?? 0,
        ),
      },
    };
  }

  #asWritten(from: number, to: number): SpokenChar[] {
    let unit = from;
    return Array.from(this.#plain.text.slice(from, to), (char) => {
      unit += char.length;
      return { char, end: this.#endOf(unit) };
    });
  }
}
