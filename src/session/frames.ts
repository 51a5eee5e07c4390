import { samplesAhead } from "../audio/filter-bank.ts";
import type {
  Alignment,
  AlignmentSlice,
  CharacterSlice,
  CharacterTimings,
} from "../protocol/alignment.ts";
import type { AudioFormat } from "../protocol/audio-format.ts";

/** How long the pieces are that an utterance's audio is coded and sent in, in samples. */
export interface FrameSizes {
  /** Each piece after the first is up to twice as long as the one before. */
  readonly first: number;
  readonly max: number;
  /** What a piece may grow to, where that keeps a word whole. */
  readonly limit: number;
}

/** A listener who has nothing left to hear gets a short piece first. */
const firstMs = 100;
const maxMs = 1000;

/** Sizes for a voice's rate such that no coded piece is longer than `maxFrameBytes`. `isAwaited`: the listener waits. */
export function frameSizes(
  format: AudioFormat,
  sampleRateHz: number,
  maxFrameBytes: number,
  isAwaited: boolean,
): FrameSizes {
  const bytesPerSecond =
    format.bitrateBps === undefined
      ? format.sampleRateHz * (format.encoding === "pcm_s16le" ? 2 : 1)
      : // Ogg pages and the codec's own delay come on top of the nominal rate.
        format.bitrateBps / 4;
  // The last piece of an utterance comes with what the resampler has held back.
  const heldBack = samplesAhead(sampleRateHz, format.sampleRateHz);
  const room = Math.floor((maxFrameBytes / bytesPerSecond) * sampleRateHz);
  const limit = Math.max(1, room - heldBack);
  const max = Math.min(limit, Math.round((maxMs * sampleRateHz) / 1000));
  const first = isAwaited ? Math.round((firstMs * sampleRateHz) / 1000) : max;
  return { first: Math.min(max, first), max, limit };
}

/** Where each piece of `totalSamples` ends; the last one at the end. */
export function frameEnds(totalSamples: number, sizes: FrameSizes): number[] {
  const ends: number[] = [];
  let size = sizes.first;
  for (let end = size; end < totalSamples; end += size) {
    ends.push(end);
    size = Math.min(sizes.max, size * 2);
  }
  return [...ends, totalSamples];
}

/**
 * The same, but pieces end where a space ends, so that words are not cut: at the first such
 * place after the wished size, else at the last one before it, else at the limit.
 */
export function wordFrameEnds(timings: CharacterTimings, sizes: FrameSizes): number[] {
  const total = timings.endsAtSample.at(-1) ?? 0;
  const spaces = spaceEnds(timings);
  const ends: number[] = [];
  let start = 0;
  let size = sizes.first;
  for (let next = 0; ; ) {
    const furthest = start + sizes.limit;
    let end: number | undefined;
    let isWished = false;
    for (; !isWished && next < spaces.length; next += 1) {
      const space = spaces[next] ?? total;
      if (space > furthest || space >= total) break;
      if (space <= start) continue;
      end = space;
      isWished = space >= start + size;
    }
    if (!isWished && total <= furthest) return [...ends, total];
    start = end ?? furthest;
    ends.push(start);
    size = Math.min(sizes.max, size * 2);
  }
}

/** Where each white space of a text ends. */
function spaceEnds({ chars, endsAtSample }: CharacterTimings): number[] {
  const ends: number[] = [];
  for (let index = 0; index < chars.length; index += 1) {
    const char = chars[index] ?? "";
    if (char === " " || char.trim() === "") ends.push(endsAtSample[index] ?? 0);
  }
  return ends;
}

/** The characters that begin at `from` or later and before `to`; the last piece takes all the rest. */
export function sliceCharacters(
  timings: CharacterTimings,
  from: number,
  to: number,
): CharacterSlice {
  const { chars, endsAtSample } = timings;
  const total = endsAtSample.at(-1) ?? 0;
  const startOf = (index: number): number => (index === 0 ? 0 : (endsAtSample[index - 1] ?? 0));
  let first = 0;
  while (first < chars.length && startOf(first) < from) first += 1;
  let last = first;
  while (last < chars.length && (startOf(last) < to || to >= total)) last += 1;
  return {
    chars: chars.slice(first, last),
    startSample: startOf(first),
    endsAtSample: endsAtSample.subarray(first, last),
  };
}

/** The part of an utterance's alignment that belongs to the audio between two samples. */
export function sliceAlignment(
  alignment: Alignment,
  from: number,
  to: number,
  pieceStartSample: number,
): AlignmentSlice {
  return {
    sampleRateHz: alignment.sampleRateHz,
    frameStartSample: from,
    pieceStartSample,
    original: sliceCharacters(alignment.original, from, to),
    normalized: sliceCharacters(alignment.normalized, from, to),
  };
}

/** Two neighbouring pieces of alignment as one, which counts from where the earlier one does. */
export function joinSlices(
  earlier: AlignmentSlice | undefined,
  later: AlignmentSlice,
): AlignmentSlice {
  if (!earlier) return later;
  const shift = later.pieceStartSample - earlier.pieceStartSample;
  const both = (name: "original" | "normalized"): AlignmentSlice["original"] => ({
    chars: [...earlier[name].chars, ...later[name].chars],
    startSample: earlier[name].startSample,
    endsAtSample: Uint32Array.from([
      ...earlier[name].endsAtSample,
      ...later[name].endsAtSample.map((end) => end + shift),
    ]),
  });
  return { ...earlier, original: both("original"), normalized: both("normalized") };
}
