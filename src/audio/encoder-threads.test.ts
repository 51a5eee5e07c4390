import { once } from "node:events";
import type { Worker } from "node:worker_threads";
import { afterEach, describe, expect, it } from "vitest";
import type { AudioFormat } from "../protocol/audio-format.ts";
import { createEncoderThreads, type EncoderThreads } from "./encoder-threads.ts";

const format: AudioFormat = { encoding: "ulaw", container: "raw", sampleRateHz: 8000 };

let encoders: EncoderThreads | undefined;
afterEach(() => encoders?.close());

async function encodeOnce(threads: EncoderThreads): Promise<number> {
  const encoder = threads.open(format, 8000);
  let length = 0;
  for await (const bytes of encoder.encode(new Int16Array(80), [80])) length += bytes.length;
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
    encoders = createEncoderThreads(1, (reason) => {
      deaths.push(reason);
      told();
    });
    const [worker] = (await starting) as [Worker];
    expect(await encodeOnce(encoders)).toBe(80);
    await worker.terminate();
    await whenTold;
    expect(deaths).toEqual(["The encoder thread exited"]);
    expect(await encodeOnce(encoders)).toBe(80);
  });

  it("is not told of when it is closed", async () => {
    const deaths: string[] = [];
    const threads = createEncoderThreads(1, (reason) => deaths.push(reason));
    await encodeOnce(threads);
    await threads.close();
    expect(deaths).toEqual([]);
  });
});
