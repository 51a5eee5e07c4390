import type { AlignmentSlice, CharacterSlice } from "../../protocol/alignment.ts";

/**
 * Where the times of an alignment start to count: with the audio it travels with, or with the
 * first audio of the context.
 */
export type TimeBase = "chunk" | "context";

/** An alignment object of the sockets. All three arrays have the same length; times are in ms. */
export interface SocketAlignment {
  readonly chars: readonly string[];
  readonly charStartTimesMs: readonly number[];
  readonly charDurationsMs: readonly number[];
}

/** An alignment object of the HTTP endpoints. Times are in seconds. */
export interface HttpAlignment {
  readonly characters: readonly string[];
  readonly character_start_times_seconds: readonly number[];
  readonly character_end_times_seconds: readonly number[];
}

/**
 * Rounded starts with the end as one more entry. Durations are differences of these, so that
 * rounding never adds up and every start is the last start plus the last duration.
 */
function edges(characters: CharacterSlice, toUnit: (sample: number) => number): number[] {
  const { startSample, endsAtSample } = characters;
  const times = [toUnit(startSample)];
  for (let index = 0; index < endsAtSample.length; index += 1) {
    times.push(toUnit(endsAtSample[index] ?? 0));
  }
  return times;
}

/** `null` when no character begins in the piece. */
export function formatSocketAlignment(
  slice: AlignmentSlice,
  which: "original" | "normalized",
  base: TimeBase,
): SocketAlignment | null {
  const characters = slice[which];
  if (characters.chars.length === 0) return null;
  const offset = base === "chunk" ? -slice.frameStartSample : slice.pieceStartSample;
  const times = edges(characters, (sample) =>
    Math.round(((sample + offset) * 1000) / slice.sampleRateHz),
  );
  const charDurationsMs: number[] = [];
  for (let index = 1; index < times.length; index += 1) {
    charDurationsMs.push((times[index] ?? 0) - (times[index - 1] ?? 0));
  }
  times.pop();
  return { chars: characters.chars, charStartTimesMs: times, charDurationsMs };
}

/** Makes the alignment objects of one HTTP response, whose times count from its start. */
export class HttpAlignmentFormatter {
  /** What is still to come of the text, to tell its own spaces from added ones. */
  #rest: string;

  constructor(text: string) {
    this.#rest = text.trimStart();
  }

  /** `null` when no character begins in the pieces. */
  format(
    slices: readonly AlignmentSlice[],
    which: "original" | "normalized",
  ): HttpAlignment | null {
    const characters: string[] = [];
    const starts: number[] = [];
    const ends: number[] = [];
    for (const slice of slices) {
      const times = edges(slice[which], (sample) => toSeconds(sample, slice));
      slice[which].chars.forEach((char, index) => {
        const end = times[index + 1] ?? 0;
        if (which === "original" && this.#isAdded(char)) {
          // The space that ends an utterance on the sockets has no place in a whole text.
          if (ends.length > 0) ends[ends.length - 1] = end;
          return;
        }
        characters.push(char);
        starts.push(times[index] ?? 0);
        ends.push(end);
      });
    }
    if (characters.length === 0) return null;
    return {
      characters,
      character_start_times_seconds: starts,
      character_end_times_seconds: ends,
    };
  }

  #isAdded(char: string): boolean {
    if (!this.#rest.startsWith(char)) return true;
    this.#rest = this.#rest.slice(char.length);
    return false;
  }
}

const toSeconds = (sample: number, slice: AlignmentSlice): number =>
  Math.round(((sample + slice.pieceStartSample) * 1000) / slice.sampleRateHz) / 1000;
