import { filterBankFor, maxBlockSamples } from "./filter-bank.ts";

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

/**
 * A resampler by a polyphase windowed sinc: one row of weights for each place an output can fall between
 * two inputs (Crochiere and Rabiner, Multirate Digital Signal Processing, 1983).
 *
 * @throws {RangeError} for rates that are no positive whole numbers, or whose ratio is too odd to tabulate
 */
export function createResampler(inputRateHz: number, outputRateHz: number): Resampler {
  const bank = filterBankFor(inputRateHz, outputRateHz);
  const { phases, stride, taps } = bank;
  const halfTaps = taps / 2;

  // The samples from the first one the next output needs. The stream is taken to start after silence.
  let held = new Float32Array(halfTaps - 1);
  let phase = 0;
  let received = 0;
  let produced = 0;

  /** Takes up to one block of input, fills `output` as far as it suffices, returns how far. */
  function advance(block: Int16Array | Float32Array, output: Float32Array): number {
    bank.input.set(held);
    bank.input.set(block, held.length);
    const inputCount = held.length + block.length;
    // Output n needs the `taps` inputs from floor((phase + n * stride) / phases) on.
    const possible = Math.ceil(((inputCount - taps + 1) * phases - phase) / stride);
    const count = Math.min(output.length, Math.max(0, possible));
    output.set(bank.filter(count, phase));
    const next = phase + count * stride;
    held = bank.input.slice(Math.floor(next / phases), inputCount);
    phase = next % phases;
    return count;
  }

  function run(samples: Int16Array | Float32Array, outputCount: number): Float32Array {
    const output = new Float32Array(outputCount);
    let written = 0;
    for (let start = 0; start < samples.length; start += maxBlockSamples) {
      const block = samples.subarray(start, start + maxBlockSamples);
      written += advance(block, output.subarray(written));
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
