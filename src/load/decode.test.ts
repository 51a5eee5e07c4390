import { describe, expect, it } from "vitest";
import { createEncoder } from "../audio/encoder.ts";
import type { AudioFormat } from "../protocol/audio-format.ts";
import { createAudioMeter, isMeasurable } from "./decode.ts";

const voiceRateHz = 16_000;
const silenceMs = 300;
const soundMs = 1700;

/** Silence and then a tone, as a voice would give it. */
function speech(): Int16Array {
  const samples = new Int16Array(((silenceMs + soundMs) * voiceRateHz) / 1000);
  const from = (silenceMs * voiceRateHz) / 1000;
  for (let at = from; at < samples.length; at += 1) {
    samples[at] = 9000 * Math.sin((2 * Math.PI * 440 * at) / voiceRateHz);
  }
  return samples;
}

async function coded(format: AudioFormat, samples: Int16Array): Promise<Buffer> {
  const encoder = await createEncoder(format, voiceRateHz);
  return Buffer.concat([encoder.encode(samples, true), encoder.finish()]);
}

const measured = (name: string) => {
  const meter = createAudioMeter(name);
  if (!meter) throw new Error(`no meter for ${name}`);
  return meter;
};

function inPieces(bytes: Buffer, size: number): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size));
  return pieces;
}

const mp3 = (sampleRateHz: number, kbps: number): AudioFormat => ({
  encoding: "mp3",
  container: "raw",
  sampleRateHz,
  bitrateBps: kbps * 1000,
});

/** With the delay of the codec and the padding of its frames, in ms at most. */
const formats: readonly [string, AudioFormat, number][] = [
  ["pcm_24000", { encoding: "pcm_s16le", container: "raw", sampleRateHz: 24_000 }, 1],
  ["pcm_8000", { encoding: "pcm_s16le", container: "raw", sampleRateHz: 8000 }, 1],
  ["ulaw_8000", { encoding: "ulaw", container: "raw", sampleRateHz: 8000 }, 1],
  ["alaw_8000", { encoding: "alaw", container: "raw", sampleRateHz: 8000 }, 1],
  ["mp3_44100_128", mp3(44_100, 128), 80],
  ["mp3_44100_32", mp3(44_100, 32), 80],
  ["mp3_22050_32", mp3(22_050, 32), 160],
  ["mp3_24000_48", mp3(24_000, 48), 160],
  [
    "opus_48000_64",
    { encoding: "opus", container: "ogg", sampleRateHz: 48_000, bitrateBps: 64_000 },
    1,
  ],
];

describe.each(formats)("%s", (name, format, codecMs) => {
  it("tells how long the audio is and when it begins to sound", async () => {
    const { audioMs, leadingSilenceMs = Number.NaN } = await measured(name)([
      await coded(format, speech()),
    ]);
    const total = audioMs.reduce((sum, each) => sum + each, 0);
    expect(total).toBeGreaterThan(silenceMs + soundMs - 1);
    expect(total).toBeLessThan(silenceMs + soundMs + codecMs);
    expect(leadingSilenceMs).toBeGreaterThanOrEqual(silenceMs - 10);
    expect(leadingSilenceMs).toBeLessThan(silenceMs + codecMs + 5);
  });

  it("finds the same however the bytes are cut, and no more than has come", async () => {
    const bytes = await coded(format, speech());
    const whole = await measured(name)([bytes]);
    const cut = await measured(name)(inPieces(bytes, 401));
    const total = cut.audioMs.reduce((sum, each) => sum + each, 0);
    expect(total).toBeCloseTo(whole.audioMs[0] ?? 0, 6);
    expect(cut.leadingSilenceMs).toBe(whole.leadingSilenceMs);
    const start = await measured(name)(inPieces(bytes, 401).slice(0, 5));
    expect(start.audioMs).toEqual(cut.audioMs.slice(0, 5));
  });

  it("knows silence", async () => {
    const bytes = await coded(format, new Int16Array(voiceRateHz));
    expect((await measured(name)([bytes])).leadingSilenceMs).toBeUndefined();
  });
});

describe.each(formats)("one stream of %s after another", (name, format) => {
  it("is measured as if it were the first", async () => {
    const loud = speech().subarray((silenceMs * voiceRateHz) / 1000);
    const meter = measured(name);
    for (const samples of [speech(), loud, speech(), loud]) {
      const bytes = await coded(format, samples);
      expect(await meter([bytes])).toEqual(await measured(name)([bytes]));
    }
  });
});

it.each(["mp3_44100_128", "opus_48000_64"])("finds no %s in other bytes", async (name) => {
  const bytes = Buffer.from("no audio at all, only words. ".repeat(100));
  expect(await measured(name)([bytes])).toEqual({ audioMs: [0] });
});

it("passes over what comes before the first frame of an MP3 stream", async () => {
  const bytes = await coded(mp3(44_100, 128), speech());
  const tagged = Buffer.concat([Buffer.from("ID3 and what belongs to it"), bytes]);
  const [plain, withTag] = await Promise.all(
    [bytes, tagged].map((each) => measured("mp3_44100_128")([each])),
  );
  expect(withTag?.audioMs).toEqual(plain?.audioMs);
});

it("gives up at a damaged packet of Opus, and still knows the length", async () => {
  const opus = { encoding: "opus", container: "ogg", sampleRateHz: 48_000, bitrateBps: 64_000 };
  const bytes = await coded(opus as AudioFormat, speech());
  const whole = await measured("opus_48000_64")([bytes]);
  const firstAudioPage = bytes.indexOf("OggS", bytes.indexOf("OpusTags"));
  // A packet that says it has 48 frames, which is more than fits into 120 ms.
  const packetAt = firstAudioPage + 27 + bytes.readUInt8(firstAudioPage + 26);
  bytes.fill(0xff, packetAt, packetAt + 2);
  expect(await measured("opus_48000_64")([bytes])).toEqual({ audioMs: whole.audioMs });
});

it.each(["wav_24000", "mp3", "", "flac_44100", "pcm_24000; rm", "m4a_aac_44100_128"])(
  "%j is no format of a socket",
  (name) => {
    expect(isMeasurable(name)).toBe(false);
  },
);
