import type { AudioFormat } from "../src/protocol/audio-format.ts";
import { startBareSpeech } from "./bare-engine.ts";
import { hear, openStream } from "./client.ts";
import { median } from "../src/load/percentile.ts";
import type { Figure } from "./figure.ts";
import { startServerProcess } from "./processes.ts";

/** 60 words. */
export const paragraph: string =
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
    const speaker = await startBareSpeech(each.format, "slt", [paragraph], streams / 2);
    for (let round = 0; round < rounds; round += 1) {
      bare.push((await speaker.run()).secondsPerSecond);
      served.push(await runServed(each.name, each.bytesPerSecond));
    }
    await speaker.stop();
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
