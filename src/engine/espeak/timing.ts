import type { CharacterTimings } from "../../protocol/alignment.ts";
import type { ScriptChar } from "./script.ts";

/** A word as espeak-ng was heard to say it. */
export interface HeardWord {
  /** Its first character, of a piece's. */
  readonly first: number;
  readonly startSample: number;
  /** Where each of its sounds ends. */
  readonly soundEnds: readonly number[];
}

/**
 * Where each character ends. The letters of a word share its sounds; marks take no time, and white
 * space has the silence before the next word.
 */
export function timeChars(
  chars: readonly ScriptChar[],
  heard: readonly HeardWord[],
  totalSamples: number,
): Uint32Array {
  const ends = new Uint32Array(chars.length);
  const words = joinUnordered(chars, heard);
  ends.fill(words[0]?.startSample ?? 0);
  words.forEach((word, index) => {
    const next = words[index + 1];
    const until = next?.first ?? chars.length;
    const endSample = next?.startSample ?? totalSamples;
    const sounds = [word.startSample, ...word.soundEnds.map((end) => Math.min(end, endSample))];
    const soundEnd = sounds.length > 1 ? (sounds.at(-1) ?? endSample) : endSample;
    const bodyEnd = endOfBody(chars, word.first, until);
    const letters = bodyEnd - word.first;
    let tailEnd = soundEnd;
    for (let place = word.first; place < until; place += 1) {
      const share = (place - word.first + 1) / letters;
      if (place >= bodyEnd && chars[place]?.isSpace) tailEnd = endSample;
      ends[place] = place < bodyEnd ? Math.round(pointIn(sounds, share, soundEnd)) : tailEnd;
    }
    ends[until - 1] = endSample;
  });
  if (chars.length > 0) ends[chars.length - 1] = totalSamples;
  return ends;
}

/** One past the last letter, or else the last mark, of a word that begins at `first`. */
function endOfBody(chars: readonly ScriptChar[], first: number, until: number): number {
  const part = chars.slice(first, until);
  const letter = part.findLastIndex(({ isSounding }) => isSounding);
  const mark = part.findLastIndex(({ isSpace }) => !isSpace);
  return first + Math.max(1, (letter >= 0 ? letter : mark) + 1);
}

/** The point that divides some stretches by their number in a ratio. */
function pointIn(bounds: readonly number[], share: number, otherwise: number): number {
  const place = share * (bounds.length - 1);
  const index = Math.floor(place);
  const start = bounds[index] ?? otherwise;
  return start + (place - index) * ((bounds[index + 1] ?? start) - start);
}

/** Of a long number the words do not come in the order of its figures: they are one word. */
function joinUnordered(chars: readonly ScriptChar[], heard: readonly HeardWord[]): HeardWord[] {
  const runs: HeardWord[][] = [];
  for (const word of heard) {
    const before = runs.at(-1)?.at(-1);
    const low = Math.min(before?.first ?? word.first, word.first);
    const high = Math.max(before?.first ?? word.first, word.first);
    const isSame = before && !chars.slice(low, high).some(({ isSpace }) => isSpace);
    if (isSame) runs.at(-1)?.push(word);
    else runs.push([word]);
  }
  return runs.flatMap((run) => {
    const isOrdered = run.every(({ first }, at) => at === 0 || first > (run[at - 1]?.first ?? -1));
    return isOrdered ? run : [joinWords(run)];
  });
}

const joinWords = (words: readonly HeardWord[]): HeardWord => ({
  first: Math.min(...words.map(({ first }) => first)),
  startSample: words[0]?.startSample ?? 0,
  soundEnds: words.flatMap(({ soundEnds }) => soundEnds),
});

/** The same for the text as sent, a stretch of which the characters were made from. */
export function timeSource(
  source: string,
  sourceStart: number,
  chars: readonly ScriptChar[],
  ends: Uint32Array,
): CharacterTimings {
  const points = Array.from(source);
  const endsAtSample = new Uint32Array(points.length);
  let place = 0;
  let at = sourceStart;
  points.forEach((point, index) => {
    at += point.length;
    while ((chars[place]?.sourceStart ?? Infinity) < at) place += 1;
    endsAtSample[index] = place === 0 ? 0 : (ends[place - 1] ?? 0);
  });
  if (points.length > 0) endsAtSample[points.length - 1] = ends.at(-1) ?? 0;
  return { chars: points, endsAtSample };
}

/** The text as spoken, white space collapsed; the first piece of an utterance begins with a space. */
export function timeSpoken(
  chars: readonly ScriptChar[],
  ends: Uint32Array,
  isFirst: boolean,
): CharacterTimings {
  const spoken: string[] = isFirst ? [" "] : [];
  const spokenEnds: number[] = isFirst ? [0] : [];
  chars.forEach(({ spoken: said, isSpace }, index) => {
    const end = ends[index] ?? 0;
    const start = spokenEnds.at(-1) ?? 0;
    if (isSpace && spoken.at(-1) === " ") {
      spokenEnds[spokenEnds.length - 1] = end;
      return;
    }
    const points = Array.from(said);
    points.forEach((point, place) => {
      spoken.push(point);
      spokenEnds.push(Math.round(start + ((end - start) * (place + 1)) / points.length));
    });
  });
  spokenEnds[spokenEnds.length - 1] = ends.at(-1) ?? 0;
  return { chars: spoken, endsAtSample: Uint32Array.from(spokenEnds) };
}
