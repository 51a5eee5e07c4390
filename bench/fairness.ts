import { setTimeout as sleep } from "node:timers/promises";
import { once } from "node:events";
import type { WebSocket } from "ws";
import { percentile } from "../src/load/percentile.ts";
import { audioBytesOf, openStream } from "./client.ts";
import { type Figure, figureOfRounds } from "./figure.ts";
import { startSyrinx } from "./processes.ts";

const voice = "flite-slt";
const query = "output_format=pcm_16000";
const bytesPerSecond = 32_000;
/** 60 words. */
const paragraph =
  "The lamp in the harbour had been lit since four, and the fog came in over the wall, slow and white, " +
  "until the boats were only sounds. Somebody laughed on the quay, a bell answered, and the old pilot put " +
  "down his cup. He had seen worse nights than this, he said; but he took his coat all the same, and his lantern.";
const clause = "Hello my good friend.";
const streams = 32;
const everyMs = 200;
const newcomers = 50;
const rounds = Number(process.env["ROUNDS"] ?? 7);

interface Course {
  readonly firstAudioP95Ms: number;
  readonly audioSecondsPerSecond: number;
}

/** First audio of newcomers beside many long texts, by deadline and first come, first served. */
export async function measureFairness(): Promise<Figure[]> {
  const measured: Record<"deadline" | "arrival", Course[]> = { deadline: [], arrival: [] };
  for (let round = 0; round < rounds; round += 1) {
    const both = ["deadline", "arrival"] as const;
    for (const scheduling of round % 2 === 0 ? both : both.toReversed()) {
      measured[scheduling].push(await run(scheduling));
    }
  }
  const figure = (name: string, unit: string, of: keyof Course, target: number): Figure =>
    figureOfRounds(
      {
        name: `${name}, ${streams} long texts and a newcomer every ${everyMs} ms, ${voice}`,
        unit,
        boundName: "first come, first served",
        compare: "ratio",
        target,
        better: of === "firstAudioP95Ms" ? "lower" : "higher",
      },
      measured.deadline.map((course, index) => ({
        measured: course[of],
        bound: measured.arrival[index]?.[of] ?? Number.NaN,
      })),
    );
  return [
    figure("first audio p95", "ms", "firstAudioP95Ms", 0.2),
    figure("throughput", "s/s", "audioSecondsPerSecond", 0.97),
  ];
}

async function run(scheduling: "deadline" | "arrival"): Promise<Course> {
  const server = await startSyrinx({ scheduling });
  let audioBytes = 0;
  let isOver = false;
  const onFrame = (data: Buffer): void => {
    if (!isOver) audioBytes += audioBytesOf(data);
  };
  const speakOn = async (): Promise<void> => {
    while (!isOver) {
      const socket = await openStream(server.url, voice, query);
      socket.on("message", onFrame);
      socket.send(JSON.stringify({ text: paragraph }));
      socket.send('{"text":""}');
      await once(socket, "close");
    }
  };
  const long = Array.from({ length: streams }, speakOn);
  // The first texts begin together and are cut alike; later ones spread out.
  await sleep(1000);
  audioBytes = 0;
  const startedAt = performance.now();
  const firsts: Promise<number>[] = [];
  for (let count = 0; count < newcomers; count += 1) {
    const socket = await openStream(server.url, voice, query);
    await sleep(Math.max(0, startedAt + count * everyMs - performance.now()));
    socket.on("message", onFrame);
    firsts.push(firstAudioOf(socket));
  }
  const firstAudioMs = await Promise.all(firsts);
  const elapsedMs = performance.now() - startedAt;
  isOver = true;
  await Promise.all(long);
  await server.stop();
  return {
    firstAudioP95Ms: percentile(firstAudioMs, 0.95),
    audioSecondsPerSecond: ((audioBytes / bytesPerSecond) * 1000) / elapsedMs,
  };
}

async function firstAudioOf(socket: WebSocket): Promise<number> {
  const askedAt = performance.now();
  socket.send(JSON.stringify({ text: clause }));
  socket.send('{"text":""}');
  await once(socket, "message");
  return performance.now() - askedAt;
}
