import { describe, expect, it } from "vitest";
import { createResampler } from "./resampler.ts";

const fullScale = 29_000;

function floatTone(toneHz: number, rateHz: number, count: number, amplitude: number): Float32Array {
  return Float32Array.from(
    { length: count },
    (_, n) => amplitude * Math.sin((2 * Math.PI * toneHz * n) / rateHz),
  );
}

function concatFloats(parts: readonly Float32Array[]): Float32Array {
  return Float32Array.from(parts.flatMap((part) => [...part]));
}

function powerDb(samples: Float32Array): number {
  return (
    10 * Math.log10(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length)
  );
}

/** The sine of this frequency nearest to the samples; all that is not it counts as noise and distortion. */
function fitTone(samples: Float32Array, toneHz: number, rateHz: number, firstIndex: number) {
  const angle = (n: number) => (2 * Math.PI * toneHz * (n + firstIndex)) / rateHz;
  let [sinSin, cosCos, sinCos, sinOut, cosOut] = [0, 0, 0, 0, 0];
  for (const [n, sample] of samples.entries()) {
    const [sin, cos] = [Math.sin(angle(n)), Math.cos(angle(n))];
    sinSin += sin * sin;
    cosCos += cos * cos;
    sinCos += sin * cos;
    sinOut += sin * sample;
    cosOut += cos * sample;
  }
  const determinant = sinSin * cosCos - sinCos * sinCos;
  const a = (sinOut * cosCos - cosOut * sinCos) / determinant;
  const b = (cosOut * sinSin - sinOut * sinCos) / determinant;
  const fitted = samples.map((_, n) => a * Math.sin(angle(n)) + b * Math.cos(angle(n)));
  const rest = samples.map((sample, n) => sample - fitted.at(n)!);
  return {
    sinadDb: powerDb(fitted) - powerDb(rest),
    amplitude: Math.hypot(a, b),
    phaseRad: Math.atan2(b, a),
  };
}

/** The samples resampled in a single call. */
function resampled(samples: Float32Array, inputRateHz: number, outputRateHz: number): Float32Array {
  const resampler = createResampler(inputRateHz, outputRateHz);
  return concatFloats([resampler.resample(samples), resampler.finish()]);
}

const ratePairs: readonly (readonly [number, number])[] = [
  [16_000, 44_100],
  [16_000, 24_000],
  [16_000, 8000],
  [16_000, 22_050],
  [16_000, 32_000],
  [16_000, 48_000],
  [22_050, 8000],
  [22_050, 44_100],
  [24_000, 48_000],
  [8000, 48_000],
  [44_100, 48_000],
  [48_000, 8000],
];

describe("quality, measured on floats before they are rounded to 16 bits", () => {
  describe.each(ratePairs)("%i Hz to %i Hz", (inputRateHz, outputRateHz) => {
    const highestHz = Math.floor(0.42 * Math.min(inputRateHz, outputRateHz));
    it.each([440, 1000, 3000, highestHz])("keeps a tone of %i Hz clean and in place", (toneHz) => {
      const output = resampled(
        floatTone(toneHz, inputRateHz, inputRateHz, fullScale),
        inputRateHz,
        outputRateHz,
      );
      // The ends are left out: there the tone starts from silence.
      const fit = fitTone(output.subarray(1000, -1000), toneHz, outputRateHz, 1000);
      expect(fit.sinadDb).toBeGreaterThan(105);
      expect(fit.amplitude / fullScale).toBeCloseTo(1, 3);
      expect(fit.phaseRad).toBeCloseTo(0, 3);
    });
  });

  it.each([4200, 4500, 5000, 6000, 7777, 9000, 10_500])(
    "leaves no alias of %i Hz going from 22050 Hz to 8000 Hz",
    (toneHz) => {
      const input = floatTone(toneHz, 22_050, 22_050, fullScale);
      const output = resampled(input, 22_050, 8000).subarray(500, -500);
      expect(powerDb(output) - powerDb(input)).toBeLessThan(-100);
    },
  );

  it("keeps the telephone band going from 22050 Hz to 8000 Hz", () => {
    const input = floatTone(3400, 22_050, 22_050, fullScale);
    const output = resampled(input, 22_050, 8000).subarray(500, -500);
    expect(powerDb(output) - powerDb(input)).toBeGreaterThan(-0.1);
  });

  it("passes a constant without ripple", () => {
    const output = resampled(new Float32Array(16_000).fill(1000), 16_000, 44_100);
    const errors = output.subarray(500, -500).map((sample) => Math.abs(sample - 1000));
    expect(Math.max(...errors)).toBeLessThan(0.01);
  });
});

describe("length and slicing", () => {
  it.each(ratePairs)("gives the exact length from %i Hz to %i Hz", (inputRateHz, outputRateHz) => {
    for (const count of [0, 1, 2, 3, 31, 32, 33, 160, 4095, 4096, 4097, 12_345]) {
      const output = resampled(new Float32Array(count), inputRateHz, outputRateHz);
      expect(output.length).toBe(Math.round((count * outputRateHz) / inputRateHz));
    }
  });

  it.each(ratePairs)("does not see slices from %i Hz to %i Hz", (inputRateHz, outputRateHz) => {
    const input = floatTone(700, inputRateHz, 9000, fullScale);
    const whole = resampled(input, inputRateHz, outputRateHz);
    for (const sliceSamples of [1, 7, 320, 4097]) {
      const resampler = createResampler(inputRateHz, outputRateHz);
      const parts: Float32Array[] = [];
      for (let start = 0; start < input.length; start += sliceSamples) {
        parts.push(resampler.resample(input.subarray(start, start + sliceSamples)));
        parts.push(resampler.resample(new Float32Array()));
      }
      parts.push(resampler.finish());
      expect(concatFloats(parts)).toEqual(whole);
    }
  });

  it("holds back no more than half its filter", () => {
    const resampler = createResampler(16_000, 48_000);
    expect(resampler.resample(new Int16Array(1600)).length).toBe((1600 - 32) * 3);
  });

  it("puts an impulse where it was", () => {
    const input = new Float32Array(2000);
    input[1000] = 10_000;
    const output = resampled(input, 16_000, 48_000);
    expect(output.indexOf(Math.max(...output))).toBe(3000);
  });
});

describe("rates", () => {
  it.each([
    [0, 16_000],
    [16_000, -1],
    [16_000.5, 8000],
    [Number.NaN, 8000],
  ])("refuses %d Hz to %d Hz", (inputRateHz, outputRateHz) => {
    expect(() => createResampler(inputRateHz, outputRateHz)).toThrow(RangeError);
  });

  it("refuses a ratio whose filter would not fit in memory", () => {
    expect(() => createResampler(16_001, 44_100)).toThrow("no filter from 16001 Hz to 44100 Hz");
  });
});
