import { once } from "node:events";
import { WebSocket } from "ws";
import { openStream } from "./client.ts";
import { type Figure, figureOfRounds, type Round } from "./figure.ts";
import { type ServerProcess, startServerProcess } from "./processes.ts";

const rounds = 9;
/** Until everything is compiled. */
const warmUps = 2;
const sentence =
  "Every word of this has its own place in time, and the frame that carries it says so. ";

/** Which frames carry alignments: each its own, or the first of an utterance all of it. */
const styles = {
  "alignment in every frame": "&sync_alignment=true",
  "alignment once an utterance": "",
} as const;

/** Frames to one client for each second of the server's CPU, beside `ws` with ready-made ones. */
export async function measureFrames(): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const [name, query] of Object.entries(styles)) figures.push(await measure(name, query));
  return figures;
}

async function measure(name: string, query: string): Promise<Figure> {
  const server = await startServerProcess("syrinx-process.js", ["tone"]);
  const bare = await startServerProcess("bare-socket-process.js");
  const measured: Round[] = [];
  let frameBytes = 0;
  for (let round = -warmUps; round < rounds; round += 1) {
    const served = await runServed(server, query);
    frameBytes = Math.round(served.bytes / served.frames);
    const readyMade = await runBare(bare, served.frames, frameBytes);
    if (round < 0) continue;
    measured.push({ measured: served.perCpuSecond, bound: readyMade.perCpuSecond });
  }
  await Promise.all([server.stop(), bare.stop()]);
  return figureOfRounds(
    {
      name: `frames per second and core, ${frameBytes} bytes with base64, ${name}`,
      unit: "frames/s",
      boundName: "ws sending ready-made frames of that size",
      compare: "ratio",
      target: 0.5,
      better: "higher",
    },
    measured,
  );
}

interface Run {
  readonly frames: number;
  readonly bytes: number;
  /** For each second that all threads of the server have worked. */
  readonly perCpuSecond: number;
}

async function runServed(server: ServerProcess, query: string): Promise<Run> {
  const socket = await openStream(server.url, "tone", `output_format=pcm_24000${query}`);
  const counting = count(server, socket, (frame) => frame.length < 100);
  for (let sent = 0; sent < 120; sent += 1) {
    socket.send(JSON.stringify({ text: sentence.repeat(20) }));
  }
  socket.send('{"text":""}');
  return counting;
}

async function runBare(server: ServerProcess, frames: number, frameBytes: number): Promise<Run> {
  const socket = new WebSocket(server.url.replace(/^http/, "ws"), { perMessageDeflate: false });
  await once(socket, "open");
  const counting = count(server, socket, (_, counted) => counted === frames);
  socket.send(JSON.stringify({ frames, frameBytes }));
  const run = await counting;
  socket.terminate();
  return run;
}

/** Counts frames until the last one; the same for both, and as little as a client can do. */
async function count(
  server: ServerProcess,
  socket: WebSocket,
  isLast: (frame: Buffer, counted: number) => boolean,
): Promise<Run> {
  const cpuBefore = server.cpuMs();
  let frames = 0;
  let bytes = 0;
  await new Promise<void>((resolve) => {
    socket.on("message", (frame: Buffer) => {
      frames += 1;
      bytes += frame.length;
      if (isLast(frame, frames)) resolve();
    });
  });
  const cpuMs = (await server.cpuMs()) - (await cpuBefore);
  return { frames, bytes, perCpuSecond: (frames / cpuMs) * 1000 };
}
