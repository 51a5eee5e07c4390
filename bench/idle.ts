import { once } from "node:events";
import { WebSocket } from "ws";
import { type Figure, figureOfRounds, type Round } from "./figure.ts";
import { type ServerProcess, startServerProcess } from "./processes.ts";

const idleSockets = 10_000;
const atOnce = 100;
const rounds = Number(process.env["ROUNDS"] ?? 7);
/** Garbage of the opening is collected meanwhile. */
const settledMs = 15_000;
/** One ping and its answer for each, whatever the moment. */
const watchedMs = 20_000;
const apiKey = "sk_bench_0123456789abcdef0123456789abcdef";
/** A stream that is open and authenticated, and has the longest of timers. */
const path = "/v1/text-to-speech/tone/stream-input?inactivity_timeout=180";
const firstMessage = JSON.stringify({ text: " ", xi_api_key: apiKey });

/** What one kind of idle socket costs. */
interface Cost {
  readonly kibibytesEach: number;
  readonly cpuPercent: number;
}

/** Memory and CPU of many idle streams, with their keys checked, beside as many `ws` sockets. */
export async function measureIdle(): Promise<Figure[]> {
  const memory: Round[] = [];
  const cpu: Round[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const bare = await startServerProcess("bare-socket-process.js");
    const bound = await costOf(bare, (url) => connect(url));
    const server = await startServerProcess("syrinx-process.js", ["tone", "auth=on"], {
      SYRINX_API_KEY: apiKey,
    });
    const measured = await costOf(server, (url) => connect(`${url}${path}`, firstMessage));
    memory.push({ measured: measured.kibibytesEach, bound: bound.kibibytesEach });
    cpu.push({ measured: measured.cpuPercent, bound: bound.cpuPercent });
  }
  const boundName = "as many idle ws sockets";
  return [
    figureOfRounds(
      {
        name: `memory of each of ${idleSockets} idle streams, authenticated, all told`,
        unit: "KiB",
        boundName,
        compare: "absolute",
        // 12 KB
        target: 11.7,
        better: "lower",
      },
      memory,
    ),
    figureOfRounds(
      {
        name: `CPU of ${idleSockets} idle streams, with their timers and pings`,
        unit: "% of a core",
        boundName,
        compare: "absolute",
        target: 2,
        better: "lower",
      },
      cpu,
    ),
  ];
}

async function costOf(
  server: ServerProcess,
  open: (url: string, index: number) => Promise<WebSocket>,
): Promise<Cost> {
  const url = server.url.replace(/^http/, "ws");
  const sockets = [await open(url, 0)];
  const before = await server.rssBytes();
  while (sockets.length <= idleSockets) {
    const next = Array.from({ length: atOnce }, (_, index) => open(url, sockets.length + index));
    sockets.push(...(await Promise.all(next)));
  }
  const after = await server.rssBytes();
  await new Promise((resolve) => setTimeout(resolve, settledMs));
  const cpuBefore = await server.cpuMs();
  await new Promise((resolve) => setTimeout(resolve, watchedMs));
  const cpuMs = (await server.cpuMs()) - cpuBefore;
  for (const socket of sockets) socket.terminate();
  await server.stop();
  return {
    kibibytesEach: (after - before) / idleSockets / 1024,
    cpuPercent: (cpuMs / watchedMs) * 100,
  };
}

async function connect(url: string, message?: string): Promise<WebSocket> {
  const socket = new WebSocket(url, { perMessageDeflate: false });
  await once(socket, "open");
  if (message === undefined) return socket;
  socket.send(message);
  // Its answer comes after the message has been read.
  socket.ping();
  await once(socket, "pong");
  return socket;
}
