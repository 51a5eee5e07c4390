import { pauseAfter, type PauseStrength } from "../../text/clauses.ts";
import type { Pause, Sound } from "./sound.ts";

/** Some characters of a text, and the samples in which they are heard. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
  readonly from: number;
  readonly until: number;
}

/** A place between two words, where a voice may pause. */
interface Gap {
  /** The white space, in code units. */
  readonly start: number;
  readonly end: number;
  /** Weight of all that is heard before it. */
  readonly weight: number;
  readonly strength: PauseStrength;
}

/** A pause that is taken for a gap, and what led there. */
interface Match {
  readonly gap: number;
  readonly pause: number;
  readonly cost: number;
  readonly before: Match | undefined;
}

/** How unlikely things are; the least unlikely reading of the sound is taken. */
const costs = {
  /** Of a pause at a gap, by what stands before it. */
  taken: [3, 0, 0],
  /** Of a gap without a pause. */
  passed: [0, 2, 5],
  /** Of a pause in the middle of words: for each second that it is longer than a stop. */
  ignoredPerSecond: 80,
  longestStopSeconds: 0.05,
  /** Standard deviation of how long something is, as a share of the square root of its length in seconds. */
  spread: 0.2,
} as const;

/** Readings that are followed at the same time, and gaps that are tried on each side of a likely one. */
const beam = 48;
const gapsAside = 10;

/** White space, and marks that stand for a pause without one. */
const gapPattern = /\s+|[\u3001\u3002\uff01\uff0c\uff1a\uff1b\uff1f\u2013\u2014\u2026]+\s*/gu;

/**
 * Finds which of the pauses in a sound are between which words of a text, and cuts both there. The
 * stretches follow one another without gap or overlap, in the text and in the sound.
 */
export function matchPauses(
  text: string,
  weights: Float64Array,
  sound: Sound,
  audio: { readonly samples: number; readonly sampleRateHz: number },
): Stretch[] {
  const gaps = findGaps(text, weights);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const matches = total > 0 ? likeliest(gaps, total, sound, audio.sampleRateHz) : [];
  const first = Math.max(
    0,
    weights.findIndex((weight) => weight > 0),
  );
  const stretches: Stretch[] = [{ start: 0, end: first, from: 0, until: sound.start }];
  const add = (end: number, until: number): void => {
    const { end: start, until: from } = stretches.at(-1) as Stretch;
    stretches.push({ start, end, from, until });
  };
  for (const { gap, pause } of matches) {
    add(gap.start, pause.start);
    add(gap.end, pause.end);
  }
  const last = text.trimEnd().length;
  add(Math.max(last, stretches.at(-1)?.end ?? 0), sound.end);
  add(text.length, audio.samples);
  return stretches;
}

function findGaps(text: string, weights: Float64Array): Gap[] {
  const gaps: Gap[] = [];
  let at = 0;
  let weight = 0;
  for (const match of text.matchAll(gapPattern)) {
    const start = match.index;
    for (; at < start; at += 1) weight += weights[at] ?? 0;
    if (weight === 0) continue;
    const before = text.slice(Math.max(0, start - 40), start);
    const strength = match[0].trim() === "" ? pauseAfter(before.split(/\s/u).at(-1) ?? "") : 1;
    gaps.push({ start, end: start + match[0].length, weight, strength });
  }
  return gaps;
}

interface Matched {
  readonly gap: Gap;
  readonly pause: Pause;
}

function likeliest(
  gaps: readonly Gap[],
  totalWeight: number,
  sound: Sound,
  sampleRateHz: number,
): Matched[] {
  const { start, end, pauses } = sound;
  const seconds = (samples: number): number => samples / sampleRateHz;
  const lengths = pauses.map((pause) => seconds(pause.end - pause.start));
  const inner = gaps.filter(({ weight }) => weight < totalWeight);
  const paused = lengths.reduce((sum, s) => sum + (s > costs.longestStopSeconds ? s : 0), 0);
  const secondsPerWeight = Math.max(0.001, seconds(end - start) - paused) / totalWeight;
  const passedBefore = sums(inner.map(({ strength }) => costs.passed[strength]));

  const stretchCost = (from: Match, toSample: number, toWeight: number, toGap: number): number => {
    const fromSample = pauses[from.pause]?.end ?? start;
    const taken = seconds(toSample - fromSample);
    const expected = (toWeight - (inner[from.gap]?.weight ?? 0)) * secondsPerWeight;
    const variance = costs.spread ** 2 * (Math.max(taken, expected) + 0.05);
    const passed = (passedBefore[toGap] ?? 0) - (passedBefore[from.gap + 1] ?? 0);
    return (taken - expected) ** 2 / variance + passed;
  };

  let readings: Match[] = [{ gap: -1, pause: -1, cost: 0, before: undefined }];
  pauses.forEach((pause, index) => {
    const tooLong = Math.max(0, (lengths[index] ?? 0) - costs.longestStopSeconds);
    const next: Match[] = [];
    for (const reading of readings) {
      next.push({ ...reading, cost: reading.cost + tooLong * costs.ignoredPerSecond });
      const fromSample = pauses[reading.pause]?.end ?? start;
      const fromWeight = inner[reading.gap]?.weight ?? 0;
      const likely = fromWeight + seconds(pause.start - fromSample) / secondsPerWeight;
      const nearest = firstAtLeast(inner, likely);
      const until = Math.min(inner.length, nearest + gapsAside);
      for (let gap = Math.max(reading.gap + 1, nearest - gapsAside); gap < until; gap += 1) {
        const { weight, strength } = inner[gap] as Gap;
        const stretch = stretchCost(reading, pause.start, weight, gap);
        const cost = reading.cost + costs.taken[strength] + stretch;
        next.push({ gap, pause: index, cost, before: reading });
      }
    }
    readings = next.toSorted((a, b) => a.cost - b.cost).slice(0, beam);
  });
  const ended = readings.map((reading) => ({
    reading,
    cost: reading.cost + stretchCost(reading, end, totalWeight, inner.length),
  }));
  const best = ended.reduce((a, b) => (b.cost < a.cost ? b : a));
  return matchesOf(best.reading, inner, pauses);
}

function matchesOf(last: Match, gaps: readonly Gap[], pauses: readonly Pause[]): Matched[] {
  const matches: Matched[] = [];
  for (let match: Match | undefined = last; match; match = match.before) {
    const gap = gaps[match.gap];
    const pause = pauses[match.pause];
    if (gap && pause) matches.push({ gap, pause });
  }
  return matches.toReversed();
}

/** [values.length + 1] the sum of all values before each. */
function sums(values: readonly number[]): Float64Array {
  const result = new Float64Array(values.length + 1);
  values.forEach((value, index) => {
    result[index + 1] = (result[index] ?? 0) + value;
  });
  return result;
}

/** Index of the first gap that has at least so much weight before it. */
function firstAtLeast(gaps: readonly Gap[], weight: number): number {
  let low = 0;
  let high = gaps.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((gaps[middle]?.weight ?? 0) < weight) low = middle + 1;
    else high = middle;
  }
  return low;
}
