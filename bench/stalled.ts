import { once } from "node:events";
import type { WebSocket } from "ws";
import { openStream } from "./client.ts";
import { type Figure, figureOfRounds, percentile95, type Round } from "./figure.ts";
import { type ServerProcess, startServerProcess } from "./processes.ts";

const voice = "flite-kal16";
const stalledReaders = 200;
const fillingReaders = 20;
const healthyReaders = 50;
const rounds = 15;
const mebibyte = 1024 * 1024;
/** The healthy ask one after another, so that they do not wait for each other alone. */
const askEveryMs = 40;

const clause = "Hello my good friend.";
/** About what the kernel takes of a reader that never reads. */
const kernelBytes = 5 * mebibyte;
/** More than that. */
const longText = "The fog came in over the harbour wall, slow and white. ".repeat(100);

/** First audio of healthy readers, and memory, with many stalled readers on the server and without. */
export async function measureStalled(): Promise<Figure[]> {
  const crowded = await startServerProcess("syrinx-process.js", ["flite", "stallSeconds=3600"]);
  const alone = await startServerProcess("syrinx-process.js", ["flite"]);
  const stalled = await stallReaders(crowded);
  await readAsMuch(alone);
  const latency: Round[] = [];
  const memory: Round[] = [];
  for (let round = -1; round < rounds; round += 1) {
    const measured = await firstAudioP95(crowded.url);
    const bound = await firstAudioP95(alone.url);
    if (round < 0) continue;
    latency.push({ measured, bound });
    memory.push({
      measured: (await crowded.rssBytes()) / mebibyte,
      bound: (await alone.rssBytes()) / mebibyte,
    });
  }
  for (const socket of stalled) socket.terminate();
  await Promise.all([crowded.stop(), alone.stop()]);
  const setting = `${stalledReaders} stalled readers beside ${healthyReaders} healthy ones, ${voice}`;
  const boundName = `the ${healthyReaders} alone`;
  return [
    figureOfRounds(
      {
        name: `first audio p95, ${setting}`,
        unit: "ms",
        boundName,
        compare: "ratio",
        target: 1.1,
        better: "lower",
      },
      latency,
    ),
    figureOfRounds(
      {
        name: `memory, ${setting}`,
        unit: "MiB",
        boundName,
        compare: "difference",
        target: 95.3,
        better: "lower",
      },
      memory,
    ),
  ];
}

/**
 * Opens sockets that read nothing, and fills them until the server has no room for any; few at a
 * time, because a peer that answers no ping while its socket is filled is taken for gone.
 */
async function stallReaders({ url }: ServerProcess): Promise<WebSocket[]> {
  const sockets: WebSocket[] = [];
  while (sockets.length < stalledReaders) {
    for (let count = 0; count < fillingReaders; count += 1) {
      const socket = await openStream(url, voice, "output_format=pcm_48000");
      socket.pause();
      socket.send(JSON.stringify({ text: longText, flush: true }));
      sockets.push(socket);
    }
    while ((await readWaiting(url)) < sockets.length) {
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
  return sockets;
}

/** Lets as many clients hear about as much: what a server has spoken before leaves its marks too. */
async function readAsMuch({ url }: ServerProcess): Promise<void> {
  for (let count = 0; count < stalledReaders; count += fillingReaders) {
    await Promise.all(
      Array.from({ length: fillingReaders }, async () => {
        const socket = await openStream(url, voice, "output_format=pcm_48000");
        socket.send(JSON.stringify({ text: longText, flush: true }));
        for (let bytes = 0; bytes < kernelBytes; ) {
          const [frame] = (await once(socket, "message")) as [Buffer];
          bytes += frame.length;
        }
        socket.terminate();
      }),
    );
  }
}

async function readWaiting(url: string): Promise<number> {
  const health = await fetch(`${url}/health?detail`);
  const { sending } = (await health.json()) as { readonly sending: { readonly waiting: number } };
  return sending.waiting;
}

/** The 95th percentile of the first audio of clients that ask for a clause one after another. */
async function firstAudioP95(url: string): Promise<number> {
  const heardMs = await Promise.all(
    Array.from({ length: healthyReaders }, async (_, index) => {
      const socket = await openStream(url, voice, "output_format=pcm_24000");
      await new Promise((resolve) => setTimeout(resolve, 500 + index * askEveryMs));
      const startedAt = performance.now();
      socket.send(JSON.stringify({ text: clause, flush: true }));
      await once(socket, "message");
      const elapsedMs = performance.now() - startedAt;
      socket.terminate();
      return elapsedMs;
    }),
  );
  return percentile95(heardMs);
}
