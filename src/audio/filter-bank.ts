import { loadProgram } from "../wasm-assembler.ts";
import { createFilterProgram, runFilter } from "./filter-program.ts";

/** The filter between two rates, shared by all streams of a thread. */
export interface FilterBank {
  /** Output samples per `stride` input samples. */
  readonly phases: number;
  readonly stride: number;
  /** Inputs that one output is made of. */
  readonly taps: number;
  /** `[taps + maxBlockSamples]` where the inputs are put before `filter` is called. */
  readonly input: Float32Array;
  /**
   * That many outputs, a view that the next call overwrites. The first is made of the first `taps` of
   * `input`, and lies phase/phases of a sample after the input in their middle.
   */
  filter(outputCount: number, phase: number): Float32Array;
}

/** Samples that a filter takes at once, besides those it still needs of the last ones. */
export const maxBlockSamples = 2048;

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

/** A multiple of four: the filter takes as many inputs at once. */
const halfTapsFor = (ratio: number): number =>
  4 * Math.ceil(zeroCrossings / Math.min(1, ratio) / 4);

const floatBytes = 4;
const pageBytes = 65_536;

const filterBanks = new Map<string, FilterBank>();
let program: WebAssembly.Module | undefined;

/**
 * The filter from one rate to another, designed when it is first asked for.
 *
 * @throws {RangeError} for rates that are no positive whole numbers, or whose ratio is too odd to tabulate
 */
export function filterBankFor(inputRateHz: number, outputRateHz: number): FilterBank {
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
    bank = createFilterBank(phases, stride);
    filterBanks.set(key, bank);
  }
  return bank;
}

/** Lays out weights, inputs and outputs, in this order, in a memory that the program works on. */
function createFilterBank(phases: number, stride: number): FilterBank {
  const weights = designFilter(phases, stride);
  const taps = weights.length / phases;
  const inputStart = weights.length;
  const outputStart = inputStart + taps + maxBlockSamples;
  const maxOutputs = Math.ceil((maxBlockSamples * phases) / stride) + 1;
  const memory = new WebAssembly.Memory({
    initial: Math.ceil(((outputStart + maxOutputs) * floatBytes) / pageBytes),
  });
  const floats = new Float32Array(memory.buffer);
  floats.set(weights);
  program ??= createFilterProgram();
  const run = loadProgram(program, memory);
  return {
    phases,
    stride,
    taps,
    input: floats.subarray(inputStart, outputStart),
    filter(outputCount, phase) {
      const outputEnd = outputStart + outputCount;
      if (outputCount > 0) {
        runFilter(run, {
          weights: 0,
          weightsEnd: weights.byteLength,
          row: phase * taps * floatBytes,
          rowBytes: taps * floatBytes,
          rowStep: (stride % phases) * taps * floatBytes,
          input: inputStart * floatBytes,
          inputStep: Math.floor(stride / phases) * floatBytes,
          output: outputStart * floatBytes,
          outputEnd: outputEnd * floatBytes,
        });
      }
      return floats.subarray(outputStart, outputEnd);
    },
  };
}

/** `[phases * taps]`: row p weighs the inputs around an output p/phases of a sample after an input. */
function designFilter(phases: number, stride: number): Float32Array {
  // Going down, the filter has to cut at the new rate, so it grows longer by the ratio.
  const lowerRate = Math.min(1, phases / stride);
  const halfTaps = halfTapsFor(lowerRate);
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
  return weights;
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
