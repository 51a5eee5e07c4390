import type { LetterSound, WeighedText } from "./letter-weights.ts";
import type { Stretch } from "./match-pauses.ts";
import type { Sound } from "./sound.ts";

/** What a frame of each kind of letter is like, as `Frames` tell it. */
const expected: Readonly<Record<LetterSound, { loud: number; hiss: number }>> = {
  vowel: { loud: 0.9, hiss: 0.13 },
  sonorant: { loud: 0.88, hiss: 0.12 },
  stop: { loud: 0.4, hiss: 0.3 },
  fricative: { loud: 0.55, hiss: 0.55 },
  any: { loud: 0.65, hiss: 0.25 },
};

/** How unlikely things are; found by trying, with the four voices of Flite. */
const costs = {
  /** For each frame: the square of how far it is from what is expected. */
  loud: 2,
  hiss: 0.7,
  /** The square of the logarithm of how many times longer or shorter than usual a letter is. */
  length: 1.6,
  /** Of a letter that is not heard at all. */
  absent: 5,
} as const;

/** How far from its share of the time a letter is looked for, and how long it may be, in frames. */
const aside = 60;
const longest = (usual: number): number => Math.max(14, Math.ceil(3 * usual));

/** The cheapest ways to place all letters up to one, by the frame in which that one ends. */
interface Band {
  readonly lowest: number;
  readonly costs: Float64Array;
  /** How long the letter is, in frames. */
  readonly lengths: Uint16Array;
}

/**
 * Places the letters of a stretch where it sounds like them, and writes where each character ends:
 * the cheapest way to cut the stretch's frames into letters, by how long, how loud and how hissing
 * each is. As speech recognition does it, with a handful of rules in the place of a model.
 * Does nothing, and says so, where there is too little of text or sound.
 */
export function placeLetters(
  stretch: Stretch,
  text: WeighedText,
  sound: Sound,
  ends: Float64Array,
): boolean {
  const { hop } = sound;
  const firstFrame = Math.round(stretch.from / hop);
  const frameCount = Math.round(stretch.until / hop) - firstFrame;
  const letters = lettersOf(stretch, text);
  if (letters.length < 2 || frameCount < letters.length) return false;
  const costsOf = createFrameCosts(sound, firstFrame, frameCount);
  const sum = letters.reduce((total, at) => total + (text.weights[at] ?? 0), 0);

  const bands: Band[] = [];
  let before: Band = { lowest: 0, costs: Float64Array.of(0), lengths: Uint16Array.of(0) };
  let likely = 0;
  for (const at of letters) {
    const usual = ((text.weights[at] ?? 0) * frameCount) / sum;
    likely += usual;
    before = nextBand(before, usual, likely, frameCount, costsOf(text.sounds[at] ?? "any"));
    bands.push(before);
  }
  const places = placesOf(bands, frameCount);
  if (!places) return false;
  // What is not heard ends where the letter before it does.
  let end = stretch.from;
  let letter = 0;
  for (let at = stretch.start; at < stretch.end; at += 1) {
    if (at === letters[letter]) {
      const isLast = letter === letters.length - 1;
      end = isLast ? stretch.until : (firstFrame + (places[letter] ?? 0)) * hop;
      letter += 1;
    }
    ends[at] = end;
  }
  return true;
}

/** Those characters of a stretch that are heard. */
function lettersOf({ start, end }: Stretch, { weights }: WeighedText): number[] {
  const letters: number[] = [];
  for (let at = start; at < end; at += 1) if ((weights[at] ?? 0) > 0) letters.push(at);
  return letters;
}

/** For each kind of letter, `[frames + 1]` what all frames before each would cost. */
function createFrameCosts(
  { frames }: Sound,
  firstFrame: number,
  frameCount: number,
): (kind: LetterSound) => Float64Array {
  const known = new Map<LetterSound, Float64Array>();
  return (kind) => {
    let sums = known.get(kind);
    if (sums) return sums;
    sums = new Float64Array(frameCount + 1);
    known.set(kind, sums);
    const { loud, hiss } = expected[kind];
    for (let frame = 0; frame < frameCount; frame += 1) {
      const louder = (frames.loud[firstFrame + frame] ?? 0) - loud;
      const hissier = (frames.hiss[firstFrame + frame] ?? 0) - hiss;
      const cost = costs.loud * louder * louder + costs.hiss * hissier * hissier;
      sums[frame + 1] = (sums[frame] ?? 0) + cost;
    }
    return sums;
  };
}

/** One letter more, which is `usual` frames long and likely to end at the frame `likely`. */
function nextBand(
  before: Band,
  usual: number,
  likely: number,
  frameCount: number,
  heard: Float64Array,
): Band {
  const lowest = Math.max(0, Math.floor(likely) - aside);
  const highest = Math.min(frameCount, Math.ceil(likely) + aside);
  const band: Band = {
    lowest,
    costs: new Float64Array(highest - lowest + 1).fill(Number.POSITIVE_INFINITY),
    lengths: new Uint16Array(highest - lowest + 1),
  };
  const latest = before.lowest + before.costs.length - 1;
  for (let place = lowest; place <= highest; place += 1) {
    let best = (before.costs[place - before.lowest] ?? Number.POSITIVE_INFINITY) + costs.absent;
    let bestLength = 0;
    const most = Math.min(longest(usual), place - before.lowest);
    for (let length = Math.max(1, place - latest); length <= most; length += 1) {
      const start = place - length;
      const ratio = Math.log(length / usual);
      const cost =
        (before.costs[start - before.lowest] ?? Number.POSITIVE_INFINITY) +
        (heard[place] ?? 0) -
        (heard[start] ?? 0) +
        costs.length * ratio * ratio;
      if (cost >= best) continue;
      best = cost;
      bestLength = length;
    }
    band.costs[place - lowest] = best;
    band.lengths[place - lowest] = bestLength;
  }
  return band;
}

/** [letters] the frame in which each letter ends; undefined if there is no way to place them all. */
function placesOf(bands: readonly Band[], frameCount: number): number[] | undefined {
  const last = bands.at(-1);
  if (!Number.isFinite(last?.costs[frameCount - last.lowest])) return undefined;
  const places: number[] = [];
  let place = frameCount;
  for (const { lowest, lengths } of bands.toReversed()) {
    places.push(place);
    place -= lengths[place - lowest] ?? 0;
  }
  return places.toReversed();
}
