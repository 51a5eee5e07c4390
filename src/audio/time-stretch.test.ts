import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createTimeStretch } from "./time-stretch.ts";

const speeds = [0.25, 0.5, 0.7, 0.9, 1, 1.1, 1.3, 2, 3, 4];

function stretched(samples: Int16Array, speed: number, sampleRateHz: number): Int16Array {
  const stretch = createTimeStretch(speed, sampleRateHz);
  const parts = [stretch.stretch(samples), stretch.finish()];
  return Int16Array.from(parts.flatMap((part) => Array.from(part)));
}

const sine = (frequencyHz: number, sampleRateHz: number, seconds: number): Int16Array =>
  Int16Array.from({ length: Math.round(sampleRateHz * seconds) }, (_, at) =>
    Math.round(10_000 * Math.sin((2 * Math.PI * frequencyHz * at) / sampleRateHz)),
  );

/** By the time between the first and the last rise through zero. */
function pitchHz(samples: Int16Array, sampleRateHz: number): number {
  const rises: number[] = [];
  samples.forEach((sample, at) => {
    const before = samples[at - 1] ?? 0;
    if (before < 0 && sample >= 0) rises.push(at - sample / (sample - before));
  });
  const [first = 0] = rises;
  return ((rises.length - 1) * sampleRateHz) / ((rises.at(-1) ?? 0) - first);
}

describe.each(speeds)("at speed %d", (speed) => {
  it.each([
    [100, 16_000],
    [220, 22_050],
    [997, 24_000],
    [300, 48_000],
  ])("a tone of %d Hz at a rate of %d Hz keeps its pitch and its strength", (frequencyHz, rate) => {
    const output = stretched(sine(frequencyHz, rate, 1), speed, rate);
    expect(output).toHaveLength(Math.round(rate / speed));
    const inner = output.subarray(rate * 0.02, output.length - rate * 0.05);
    expect(pitchHz(inner, rate) / frequencyHz).toBeCloseTo(1, 2);
    const period = Math.ceil(rate / frequencyHz);
    const peaks: number[] = [];
    for (let at = 0; at + period < inner.length; at += period) {
      peaks.push(Math.max(...inner.subarray(at, at + period)));
    }
    expect(Math.min(...peaks)).toBeGreaterThan(8500);
    expect(Math.max(...peaks)).toBeLessThanOrEqual(10_000);
    // No clicks: no step that the tone itself does not have.
    const steps = Array.from(inner, (sample, at) => Math.abs(sample - (inner[at - 1] ?? sample)));
    const steepest = 10_000 * ((2 * Math.PI * frequencyHz) / rate);
    expect(steps.reduce((most, step) => Math.max(most, step))).toBeLessThan(steepest * 1.25);
  });

  it("what was heard at a time is heard at its share of it", () => {
    const rate = 16_000;
    const bursts = [0.3, 0.8, 1.5];
    const samples = new Int16Array(2 * rate);
    for (const at of bursts) samples.set(sine(400, rate, 0.1), at * rate);
    const output = stretched(samples, speed, rate);
    expect(output).toHaveLength(Math.round(samples.length / speed));
    for (const at of bursts) {
      const place = Math.round(((at + 0.05) / speed) * rate);
      const near = output.subarray(
        place - (0.03 * rate) / Math.max(1, speed),
        place + (0.03 * rate) / Math.max(1, speed),
      );
      expect(Math.max(...near)).toBeGreaterThan(5000);
      const quiet = output.subarray(((at - 0.1) / speed) * rate, ((at - 0.05) / speed) * rate);
      expect(Math.max(...quiet)).toBe(0);
    }
  });
});

it("changes nothing at speed 1", () => {
  const samples = sine(123, 16_000, 0.5);
  expect(stretched(samples, 1, 16_000)).toEqual(samples);
});

it("gives the same samples however the input was cut", () => {
  const samples = Int16Array.from({ length: 9000 }, (_, at) =>
    Math.round(6000 * Math.sin(at / 9) + 4000 * Math.sin(at / (20 + at / 500))),
  );
  const cuts = fc.array(fc.integer({ min: 0, max: samples.length }), { maxLength: 12 });
  fc.assert(
    fc.property(cuts, fc.constantFrom(...speeds), (places, speed) => {
      const stretch = createTimeStretch(speed, 16_000);
      const output: number[] = [];
      let from = 0;
      for (const place of [...places.toSorted((a, b) => a - b), samples.length]) {
        output.push(...stretch.stretch(samples.subarray(from, place)));
        from = place;
      }
      output.push(...stretch.finish());
      expect(Int16Array.from(output)).toEqual(stretched(samples, speed, 16_000));
    }),
    { numRuns: 40 },
  );
});

it.each([0, 1, 7, 100])("%d samples are stretched as exactly as many", (count) => {
  for (const speed of speeds) {
    const output = stretched(new Int16Array(count).fill(99), speed, 16_000);
    expect(output).toHaveLength(Math.round(count / speed));
  }
});

it("there is no speed 0", () => {
  expect(() => createTimeStretch(0, 16_000)).toThrow(RangeError);
});
