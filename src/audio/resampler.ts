/**
 * Changes the sample rate of one mono stream.
 * The output is aligned in time with the input, has the input's scale, and after `finish` is exactly
 * `round(input samples * outputRateHz / inputRateHz)` long, the same samples however the input was cut.
 */
export interface Resampler {
  /** The output that is certain after these samples `[samples]`, any number of them, not clipped. */
  resample(samples: Int16Array | Float32Array): Float32Array;
  /** The rest, as if silence followed. Nothing may be resampled afterwards. */
  finish(): Float32Array;
}

/** Zero crossings of the sinc on each side, counted at the lower of the two rates. */
const zeroCrossings = 32;

/**
 * Where the filter is 6 dB down, as a share of the lower rate. With 64 taps and the window below the
 * stop band begins 2 % above half the rate, and 8 kHz telephony keeps its 3.4 kHz.
 */
const cutoff = 0.47;

/** Kaiser window for about 100 dB of stop band. */
const kaiserBeta = 10.06;

/** More phases than any pair of usual rates needs (640, from 22050 or 11025); bounds a filter bank's memory. */
const maxPhases = 1280;

/** How many samples of the input a resampler waits for before it gives what was heard at the first of them. */
export const samplesAhead = (inputRateHz: number, outputRateHz: number): number =>
  inputRateHz === outputRateHz ? 0 : halfTapsFor(outputRateHz / inputRateHz);

const halfTapsFor = (ratio: number): number =>
  2 * Math.ceil(zeroCrossings / Math.min(1, ratio) / 2);

const blockSamples = 4096;

interface FilterBank {
  /** Output samples per `stride` input samples. */
  readonly phases: number;
  readonly stride: number;
  /** Multiple of four. */
  readonly taps: number;
  /** `[phases * taps]`: row p weighs the inputs around an output p/phases of a sample after an input. */
  readonly weights: Float32Array;
}

const filterBanks = new Map<string, FilterBank>();

/**
 * A resampler by a polyphase windowed sinc: one row of weights for each place an output can fall between
 * two inputs (Crochiere and Rabiner, Multirate Digital Signal Processing, 1983).
 *
 * @throws {RangeError} for rates that are no positive whole numbers, or whose ratio is too odd to tabulate
 */
export function createResampler(inputRateHz: number, outputRateHz: number): Resampler {
  const { phases, stride, taps, weights } = filterBankFor(inputRateHz, outputRateHz);
  const halfTaps = taps / 2;
  const wholeStep = Math.floor(stride / phases);
  const phaseStep = stride % phases;

  // The samples from the first one the next output needs. The stream is taken to start after silence.
  const held = new Float32Array(taps + blockSamples);
  let heldCount = halfTaps - 1;
  let phase = 0;
  let received = 0;
  let produced = 0;

  /** Appends up to one block of input, fills `output` from `written` on, returns the new `written`. */
  function advance(
    block: Int16Array | Float32Array,
    output: Float32Array,
    written: number,
  ): number {
    held.set(block, heldCount);
    heldCount += block.length;
    let start = 0;
    let next = written;
    while (next < output.length && start + taps <= heldCount) {
      const row = phase * taps;
      // Four sums, because each addition has to wait for the one before it.
      let sum0 = 0;
      let sum1 = 0;
      let sum2 = 0;
      let sum3 = 0;
      for (let tap = 0; tap < taps; tap += 4) {
        const weight = row + tap;
        const sample = start + tap;
        sum0 += weights[weight]! * held[sample]!;
        sum1 += weights[weight + 1]! * held[sample + 1]!;
        sum2 += weights[weight + 2]! * held[sample + 2]!;
        sum3 += weights[weight + 3]! * held[sample + 3]!;
      }
      output[next++] = sum0 + sum1 + (sum2 + sum3);
      start += wholeStep;
      phase += phaseStep;
      if (phase >= phases) {
        phase -= phases;
        start++;
      }
    }
    held.copyWithin(0, start, heldCount);
    heldCount -= start;
    return next;
  }

  function run(samples: Int16Array | Float32Array, outputCount: number): Float32Array {
    const output = new Float32Array(outputCount);
    let written = 0;
    for (let start = 0; start < samples.length; start += blockSamples) {
      written = advance(samples.subarray(start, start + blockSamples), output, written);
    }
    produced += written;
    return output;
  }

  return {
    resample(samples) {
      received += samples.length;
      // Output n falls on input n * stride / phases and needs half the taps beyond it.
      const certain = Math.ceil(((received - halfTaps) * phases) / stride);
      return run(samples, Math.max(certain, 0) - produced);
    },
    finish() {
      const total = Math.round((received * phases) / stride);
      return run(new Float32Array(halfTaps), total - produced);
    },
  };
}

function filterBankFor(inputRateHz: number, outputRateHz: number): FilterBank {
  for (const rateHz of [inputRateHz, outputRateHz]) {
    if (!Number.isInteger(rateHz) || rateHz <= 0) throw new RangeError(`not a rate: ${rateHz} Hz`);
  }
  const divisor = greatestCommonDivisor(inputRateHz, outputRateHz);
  const phases = outputRateHz / divisor;
  const stride = inputRateHz / divisor;
  if (phases > maxPhases) {
    throw new RangeError(`no filter from ${inputRateHz} Hz to ${outputRateHz} Hz`);
  }
  const key = `${stride}:${phases}`;
  let bank = filterBanks.get(key);
  if (!bank) {
    bank = designFilterBank(phases, stride);
    filterBanks.set(key, bank);
  }
  return bank;
}

function designFilterBank(phases: number, stride: number): FilterBank {
  // Going down, the filter has to cut at the new rate, so it grows longer by the ratio.
  const lowerRate = Math.min(1, phases / stride);
  const halfTaps = halfTapsFor(phases / stride);
  const taps = 2 * halfTaps;
  const weights = new Float32Array(phases * taps);
  for (let phase = 0; phase < phases; phase++) {
    const row = Array.from({ length: taps }, (_, tap) => {
      const distance = tap - (halfTaps - 1) - phase / phases;
      return sinc(2 * cutoff * lowerRate * distance) * kaiser(distance / halfTaps);
    });
    // Every row passes a constant unchanged; unequal rows would hum at the rate they alternate.
    const gain = row.reduce((sum, weight) => sum + weight, 0);
    weights.set(
      row.map((weight) => weight / gain),
      phase * taps,
    );
  }
  return { phases, stride, taps, weights };
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

/** The Kaiser window at `x`, -1..1; not scaled to 1 in the middle, as the rows are scaled later. */
function kaiser(x: number): number {
  return besselI0(kaiserBeta * Math.sqrt(Math.max(0, 1 - x * x)));
}

/** Modified Bessel function of the first kind, order 0, by its power series. */
function besselI0(x: number): number {
  let term = 1;
  let sum = 1;
  for (let k = 1; term > sum * 1e-17; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
