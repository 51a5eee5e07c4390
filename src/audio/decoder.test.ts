import { describe, expect, it } from "vitest";
import type { AudioEncoding, AudioFormat } from "../protocol/audio-format.ts";
import { concatBytes } from "./concat-bytes.ts";
import { createDecoder } from "./decoder.ts";
import { createEncoder } from "./encoder.ts";
import { withWavLength } from "./wav.ts";

interface Row {
  readonly name: string;
  readonly format: AudioFormat;
  /** Loudest difference to what was coded, between samples at the same place. */
  readonly maxError: number;
  /** Samples that may follow behind the end. */
  readonly paddingSamples: number;
}

const raw = (encoding: AudioEncoding, sampleRateHz: number): AudioFormat => ({
  encoding,
  container: "raw",
  sampleRateHz,
});
const mp3 = (sampleRateHz: number, bitrateKbps: number): AudioFormat => ({
  ...raw("mp3", sampleRateHz),
  bitrateBps: bitrateKbps * 1000,
});
const opus: AudioFormat = {
  encoding: "opus",
  container: "ogg",
  sampleRateHz: 48_000,
  bitrateBps: 128_000,
};
/** A frame, and what LAME fills its last ones up with. */
const mp3Padding = 2 * 1152;

const rows: readonly Row[] = [
  { name: "pcm", format: raw("pcm_s16le", 16_000), maxError: 0, paddingSamples: 0 },
  {
    name: "wav",
    format: { ...raw("pcm_s16le", 16_000), container: "wav" },
    maxError: 0,
    paddingSamples: 0,
  },
  // Half the step that G.711 has at this loudness.
  { name: "ulaw", format: raw("ulaw", 8000), maxError: 128, paddingSamples: 0 },
  { name: "alaw", format: raw("alaw", 8000), maxError: 128, paddingSamples: 0 },
  { name: "mp3_44100_192", format: mp3(44_100, 192), maxError: 400, paddingSamples: mp3Padding },
  { name: "mp3_22050_32", format: mp3(22_050, 32), maxError: 800, paddingSamples: mp3Padding },
  { name: "opus", format: opus, maxError: 400, paddingSamples: 0 },
];

/** A second of a tone that comes and goes softly, and a little more, at the rate of the format. */
function toneAt(rateHz: number): Int16Array {
  const length = rateHz + 7;
  return Int16Array.from({ length }, (_, n) =>
    Math.round(
      6000 * Math.sin((Math.PI * n) / length) * Math.sin((2 * Math.PI * 440 * n) / rateHz),
    ),
  );
}

async function encode(format: AudioFormat, samples: Int16Array): Promise<Uint8Array> {
  const encoder = await createEncoder(format, format.sampleRateHz);
  const bytes = concatBytes([encoder.encode(samples), encoder.finish()]);
  return format.container === "wav" ? withWavLength(bytes) : bytes;
}

async function decode(format: AudioFormat, pieces: readonly Uint8Array[]): Promise<number[]> {
  const decoder = await createDecoder(format);
  const samples = pieces.flatMap((piece) => [...decoder.decode(piece)]);
  decoder.close();
  return samples;
}

const cut = (bytes: Uint8Array, every: number): Uint8Array[] =>
  Array.from({ length: Math.ceil(bytes.length / every) }, (_, index) =>
    bytes.subarray(index * every, (index + 1) * every),
  );

describe.each(rows)("the decoder of $name", ({ format, maxError, paddingSamples }) => {
  const tone = toneAt(format.sampleRateHz);

  it("gives what was coded, at the same place", async () => {
    const samples = await decode(format, [await encode(format, tone)]);
    expect(samples.length).toBeGreaterThanOrEqual(tone.length);
    expect(samples.length).toBeLessThanOrEqual(tone.length + paddingSamples);
    // LAME makes it softer on purpose: by as much as fits best.
    const gain = format.encoding === "mp3" ? dot(tone, tone) / dot(tone, samples) : 1;
    expect(Math.abs(20 * Math.log10(gain))).toBeLessThan(0.6);
    const errors = Array.from(tone, (sample, at) => Math.abs(sample - (samples[at] ?? 0) * gain));
    expect(Math.max(...errors)).toBeLessThanOrEqual(maxError);
  });

  it.each([1, 777])("gives the same when its bytes are cut every %i", async (every) => {
    const bytes = (await encode(format, tone)).subarray(0, 20_000);
    expect(await decode(format, cut(bytes, every))).toEqual(await decode(format, [bytes]));
  });
});

function dot(one: ArrayLike<number>, other: ArrayLike<number>): number {
  let sum = 0;
  for (let at = 0; at < one.length; at += 1) sum += (one[at] ?? 0) * (other[at] ?? 0);
  return sum;
}

it("there is none for what nothing is coded in", async () => {
  await expect(createDecoder({ ...opus, container: "raw" })).rejects.toThrow(RangeError);
});
