import { expect, it } from "vitest";
import { amplify } from "./limiter.ts";

const rate = 16_000;
const ceiling = 32_768 * 10 ** (-1 / 20);

const tone = (amplitude: number, seconds: number, frequencyHz = 440, phase = 0): Int16Array =>
  Int16Array.from({ length: rate * seconds }, (_, at) =>
    Math.round(amplitude * Math.sin((2 * Math.PI * frequencyHz * at) / rate + phase)),
  );

const peak = (samples: Int16Array): number =>
  samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);

it("makes all samples as loud as asked while none comes near the ceiling", () => {
  const samples = tone(8000, 0.5);
  expect(amplify(samples, 2, rate)).toEqual(samples.map((sample) => sample * 2));
  expect(amplify(samples, 0.5, rate)).toEqual(samples.map((sample) => Math.round(sample / 2)));
});

it("keeps peaks below -1 dBFS and leaves what is far from them as it is", () => {
  const samples = tone(5000, 1);
  samples.set(tone(15_000, 0.02), rate / 2);
  const output = amplify(samples, 3, rate);
  expect(peak(output)).toBeLessThanOrEqual(Math.ceil(ceiling));
  expect(peak(output)).toBeGreaterThan(0.97 * ceiling);
  const farMs = 150;
  for (const [from, to] of [
    [0, 500 - farMs],
    [520 + farMs, 1000],
  ] as const) {
    const part = [from * 16, to * 16] as const;
    expect(output.subarray(...part)).toEqual(samples.subarray(...part).map((one) => one * 3));
  }
});

it("turns down smoothly, without a click", () => {
  const samples = tone(9000, 1, 100);
  samples.set(tone(16_000, 0.1, 100), rate / 2);
  const output = amplify(samples, 2.5, rate);
  const steps = Array.from(output, (sample, at) => Math.abs(sample - (output[at - 1] ?? sample)));
  // No step is higher than those the wave itself would have without a limit.
  const steepest = 2.5 * 16_000 * ((2 * Math.PI * 100) / rate);
  expect(Math.max(...steps)).toBeLessThan(steepest);
});

it("counts peaks that lie between two samples", () => {
  // A quarter of the rate, met at 45 degrees: the wave is 3 dB above all of its samples.
  const samples = tone(20_000, 0.1, rate / 4, Math.PI / 4);
  const samplePeak = peak(samples);
  const output = amplify(samples, 0.95 * (ceiling / samplePeak), rate);
  const wavePeak = peak(output.subarray(200, -200)) * Math.SQRT2;
  expect(wavePeak).toBeLessThan(ceiling * 1.05);
  expect(wavePeak).toBeGreaterThan(ceiling * 0.9);
});
