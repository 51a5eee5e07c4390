/**
 * Makes one mono stream shorter or longer and keeps its pitch.
 * What is heard at second t of the input is heard at t / speed of the output, within 10 ms; after
 * `finish` the output is exactly `round(input samples / speed)` long, the same samples however the
 * input was cut.
 */
export interface TimeStretch {
  /** The output that is certain after these samples, any number of them. */
  stretch(samples: Int16Array): Int16Array<ArrayBuffer>;
  /** The rest, as if silence followed. Nothing may be stretched afterwards. */
  finish(): Int16Array<ArrayBuffer>;
}

/** Each block of output goes over from one place of the input to another. */
const blockMs = 15;
/** How far from its due place a block may be taken from: one period of the deepest voice to each side. */
const searchMs = 10;
/** Places are compared at about this rate first, then sample by sample around the best. */
const coarseRateHz = 4000;

/**
 * A time-stretch by overlapping blocks that are alike (WSOLA: Verhelst and Roelands, ICASSP 1993).
 *
 * @throws {RangeError} for a speed that is not positive
 */
export function createTimeStretch(speed: number, sampleRateHz: number): TimeStretch {
  if (!(speed > 0)) throw new RangeError(`A speed of ${speed} is none`);
  const block = Math.round((sampleRateHz * blockMs) / 1000);
  const search = Math.round((sampleRateHz * searchMs) / 1000);
  const step = Math.max(1, Math.round(sampleRateHz / coarseRateHz));
  const fadeIn = Float32Array.from(
    { length: block },
    (_, at) => 0.5 - 0.5 * Math.cos((Math.PI * (at + 0.5)) / block),
  );

  /** The input that may still be needed; `heldFrom` is the place of its first sample. */
  let held = new Int16Array(0);
  let heldFrom = 0;
  let received = 0;
  let produced = 0;
  /** Where the last block of output would go on in the input, if nothing were skipped or repeated. */
  let following = 0;

  const dueAt = (output: number): number => Math.round(output * speed);
  /** How much input decides the next block, and that it is wanted at all. */
  const needed = (): number =>
    Math.max(following + block, dueAt(produced) + search + 2 * block, dueAt(produced + block));

  function take(samples: Int16Array): void {
    const from = Math.max(heldFrom, Math.min(following, dueAt(produced) - search));
    const kept = held.subarray(Math.min(held.length, from - heldFrom));
    const next = new Int16Array(kept.length + samples.length);
    next.set(kept);
    next.set(samples, kept.length);
    heldFrom += held.length - kept.length;
    held = next;
  }

  /** The next block of output; `left` samples are wanted in all. */
  function produce(left: number): Int16Array {
    const count = Math.min(block, left);
    const output = new Int16Array(count);
    const old = following - heldFrom;
    // A block needs input that follows it, to go over to the next one.
    const latest = received - heldFrom - Math.min(2 * block, left);
    const start = bestStart(old, dueAt(produced) - heldFrom, latest);
    for (let index = 0; index < count; index += 1) {
      const before = held[old + index] ?? 0;
      const after = held[start + index] ?? 0;
      output[index] = Math.round(before + (after - before) * (fadeIn[index] ?? 0));
    }
    produced += count;
    following = heldFrom + start + block;
    return output;
  }

  /** The place around `due`, up to `latest`, that sounds most like what lies at `old`. */
  function bestStart(old: number, due: number, latest: number): number {
    const highest = Math.max(0, Math.min(due + search, latest));
    const lowest = Math.max(0, Math.min(due, highest) - search);
    if (lowest <= old && old <= highest) return old;
    const nearest = Math.min(highest, Math.max(lowest, due));
    const coarse = mostAlike(held, old, block, step, { from: lowest, to: highest, nearest });
    const around = {
      from: Math.max(lowest, coarse - step + 1),
      to: Math.min(highest, coarse + step - 1),
      nearest: coarse,
    };
    return step === 1 ? coarse : mostAlike(held, old, block, 1, around);
  }

  function run(samples: Int16Array, total: number): Int16Array<ArrayBuffer> {
    take(samples);
    const end = heldFrom + held.length;
    const blocks: Int16Array[] = [];
    while (needed() <= end && produced < total) {
      blocks.push(produce(total - produced));
    }
    const joined = new Int16Array(blocks.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const each of blocks) {
      joined.set(each, at);
      at += each.length;
    }
    return joined;
  }

  return {
    stretch(samples) {
      received += samples.length;
      return run(samples, Number.POSITIVE_INFINITY);
    },
    finish() {
      const silence = new Int16Array(Math.ceil(block * speed) + 3 * block + search);
      return run(silence, Math.round(received / speed));
    },
  };
}

interface Places {
  readonly from: number;
  readonly to: number;
  /** Taken where all places are alike. */
  readonly nearest: number;
}

/** The place whose samples, every `step`-th of them, have the highest normalized correlation with those at `at`. */
function mostAlike(
  samples: Int16Array,
  at: number,
  length: number,
  step: number,
  { from, to, nearest }: Places,
): number {
  let best = nearest;
  let bestScore = 0;
  for (let place = from; place <= to; place += step) {
    let product = 0;
    let energy = 1;
    for (let index = 0; index < length; index += step) {
      const sample = samples[place + index] ?? 0;
      product += sample * (samples[at + index] ?? 0);
      energy += sample * sample;
    }
    const score = product > 0 ? (product * product) / energy : 0;
    if (score > bestScore) {
      best = place;
      bestScore = score;
    }
  }
  return best;
}
