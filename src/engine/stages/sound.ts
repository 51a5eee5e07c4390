/** A stretch of silence within speech, in samples. */
export interface Pause {
  readonly start: number;
  readonly end: number;
}

/** Where an utterance's audio is heard, in samples. */
export interface Sound {
  /** Where it begins and ends to be heard; equal if nothing is. */
  readonly start: number;
  readonly end: number;
  /** Between the two, in order. */
  readonly pauses: readonly Pause[];
  /** Samples from one frame to the next. */
  readonly hop: number;
  readonly frames: Frames;
}

/** What the sound is like in each of its frames. */
export interface Frames {
  /** From 0, as quiet as silence, to 1, as loud as the loudest of it. */
  readonly loud: Float64Array;
  /** From 0 to 1: how often the wave goes through zero, most often in an S. */
  readonly hiss: Float64Array;
}

const frameMs = 10;
/** Silence is this far below what is loud, or not far above the quietest there is. */
const belowLoudDb = 38;
const aboveQuietDb = 8;
/** But never closer to what is loud than this: else what is quiet in speech would be silence. */
const closestToLoudDb = 28;
/** Shorter silence is part of a sound, such as a stop. */
const minPauseMs = 50;
/** Audio that is never above this is silence, whatever is the loudest in it. */
const faintest = 20;

/** Finds where speech is heard and where it pauses, by its energy. */
export function findSound(samples: Int16Array, sampleRateHz: number): Sound {
  const hop = Math.max(1, Math.round((sampleRateHz * frameMs) / 1000));
  const levels = levelsOf(samples, hop);
  const threshold = thresholdOf(levels);
  const isLoud = (frame: number): boolean => (levels[frame] ?? 0) > threshold;
  const pauses: Pause[] = [];
  let first = -1;
  let last = -1;
  for (let frame = 0; frame < levels.length; frame += 1) {
    if (!isLoud(frame)) continue;
    if (first < 0) first = frame;
    else if ((frame - last - 1) * frameMs >= minPauseMs) {
      pauses.push({ start: (last + 1) * hop, end: frame * hop });
    }
    last = frame;
  }
  const frames = { loud: loudnessOf(levels), hiss: hissOf(samples, hop, sampleRateHz) };
  if (first < 0) return { start: 0, end: 0, pauses: [], hop, frames };
  const end = Math.min(samples.length, (last + 1) * hop);
  return { start: first * hop, end, pauses, hop, frames };
}

function loudnessOf(levels: Float64Array): Float64Array {
  const loud = levels.toSorted()[Math.floor(0.95 * (levels.length - 1))] ?? 0;
  return levels.map((level) => {
    const belowDb = 20 * Math.log10(Math.max(level, 1) / Math.max(loud, 1));
    return Math.min(1, Math.max(0, 1 + belowDb / belowLoudDb));
  });
}

/** This many crossings in a second, or more, are all hiss. */
const hissingHz = 6000;

function hissOf(samples: Int16Array, hop: number, sampleRateHz: number): Float64Array {
  const hiss = new Float64Array(Math.ceil(samples.length / hop));
  for (let frame = 0; frame < hiss.length; frame += 1) {
    const end = Math.min(samples.length, (frame + 1) * hop);
    let crossings = 0;
    for (let at = frame * hop + 1; at < end; at += 1) {
      if ((samples[at] ?? 0) >= 0 !== (samples[at - 1] ?? 0) >= 0) crossings += 1;
    }
    hiss[frame] = Math.min(1, ((crossings / (end - frame * hop)) * sampleRateHz) / hissingHz);
  }
  return hiss;
}

/** Root mean square of each frame. */
function levelsOf(samples: Int16Array, hop: number): Float64Array {
  const levels = new Float64Array(Math.ceil(samples.length / hop));
  for (let frame = 0; frame < levels.length; frame += 1) {
    const end = Math.min(samples.length, (frame + 1) * hop);
    let sum = 0;
    for (let at = frame * hop; at < end; at += 1) sum += (samples[at] ?? 0) ** 2;
    levels[frame] = Math.sqrt(sum / (end - frame * hop));
  }
  return levels;
}

function thresholdOf(levels: Float64Array): number {
  const sorted = levels.toSorted();
  const at = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
  const loud = at(0.95);
  const quiet = at(0.02);
  const factor = (db: number): number => 10 ** (db / 20);
  const threshold = Math.max(loud * factor(-belowLoudDb), quiet * factor(aboveQuietDb));
  return Math.max(faintest, Math.min(threshold, loud * factor(-closestToLoudDb)));
}
