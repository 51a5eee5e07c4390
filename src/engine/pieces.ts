import type { CharacterTimings } from "../protocol/alignment.ts";
import type { Pcm } from "./synthesizer.ts";

/** Speech cut where its white space ends: a piece for each word, as far as both texts allow. */
export function cutAtWords(speech: Pcm): Pcm[] {
  const { samples, alignment } = speech;
  const { sampleRateHz, original, normalized } = alignment;
  const pieces: Pcm[] = [];
  const from = { sample: 0, original: 0, normalized: 0 };
  for (const charEnd of [...wordEnds(original), original.chars.length]) {
    const isLast = charEnd === original.chars.length;
    const end = isLast ? samples.length : (original.endsAtSample[charEnd - 1] ?? 0);
    const normalizedEnd = isLast
      ? normalized.chars.length
      : normalized.endsAtSample.findLastIndex((at) => at <= end) + 1;
    const isEmpty = end === from.sample || normalizedEnd === from.normalized;
    if (isEmpty && !isLast) continue;
    const texts = {
      original: sliceTimings(original, from.original, charEnd, from.sample, end),
      normalized: sliceTimings(normalized, from.normalized, normalizedEnd, from.sample, end),
    };
    pieces.push({
      samples: samples.slice(from.sample, end),
      alignment: { sampleRateHz, ...texts },
    });
    Object.assign(from, { sample: end, original: charEnd, normalized: normalizedEnd });
  }
  const last = pieces.at(-1);
  if (last && speech.synthesisMs !== undefined) {
    const { synthesisMs, isOfChild } = speech;
    pieces[pieces.length - 1] = { ...last, synthesisMs, ...(isOfChild && { isOfChild }) };
  }
  return pieces;
}

/** One past the last of each run of white space that something follows which is heard. */
function wordEnds({ chars, endsAtSample }: CharacterTimings): number[] {
  const total = endsAtSample.at(-1) ?? 0;
  const ends: number[] = [];
  for (let end = 1; end < chars.length; end += 1) {
    const isEnd = isSpace(chars[end - 1]) && !isSpace(chars[end]);
    if (isEnd && (endsAtSample[end - 1] ?? 0) < total) ends.push(end);
  }
  return ends;
}

const isSpace = (char: string | undefined): boolean => char?.trim() === "";

/** Some characters of a text, from and to a sample; the last one takes what is left. */
function sliceTimings(
  { chars, endsAtSample }: CharacterTimings,
  first: number,
  end: number,
  fromSample: number,
  toSample: number,
): CharacterTimings {
  const ends = endsAtSample.slice(first, end).map((at) => at - fromSample);
  if (ends.length > 0) ends[ends.length - 1] = toSample - fromSample;
  return { chars: chars.slice(first, end), endsAtSample: ends };
}
