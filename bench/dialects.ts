import { once } from "node:events";
import { WebSocket } from "ws";
import { median } from "../src/load/percentile.ts";
import { type Figure, percentile95 } from "./figure.ts";
import { startServerProcess } from "./processes.ts";

const voice = "flite-kal16";
const text = "Hello my good friend.";
const sockets = 100;
const rounds = 30;
const warmUps = 3;

/** One client: it asks for a clause and knows when it was first heard, and when all of it. */
interface Client {
  readonly socket: WebSocket;
  readonly ask: (round: number) => void;
  readonly isEnd: (frame: Buffer) => boolean;
}

const startOf = (frame: Buffer, length: number): string => frame.subarray(0, length).toString();

async function openElevenLabs(address: string): Promise<Client> {
  const path = `/v1/text-to-speech/${voice}/multi-stream-input?output_format=pcm_24000`;
  const socket = await open(`${address}${path}`);
  return {
    socket,
    ask(round) {
      const context_id = String(round);
      socket.send(JSON.stringify({ text, context_id, flush: true }));
      socket.send(JSON.stringify({ context_id, close_context: true }));
    },
    isEnd: (frame) => startOf(frame, 13) === '{"audio":null',
  };
}

async function openWaves(address: string): Promise<Client> {
  const socket = await open(`${address}/waves/v1/tts/live`);
  return {
    socket,
    ask: () =>
      socket.send(JSON.stringify({ voice_id: voice, sample_rate: 24_000, text, flush: true })),
    isEnd: (frame) => startOf(frame, 200).includes('"status":"complete"'),
  };
}

async function open(url: string): Promise<WebSocket> {
  const socket = new WebSocket(url, { perMessageDeflate: false });
  await once(socket, "open");
  return socket;
}

/** Lets all clients ask at once; gives the ms after which each first heard something. */
function askAll(clients: readonly Client[], round: number): Promise<number[]> {
  const startedAt = performance.now();
  return Promise.all(
    clients.map(async ({ socket, ask, isEnd }) => {
      let firstMs: number | undefined;
      const ended = new Promise<void>((resolve) => {
        const onFrame = (frame: Buffer): void => {
          firstMs ??= performance.now() - startedAt;
          if (!isEnd(frame)) return;
          socket.off("message", onFrame);
          resolve();
        };
        socket.on("message", onFrame);
      });
      ask(round);
      await ended;
      return firstMs ?? Number.NaN;
    }),
  );
}

/** First audio of 50 sockets of each family at once, beside 100 of either alone. */
export async function measureDialects(): Promise<Figure[]> {
  const server = await startServerProcess("syrinx-process.js");
  const address = server.url.replace(/^http/, "ws");
  const openMany = (create: (address: string) => Promise<Client>): Promise<Client[]> =>
    Promise.all(Array.from({ length: sockets }, () => create(address)));
  const elevenLabs = await openMany(openElevenLabs);
  const waves = await openMany(openWaves);
  const half = sockets / 2;
  // In turns, so that one is not heard before another by its place.
  const mixed = elevenLabs.slice(0, half).flatMap((client, index) => [client, waves[index]!]);
  const courses = { elevenLabs, waves, mixed };
  const measured: Record<keyof typeof courses, number[]> = { elevenLabs: [], waves: [], mixed: [] };
  // The three take turns, so that whatever else the machine does hits all.
  for (let round = -warmUps; round < rounds; round += 1) {
    for (const name of ["elevenLabs", "mixed", "waves"] as const) {
      const firstMs = percentile95(await askAll(courses[name], round));
      if (round >= 0) measured[name].push(firstMs);
    }
  }
  for (const { socket } of [...elevenLabs, ...waves]) socket.terminate();
  await server.stop();
  return (["elevenLabs", "waves"] as const).map((name) => ({
    name: `first audio p95, ${half} sockets of each family at once, ${voice}`,
    unit: "ms",
    measured: median(measured.mixed),
    bound: median(measured[name]),
    boundName: `${sockets} sockets of ${name === "waves" ? "Waves" : "ElevenLabs"} alone`,
    compare: "ratio",
    target: 1.1,
    better: "lower",
  }));
}
