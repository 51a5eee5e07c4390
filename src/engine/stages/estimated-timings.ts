import type { Alignment, CharacterTimings } from "../../protocol/alignment.ts";
import type { Rewriting } from "../../text/rewrite.ts";
import { weighLetters } from "./letter-weights.ts";
import { matchPauses, type Stretch } from "./match-pauses.ts";
import { placeLetters } from "./place-letters.ts";
import { findSound } from "./sound.ts";

/** What was spoken in the place of a text, and where in the text each part of it comes from. */
export type Spoken = Pick<Rewriting, "text" | "sourceAt">;

/**
 * When each character of an utterance is heard, judged by its sound alone: pauses are matched with
 * marks and white space, and what lies between is shared out among the letters. For engines that
 * do not say. The original text gets one more space at its end unless it has one, the normalized
 * one at each end, as `align` in text/ does it. With `spoken`, tags of `text` get no time.
 */
export function estimateTimings(
  text: string,
  samples: Int16Array,
  sampleRateHz: number,
  spoken: Spoken = asWritten(text),
): Alignment {
  const ends = endsOfSpoken(spoken.text, samples, sampleRateHz);
  const total = samples.length;
  return {
    sampleRateHz,
    original: timeOriginal(text, spoken, ends, total),
    normalized: timeNormalized(spoken.text, ends, total),
  };
}

function asWritten(text: string): Spoken {
  return { text, sourceAt: Uint32Array.from({ length: text.length + 1 }, (_, at) => at) };
}

/** When the sound begins, and when each code unit of a spoken text ends. */
interface SpokenEnds {
  readonly onset: number;
  /** [text.length, and one more unless the text ends in white space] */
  readonly ends: Float64Array;
}

function endsOfSpoken(text: string, samples: Int16Array, sampleRateHz: number): SpokenEnds {
  // A space of its own at the end holds the silence there.
  const closed = /\s$/u.test(text) ? text : `${text} `;
  const weighed = weighLetters(closed);
  const sound = findSound(samples, sampleRateHz);
  const audio = { samples: samples.length, sampleRateHz };
  const stretches = matchPauses(closed, weighed.weights, sound, audio);
  const ends = new Float64Array(closed.length);
  for (const stretch of stretches) {
    const isPlaced = placeLetters(stretch, weighed, sound, ends);
    if (!isPlaced) shareOut(stretch, weighed.weights, ends);
  }
  return { onset: sound.start, ends };
}

/** Gives each character of a stretch its share of the stretch's time. */
function shareOut(stretch: Stretch, weights: Float64Array, ends: Float64Array): void {
  const { start, end, from, until } = stretch;
  const sum = weights.subarray(start, end).reduce((total, weight) => total + weight, 0);
  let heard = 0;
  for (let at = start; at < end; at += 1) {
    heard += weights[at] ?? 0;
    // What has no weight at all is silence of some length: its characters share it alike.
    const share = sum > 0 ? heard / sum : (at + 1 - start) / (end - start);
    ends[at] = from + (until - from) * share;
  }
}

/** Each character of the source ends where the first spoken one begins that comes from behind it. */
function timeOriginal(
  text: string,
  { sourceAt }: Spoken,
  { ends }: SpokenEnds,
  total: number,
): CharacterTimings {
  const chars = Array.from(text.endsWith(" ") ? text : `${text} `);
  let source = 0;
  let at = 0;
  const endsAtSample = Uint32Array.from(chars, (char) => {
    source += char.length;
    while (at < ends.length && (sourceAt[at] ?? 0) < source) at += 1;
    return at === 0 ? 0 : Math.round(ends[at - 1] ?? 0);
  });
  endsAtSample[endsAtSample.length - 1] = total;
  return { chars, endsAtSample };
}

/** White space collapsed, with a space of its own at each end for the silence there. */
function timeNormalized(
  text: string,
  { onset, ends }: SpokenEnds,
  total: number,
): CharacterTimings {
  const chars = [" "];
  const endsAtSample = [onset];
  let end = 0;
  for (const char of text) {
    end += char.length;
    const until = Math.max(endsAtSample.at(-1) ?? 0, Math.round(ends[end - 1] ?? 0));
    const isSpace = char.trim() === "";
    if (isSpace && chars.at(-1) === " ") endsAtSample[chars.length - 1] = until;
    else {
      chars.push(isSpace ? " " : char);
      endsAtSample.push(until);
    }
  }
  if (chars.length === 1 || chars.at(-1) !== " ") {
    chars.push(" ");
    endsAtSample.push(total);
  }
  endsAtSample[endsAtSample.length - 1] = total;
  return { chars, endsAtSample: Uint32Array.from(endsAtSample) };
}
