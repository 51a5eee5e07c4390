import { spawnSync } from "node:child_process";
import { beforeAll, describe, expect, it } from "vitest";
import { createEncoder } from "../../src/audio/encoder.ts";
import { withWavLength } from "../../src/audio/wav.ts";
import type { AudioEncoding, AudioFormat } from "../../src/protocol/audio-format.ts";
import { slices } from "../support/slices.ts";

const inputRateHz = 16_000;
const toneHz = 1000;
const toneAmplitude = 8000;

/** A quarter of a second of silence, one second of tone, silence again; an odd number of samples. */
const toneFromS = 0.25;
const toneToS = 1.25;
const source = Int16Array.from({ length: 24_007 }, (_, n) => {
  const atS = n / inputRateHz;
  if (atS < toneFromS || atS >= toneToS) return 0;
  return Math.round(toneAmplitude * Math.sin(2 * Math.PI * toneHz * (atS - toneFromS)));
});

/** What LAME's filter bank and a decoder's add up to; neither is undone without an Info frame. */
const mp3DelaySamples = 1105;

interface Row {
  name: string;
  format: AudioFormat;
  /** How ffmpeg is told what it gets; it finds the rate of the other containers by itself. */
  ffmpegInput: readonly string[];
  /** How much later the sound is after decoding, in samples at the format's rate. */
  delaySamples: number;
  /** Samples a decoder may add behind the end. */
  paddingSamples: number;
  /** How much softer the sound becomes on purpose; 1 is not at all. */
  gain: number;
  /** How much sound has to come before there are bytes. */
  firstBytesMs: number;
}

const promptMs = 100;
const exact = { delaySamples: 0, paddingSamples: 0, gain: 1, firstBytesMs: promptMs };

/**
 * LAME's first frame takes 800 samples with what its filters look ahead: at 8 kHz that is 100 ms,
 * and the resampler before it looks 4 ms ahead.
 */
const mp3FirstBytesMs: Readonly<Record<number, number>> = { 8000: 104 };

const rows: Row[] = [
  ...[8000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000].flatMap((sampleRateHz): Row[] => [
    {
      name: `pcm_${sampleRateHz}`,
      format: { encoding: "pcm_s16le", container: "raw", sampleRateHz },
      ffmpegInput: ["-f", "s16le", "-ar", `${sampleRateHz}`, "-ac", "1"],
      ...exact,
    },
    {
      name: `wav_${sampleRateHz}`,
      format: { encoding: "pcm_s16le", container: "wav", sampleRateHz },
      ffmpegInput: ["-f", "wav"],
      ...exact,
    },
  ]),
  {
    name: "ulaw_8000",
    format: { encoding: "ulaw", container: "raw", sampleRateHz: 8000 },
    ffmpegInput: ["-f", "mulaw", "-ar", "8000", "-ac", "1"],
    ...exact,
  },
  {
    name: "alaw_8000",
    format: { encoding: "alaw", container: "raw", sampleRateHz: 8000 },
    ffmpegInput: ["-f", "alaw", "-ar", "8000", "-ac", "1"],
    ...exact,
  },
  ...(
    [
      [8000, 32],
      [16_000, 32],
      [22_050, 32],
      [24_000, 48],
      [44_100, 32],
      [44_100, 64],
      [44_100, 96],
      [44_100, 128],
      [44_100, 192],
      [48_000, 128],
    ] as const
  ).map(
    ([sampleRateHz, kbps]): Row => ({
      name: `mp3_${sampleRateHz}_${kbps}`,
      format: { encoding: "mp3", container: "raw", sampleRateHz, bitrateBps: kbps * 1000 },
      ffmpegInput: ["-f", "mp3"],
      delaySamples: mp3DelaySamples,
      // Whole frames only: up to one that is begun, and one to let the delayed end out.
      paddingSamples: 2 * 1152,
      // LAME's headroom at constant rates.
      gain: kbps < 192 ? 0.95 : 0.97,
      firstBytesMs: mp3FirstBytesMs[sampleRateHz] ?? promptMs,
    }),
  ),
  ...[32, 64, 96, 128, 192].map(
    (kbps): Row => ({
      name: `opus_48000_${kbps}`,
      format: { encoding: "opus", container: "ogg", sampleRateHz: 48_000, bitrateBps: kbps * 1000 },
      ffmpegInput: ["-f", "ogg"],
      // The stream says itself where its sound begins and ends.
      ...exact,
    }),
  ),
];

const bitsPerSample = { pcm_s16le: 16, ulaw: 8, alaw: 8, mp3: Number.NaN, opus: Number.NaN };

const hasFfmpeg = spawnSync("ffmpeg", ["-version"]).status === 0;

/** A number in 0..1 from a seed, so that a failing cut can be repeated. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

function* randomSlices(samples: Int16Array, seed: number): Generator<Int16Array> {
  const random = createRandom(seed);
  for (let start = 0; start < samples.length; ) {
    const count = Math.floor(random() ** 3 * 4000);
    yield samples.subarray(start, start + count);
    start += count;
  }
}

async function outputs(format: AudioFormat, cuts: Iterable<Int16Array>): Promise<Uint8Array[]> {
  const encoder = await createEncoder(format, inputRateHz);
  const parts = [...cuts].map((samples) => encoder.encode(samples));
  return [...parts, encoder.finish()];
}

async function encodeAll(format: AudioFormat, cuts: Iterable<Int16Array>): Promise<Buffer> {
  return Buffer.concat(await outputs(format, cuts));
}

describe.each(rows)("$name", (row) => {
  const { format, ffmpegInput, delaySamples, paddingSamples, firstBytesMs } = row;
  const expectedSamples = Math.round((source.length * format.sampleRateHz) / inputRateHz);
  let whole: Buffer;
  beforeAll(async () => {
    whole = await encodeAll(format, [source]);
  });

  it("gives the same bytes however the input is cut", async () => {
    for (const seed of [1, 2, 3]) {
      expect(whole.equals(await encodeAll(format, randomSlices(source, seed)))).toBe(true);
    }
    expect(whole.equals(await encodeAll(format, slices(source, inputRateHz)))).toBe(true);
    expect(whole.equals(await encodeAll(format, slices(source, inputRateHz, 0.0625)))).toBe(true);
  });

  it(`gives the first bytes within ${firstBytesMs} ms of sound`, async () => {
    const encoder = await createEncoder(format, inputRateHz);
    // Not of silence: there LAME first saves up bits, for 130 ms at 44.1 kHz and 32 kbit/s.
    const from = toneFromS * inputRateHz;
    const sound = source.subarray(from, from + (firstBytesMs * inputRateHz) / 1000);
    const ready = [...slices(sound, inputRateHz, 20)].map((cut) => encoder.encode(cut).length);
    expect(Math.max(...ready)).toBeGreaterThan(0);
    encoder.finish();
  });

  it("hands out bytes of its own, which nothing changes later", async () => {
    const encoder = await createEncoder(format, inputRateHz);
    const first = encoder.encode(source.subarray(0, 8000));
    const before = Buffer.from(first);
    expect(first.buffer.byteLength).toBe(first.byteLength);
    encoder.encode(source.subarray(8000));
    encoder.finish();
    expect(before.equals(first)).toBe(true);
  });

  it("takes nothing after its end and has nothing more to give", async () => {
    const encoder = await createEncoder(format, inputRateHz);
    encoder.encode(source.subarray(0, 100));
    encoder.finish();
    expect(() => encoder.encode(source)).toThrow("the encoder is finished");
    expect(encoder.finish().length).toBe(0);
  });

  it("makes something valid of no samples", async () => {
    const empty = await encodeAll(format, [new Int16Array()]);
    expect(empty.equals(await encodeAll(format, []))).toBe(true);
    expect(empty.length > 0).toBe(format.container !== "raw" || format.encoding === "mp3");
  });

  it.skipIf(!hasFfmpeg)("is decoded to the tone that went in (needs ffmpeg)", () => {
    const decoded = decodeWithFfmpeg(whole, ffmpegInput);
    expect(decoded.sampleRateHz).toBe(format.sampleRateHz);
    expectTone(decoded.samples, row);
    const surplus = decoded.samples.length - expectedSamples;
    expect(surplus).toBeGreaterThanOrEqual(delaySamples);
    expect(surplus).toBeLessThanOrEqual(delaySamples + paddingSamples);
  });
});

const rowsOf = (encoding: AudioEncoding) => rows.filter((row) => row.format.encoding === encoding);

const sampleCount = ({ format }: Row) =>
  Math.round((source.length * format.sampleRateHz) / inputRateHz);

const samplesOf = (pcm: Buffer, { format }: Row) =>
  pcm.subarray(format.container === "wav" ? 44 : 0);

describe("PCM", () => {
  it.each(rowsOf("pcm_s16le"))("is whole samples in $name", async (row) => {
    const parts = await outputs(row.format, randomSlices(source, 4));
    expect(parts.filter((part) => part.length % 2 !== 0)).toEqual([]);
    const samples = samplesOf(Buffer.concat(parts), row);
    expect(samples.length).toBe(sampleCount(row) * 2);
    expectTone(int16From(samples), row);
  });

  it.each(rowsOf("pcm_s16le").filter(({ format }) => format.sampleRateHz === inputRateHz))(
    "is untouched at its own rate in $name",
    async (row) => {
      const whole = await encodeAll(row.format, [source]);
      expect(samplesOf(whole, row).equals(Buffer.from(source.buffer))).toBe(true);
    },
  );

  it.each(rows.filter(({ format }) => format.container === "wav"))(
    "has lengths to fill in later in $name",
    async (row) => {
      const whole = await encodeAll(row.format, [source]);
      expect(whole.toString("latin1", 0, 4)).toBe("RIFF");
      expect(whole.readUInt32LE(24)).toBe(row.format.sampleRateHz);
      expect([whole.readUInt32LE(4), whole.readUInt32LE(40)]).toEqual([0xffffffff, 0xffffffff]);
      const file = Buffer.from(withWavLength(whole));
      expect(file.readUInt32LE(4)).toBe(file.length - 8);
      expect(file.readUInt32LE(40)).toBe(sampleCount(row) * 2);
      expect(file.subarray(44).equals(whole.subarray(44))).toBe(true);
    },
  );
});

describe("G.711", () => {
  it.each([...rowsOf("ulaw"), ...rowsOf("alaw")])("is a byte a sample in $name", async (row) => {
    const whole = await encodeAll(row.format, [source]);
    expect(whole.length).toBe(sampleCount(row));
    // The code of silence.
    const silence = row.format.encoding === "ulaw" ? 0xff : 0xd5;
    expect(new Set(whole.subarray(0, 1900))).toEqual(new Set([silence]));
  });
});

describe("MP3", () => {
  it.each(rowsOf("mp3"))("is audio frames of one kind in $name", async (row) => {
    const frames = readMp3Frames(await encodeAll(row.format, [source]));
    for (const frame of frames) {
      expect(frame).toMatchObject({
        sampleRateHz: row.format.sampleRateHz,
        bitrateBps: row.format.bitrateBps,
        mono: true,
      });
      // Either would be a header disguised as a frame, telling players a length.
      expect(["Xing", "Info"].filter((mark) => frame.bytes.includes(mark))).toEqual([]);
    }
    const samples = frames.reduce((sum, frame) => sum + frame.samples, 0);
    const soundEnd = sampleCount(row) + row.delaySamples;
    expect(samples).toBeGreaterThanOrEqual(soundEnd);
    expect(samples).toBeLessThanOrEqual(soundEnd + row.paddingSamples);
  });
});

describe("Opus", () => {
  it.each(rowsOf("opus"))("is Ogg with an exact end in $name", async (row) => {
    const whole = await encodeAll(row.format, [source]);
    expect(whole.toString("latin1", 0, 4)).toBe("OggS");
    expect(whole.toString("latin1", 28, 36)).toBe("OpusHead");
    const lastPage = whole.subarray(whole.lastIndexOf("OggS"));
    expect(lastPage.readUInt8(5)).toBe(4);
    expect(Number(lastPage.readBigInt64LE(6))).toBe(312 + sampleCount(row));
  });
});

describe("other input rates", () => {
  const inputRatesHz = [8000, 22_050, 24_000, 48_000];
  it.each(inputRatesHz.flatMap((rateHz) => rows.map((row) => ({ rateHz, ...row }))))(
    "take $rateHz Hz into $name",
    async ({ rateHz, format }) => {
      const [short, long] = await Promise.all(
        [rateHz, rateHz * 2].map(async (count) => {
          const encoder = await createEncoder(format, rateHz);
          const samples = new Int16Array(count).map((_, n) => 8000 * Math.sin((n * 6000) / rateHz));
          const parts = [...slices(samples, rateHz)].map((cut) => encoder.encode(cut));
          return Buffer.concat([...parts, encoder.finish()]).length;
        }),
      );
      // The second second adds what a second takes, whatever header, delay and padding the first one had.
      const bitsPerS = format.bitrateBps ?? format.sampleRateHz * bitsPerSample[format.encoding];
      expect(((long! - short!) * 8) / bitsPerS).toBeCloseTo(1, format.bitrateBps ? 0 : 9);
    },
  );
});

describe("utterances in one stream", () => {
  const utterance = source.subarray(0, 8001);

  it.each(rows.filter(({ format }) => format.encoding === "pcm_s16le"))(
    "are each complete where they end in $name",
    async ({ format }) => {
      const encoder = await createEncoder(format, inputRateHz);
      const headerBytes = format.container === "wav" ? 44 : 0;
      const expected = 2 * Math.round((utterance.length * format.sampleRateHz) / inputRateHz);
      expect(encoder.encode(utterance, true).length).toBe(headerBytes + expected);
      expect(encoder.encode(utterance, true).length).toBe(expected);
      expect(encoder.finish().length).toBe(0);
    },
  );

  it.each(rows)("give the same bytes however they are cut in $name", async ({ format }) => {
    const whole = await createEncoder(format, inputRateHz);
    const wholeParts = [whole.encode(utterance, true), whole.encode(utterance), whole.finish()];
    const cut = await createEncoder(format, inputRateHz);
    const cutParts = [...randomSlices(utterance, 5)].map((samples) => cut.encode(samples));
    cutParts.push(cut.encode(new Int16Array(), true));
    cutParts.push(...[...randomSlices(utterance, 6)].map((samples) => cut.encode(samples)));
    cutParts.push(cut.finish());
    expect(Buffer.concat(wholeParts).equals(Buffer.concat(cutParts))).toBe(true);
  });
});

describe("formats without a codec", () => {
  it.each<AudioFormat>([
    { encoding: "ulaw", container: "wav", sampleRateHz: 8000 },
    { encoding: "opus", container: "raw", sampleRateHz: 48_000, bitrateBps: 64_000 },
    { encoding: "mp3", container: "raw", sampleRateHz: 44_100 },
    { encoding: "pcm_s16le", container: "raw", sampleRateHz: 44_099 },
  ])("refuses $encoding in $container at $sampleRateHz Hz", async (format) => {
    await expect(createEncoder(format, inputRateHz)).rejects.toThrow(RangeError);
  });
});

/** The tone is there, at its frequency, with its power, where it belongs, and silence around it. */
function expectTone(samples: Int16Array, { format, delaySamples, gain }: Row): void {
  const { sampleRateHz } = format;
  const at = (seconds: number) => Math.round(seconds * sampleRateHz) + delaySamples;
  const middle = samples.subarray(at(toneFromS + 0.1), at(toneToS - 0.1));
  const { amplitude, share } = toneIn(middle, sampleRateHz);
  expect(amplitude / toneAmplitude).toBeGreaterThan(gain * 0.98);
  expect(amplitude / toneAmplitude).toBeLessThan(gain * 1.02);
  expect(share).toBeGreaterThan(0.998);

  const isLoud = (sample: number) => Math.abs(sample) > toneAmplitude / 2;
  const edgeSamples = sampleRateHz * 0.003;
  expect(Math.abs(samples.findIndex(isLoud) - at(toneFromS))).toBeLessThan(edgeSamples);
  expect(Math.abs(samples.findLastIndex(isLoud) - at(toneToS))).toBeLessThan(edgeSamples);
  const silence = samples.subarray(0, at(toneFromS - 0.05));
  expect(silence.every((sample) => Math.abs(sample) < toneAmplitude / 100)).toBe(true);
}

/** How strong the tone is in the samples, and which share of their power it is. */
function toneIn(samples: Int16Array, sampleRateHz: number): { amplitude: number; share: number } {
  let [sin, cos, power] = [0, 0, 0];
  for (const [n, sample] of samples.entries()) {
    const angle = (2 * Math.PI * toneHz * n) / sampleRateHz;
    sin += sample * Math.sin(angle);
    cos += sample * Math.cos(angle);
    power += sample * sample;
  }
  const amplitude = (2 * Math.hypot(sin, cos)) / samples.length;
  return { amplitude, share: (amplitude ** 2 * samples.length) / 2 / power };
}

function int16From(bytes: Uint8Array): Int16Array {
  return new Int16Array(Uint8Array.from(bytes).buffer);
}

function decodeWithFfmpeg(
  coded: Uint8Array,
  input: readonly string[],
): { samples: Int16Array; sampleRateHz: number } {
  const { stdout, stderr, status } = spawnSync(
    "ffmpeg",
    ["-hide_banner", ...input, "-i", "pipe:0", "-f", "s16le", "pipe:1"],
    { input: coded, maxBuffer: 2 ** 26 },
  );
  const log = stderr.toString();
  expect({ status, log }).toMatchObject({ status: 0 });
  expect(log).not.toContain("Error while decoding");
  const rate = /Audio: .*? (\d+) Hz, (mono|1 channels)/.exec(log);
  return { samples: int16From(stdout), sampleRateHz: Number(rate?.[1]) };
}

interface Mp3Frame {
  sampleRateHz: number;
  bitrateBps: number;
  mono: boolean;
  samples: number;
  bytes: Buffer;
}

/** What the rates of MPEG-1 are divided by, by the two bits of the version; 0 is MPEG-2.5. */
const mpegDivisors: Readonly<Record<number, number>> = { 0: 4, 2: 2, 3: 1 };

/** Walks a layer III stream from header to header, without a gap (ISO/IEC 11172-3 2.4.2.3, 13818-3 2.4.2.3). */
function readMp3Frames(stream: Buffer): Mp3Frame[] {
  const frames: Mp3Frame[] = [];
  for (let at = 0; at < stream.length; ) {
    const header = stream.readUInt32BE(at);
    expect({ at, sync: header >>> 21 }).toEqual({ at, sync: 0x7ff });
    const version = (header >>> 19) & 3;
    const divisor = mpegDivisors[version] ?? Number.NaN;
    expect({ at, divisor }).not.toEqual({ at, divisor: Number.NaN });
    expect((header >>> 17) & 3).toBe(1); // layer III
    const isMpeg1 = version === 3;
    const kbps = isMpeg1
      ? [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320]
      : [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
    const bitrateBps = kbps.at((header >>> 12) & 15)! * 1000;
    const sampleRateHz = [44_100, 48_000, 32_000].at((header >>> 10) & 3)! / divisor;
    const samples = isMpeg1 ? 1152 : 576;
    const padding = (header >>> 9) & 1;
    const length = Math.floor(((samples / 8) * bitrateBps) / sampleRateHz) + padding;
    const bytes = stream.subarray(at, at + length);
    expect(bytes.length).toBe(length);
    frames.push({ sampleRateHz, bitrateBps, mono: ((header >>> 6) & 3) === 3, samples, bytes });
    at += length;
  }
  return frames;
}
