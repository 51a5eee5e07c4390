import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { createEncoder, WasmMediaEncoder } from "wasm-media-encoders";
import type { AudioFormat } from "../protocol/audio-format.ts";
import { concatBytes } from "./concat-bytes.ts";
import type { Encoder } from "./codec.ts";

type Lame = WasmMediaEncoder<"audio/mpeg">;
type LameModule = Parameters<typeof createEncoder>[1];

const sampleRatesHz = [8000, 16_000, 22_050, 24_000, 44_100, 48_000] as const;
const bitratesKbps = [32, 48, 64, 96, 128, 192] as const;

/** LAME copies each call's samples into its own memory, which never shrinks again. */
const maxCallSamples = 4096;

/** Enough for the streams a busy thread ends and starts at about the same time. */
const maxIdle = 8;

/** Ready to be configured anew, which resets them completely. Each keeps 16 MiB of address space, about 1 MB of it in use. */
const idle: Lame[] = [];

/** Creates a LAME, from a module that the thread's first encoder compiles. */
let factory: Promise<() => Promise<Lame>> | undefined;

/**
 * An encoder of constant-rate MP3 frames at the format's own rate, mono, with no ID3 tag and no Xing or
 * Info frame. Decoded sound lags by LAME's and the decoder's 1105 samples, and is 0.45 dB softer
 * (0.26 dB at 192 kbit/s): the headroom LAME takes at constant rates.
 *
 * @throws {RangeError} for a rate or bit rate that is not offered
 */
export async function createMp3Encoder(format: AudioFormat): Promise<Encoder> {
  const sampleRate = sampleRatesHz.find((rateHz) => rateHz === format.sampleRateHz);
  const bitrate = bitratesKbps.find((kbps) => kbps * 1000 === format.bitrateBps);
  if (!sampleRate || !bitrate) {
    throw new RangeError(`no MP3 at ${format.sampleRateHz} Hz with ${format.bitrateBps} bit/s`);
  }
  const lame = idle.pop() ?? (await createLame());
  // Without an output rate LAME picks one that suits the bit rate, often half of the input's.
  lame.configure({ channels: 1, sampleRate, bitrate, outputSampleRate: sampleRate });
  const scaled = new Float32Array(maxCallSamples);
  return {
    encode(samples) {
      const parts: Uint8Array[] = [];
      for (let start = 0; start < samples.length; start += maxCallSamples) {
        const block = samples.subarray(start, start + maxCallSamples);
        for (let i = 0; i < block.length; i++) scaled[i] = block[i]! / 32768;
        // Copied, because the answer is a view of memory that the next call overwrites.
        parts.push(lame.encode([scaled.subarray(0, block.length)]).slice());
      }
      return concatBytes(parts);
    },
    finish() {
      const rest = lame.finalize().slice();
      // A stream given up before its end leaves its encoder to the garbage collector.
      if (idle.length < maxIdle) idle.push(lame);
      return rest;
    },
  };
}

async function createLame(): Promise<Lame> {
  factory ??= loadFactory();
  const create = await factory;
  return create();
}

/** Compiles once; left to itself, the package does so for every encoder. */
async function loadFactory(): Promise<() => Promise<Lame>> {
  const library = await import("wasm-media-encoders");
  const path = createRequire(import.meta.url).resolve("wasm-media-encoders/wasm/mp3");
  const bytes = await readFile(path);
  const compiled = await new Promise<LameModule>((resolve, reject) => {
    library.createEncoder("audio/mpeg", bytes, resolve).catch(reject);
  });
  return () => library.createEncoder("audio/mpeg", compiled);
}
