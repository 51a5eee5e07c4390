import { once } from "node:events";
import { WebSocket } from "ws";
import { openStream } from "./client.ts";
import { median } from "../src/load/percentile.ts";
import type { Figure } from "./figure.ts";
import { startServerProcess } from "./processes.ts";

const rounds = 9;
const sentence =
  "Every word of this has its own place in time, and the frame that carries it says so. ";

/** Frames per second to one client, with base64 and alignment, beside `ws` with ready-made ones. */
export async function measureFrames(): Promise<Figure> {
  const server = await startServerProcess("syrinx-process.js", ["tone"]);
  const bare = await startServerProcess("bare-socket-process.js");
  const served: number[] = [];
  const readyMade: number[] = [];
  let frameBytes = 0;
  for (let round = 0; round <= rounds; round += 1) {
    const { frames, bytes, perSecond } = await runServed(server.url);
    frameBytes = Math.round(bytes / frames);
    const bound = await runBare(bare.url, frames, frameBytes);
    // The first round warms both up.
    if (round === 0) continue;
    served.push(perSecond);
    readyMade.push(bound.perSecond);
  }
  await Promise.all([server.stop(), bare.stop()]);
  return {
    name: `frames per second to one client, ${frameBytes} bytes on average`,
    unit: "frames/s",
    measured: median(served),
    bound: median(readyMade),
    boundName: "ws sending ready-made frames of that size",
    compare: "ratio",
    target: 0.4,
    better: "higher",
  };
}

interface Run {
  readonly frames: number;
  readonly bytes: number;
  readonly perSecond: number;
}

async function runServed(url: string): Promise<Run> {
  const socket = await openStream(url, "tone", "output_format=pcm_24000");
  const counting = count(socket, (frame) => frame.length < 100);
  for (let sent = 0; sent < 120; sent += 1) {
    socket.send(JSON.stringify({ text: sentence.repeat(20) }));
  }
  socket.send('{"text":""}');
  return counting;
}

async function runBare(url: string, frames: number, frameBytes: number): Promise<Run> {
  const socket = new WebSocket(url.replace(/^http/, "ws"), { perMessageDeflate: false });
  await once(socket, "open");
  const counting = count(socket, (_, counted) => counted === frames);
  socket.send(JSON.stringify({ frames, frameBytes }));
  const run = await counting;
  socket.terminate();
  return run;
}

/** Counts frames until the last one; the same for both, and as little as a client can do. */
function count(
  socket: WebSocket,
  isLast: (frame: Buffer, counted: number) => boolean,
): Promise<Run> {
  const startedAt = performance.now();
  let frames = 0;
  let bytes = 0;
  return new Promise((resolve) => {
    socket.on("message", (frame: Buffer) => {
      frames += 1;
      bytes += frame.length;
      if (!isLast(frame, frames)) return;
      resolve({ frames, bytes, perSecond: (frames / (performance.now() - startedAt)) * 1000 });
    });
  });
}
