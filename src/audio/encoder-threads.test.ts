import { once } from "node:events";
import type { Worker } from "node:worker_threads";
import { afterEach, describe, expect, it } from "vitest";
import { ManualClock } from "../clock.ts";
import type { AudioFormat } from "../protocol/audio-format.ts";
import { concatBytes } from "./concat-bytes.ts";
import { createEncoder } from "./encoder.ts";
import { createEncoderThreads, type EncoderThreads } from "./encoder-threads.ts";
import { decodeMuLaw } from "./g711.ts";

const format: AudioFormat = { encoding: "ulaw", container: "raw", sampleRateHz: 8000 };

let encoders: EncoderThreads | undefined;
afterEach(() => encoders?.close());

async function encodeOnce(threads: EncoderThreads): Promise<number> {
  const encoder = threads.open(format, 8000);
  let length = 0;
  for await (const bytes of encoder.encode(new Int16Array(80), [80], () => 0))
    length += bytes.length;
  encoder.close();
  return length;
}

describe("an encoder thread that dies", () => {
  it("is told of with its reason, and another takes its place", async () => {
    const deaths: string[] = [];
    let told = (): void => {};
    const whenTold = new Promise<void>((resolve) => {
      told = resolve;
    });
    const starting = once(process, "worker");
    const onDeath = (reason: string): void => {
      deaths.push(reason);
      told();
    };
    encoders = createEncoderThreads({ clock: new ManualClock(), size: 1, onDeath });
    const [worker] = (await starting) as [Worker];
    expect(await encodeOnce(encoders)).toBe(80);
    await worker.terminate();
    await whenTold;
    expect(deaths).toEqual(["The encoder thread exited"]);
    expect(await encodeOnce(encoders)).toBe(80);
  });

  it("is not told of when it is closed", async () => {
    const deaths: string[] = [];
    const onDeath = (reason: string): unknown => deaths.push(reason);
    const threads = createEncoderThreads({ clock: new ManualClock(), size: 1, onDeath });
    await encodeOnce(threads);
    await threads.close();
    expect(deaths).toEqual([]);
  });
});

describe("a recoder", () => {
  const codes = Uint8Array.from({ length: 9001 }, (_, index) => (index * 31) % 256);
  const pcm: AudioFormat = { encoding: "pcm_s16le", container: "raw", sampleRateHz: 24_000 };

  it("gives what an encoder makes of the decoded samples, however the bytes are cut", async () => {
    encoders = createEncoderThreads({ clock: new ManualClock(), size: 1 });
    const recoder = encoders.openRecoder(format, pcm);
    const pieces: Uint8Array[] = [];
    for (let at = 0; at < codes.length; at += 1234) {
      pieces.push(await recoder.recode(codes.subarray(at, at + 1234)));
    }
    pieces.push(await recoder.finish());
    recoder.close();
    const encoder = await createEncoder(pcm, 8000);
    const expected = [encoder.encode(decodeMuLaw(codes)), encoder.finish()];
    expect(concatBytes(pieces)).toEqual(concatBytes(expected));
    // What it was given is still its owner's.
    expect(codes).toHaveLength(9001);
  });

  it("says what cannot be recoded", async () => {
    encoders = createEncoderThreads({ clock: new ManualClock(), size: 1 });
    const recoder = encoders.openRecoder({ ...format, container: "ogg" }, pcm);
    await expect(recoder.recode(codes)).rejects.toThrow("no codec for ulaw in ogg");
    recoder.close();
    expect(await encodeOnce(encoders)).toBe(80);
  });
});
