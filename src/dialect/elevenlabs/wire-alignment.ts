import type { AlignmentSlice, CharacterSlice } from "../../protocol/alignment.ts";
import type { JsonBytes } from "../json-bytes.ts";

/**
 * Where the times of an alignment start to count: with the audio it travels with, or with the
 * first audio of the context.
 */
export type TimeBase = "chunk" | "context";

/** An alignment object of the HTTP endpoints. Times are in seconds. */
export interface HttpAlignment {
  readonly characters: readonly string[];
  readonly character_start_times_seconds: readonly number[];
  readonly character_end_times_seconds: readonly number[];
}

/** Rounded starts with the end as one more entry. */
function edges(characters: CharacterSlice, toUnit: (sample: number) => number): number[] {
  const { startSample, endsAtSample } = characters;
  const times = [toUnit(startSample)];
  for (let index = 0; index < endsAtSample.length; index += 1) {
    times.push(toUnit(endsAtSample[index] ?? 0));
  }
  return times;
}

/**
 * Writes the members of a socket's frame that say when its characters are heard: of each text its
 * characters, their starts and their durations in ms, three arrays of the same length, or `null`
 * when no character begins in the piece. Without arrays in between: it is in every frame.
 */
export function writeSocketAlignments(
  json: JsonBytes,
  slice: AlignmentSlice | undefined,
  base: TimeBase,
): void {
  if (!slice) return json.raw('"normalizedAlignment":null,"alignment":null');
  json.raw('"normalizedAlignment":');
  const start = json.length;
  writeCharacters(json, slice.normalized, slice, base);
  const end = json.length;
  json.raw(',"alignment":');
  // Mostly it is spoken as it was sent.
  if (isSame(slice.normalized, slice.original)) json.again(start, end);
  else writeCharacters(json, slice.original, slice, base);
}

function writeCharacters(
  json: JsonBytes,
  { chars, startSample, endsAtSample }: CharacterSlice,
  { sampleRateHz, frameStartSample, pieceStartSample }: AlignmentSlice,
  base: TimeBase,
): void {
  const count = chars.length;
  if (count === 0) return json.raw("null");
  const offset = base === "chunk" ? -frameStartSample : pieceStartSample;
  /** Where the character `index` begins, and where the one before it ends. */
  const edgeMs = (index: number): number => {
    const sample = index === 0 ? startSample : (endsAtSample[index - 1] ?? 0);
    return Math.round(((sample + offset) * 1000) / sampleRateHz);
  };
  json.raw('{"chars":');
  json.strings(chars);
  json.raw(',"charStartTimesMs":');
  json.integers(count, edgeMs);
  json.raw(',"charDurationsMs":');
  // Differences of rounded times never add up, and every start is the last one plus its duration.
  json.integers(count, (index) => edgeMs(index + 1) - edgeMs(index));
  json.raw("}");
}

function isSame(one: CharacterSlice, other: CharacterSlice): boolean {
  if (one === other) return true;
  const { length } = one.chars;
  if (length !== other.chars.length || one.startSample !== other.startSample) return false;
  for (let index = 0; index < length; index += 1) {
    if (one.chars[index] !== other.chars[index]) return false;
    if (one.endsAtSample[index] !== other.endsAtSample[index]) return false;
  }
  return true;
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
