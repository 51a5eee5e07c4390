import { once } from "node:events";
import { WebSocket } from "ws";
import { median } from "../src/load/percentile.ts";
import { type Figure, percentile95 } from "./figure.ts";
import { startServerProcess } from "./processes.ts";

const voice = "flite-kal16";
const query = "output_format=pcm_24000";
const bytesPerSecond = 48_000;

const sentence =
  "The fog came in over the harbour wall, slow and white, and the boats were only sounds. ";
/** About a minute of speech. */
const minute = sentence.repeat(11);
const clause = "Hello my good friend. ";
const contexts = 5;
const rounds = { sharing: 100, bargeIn: 40 } as const;

async function openMulti(url: string): Promise<WebSocket> {
  const path = `/v1/text-to-speech/${voice}/multi-stream-input?${query}`;
  const socket = new WebSocket(`${url.replace(/^http/, "ws")}${path}`, {
    perMessageDeflate: false,
  });
  await once(socket, "open");
  return socket;
}

const say = (context: string, text: string): string =>
  JSON.stringify({ text, context_id: context, flush: true });
const close = (context: string): string =>
  JSON.stringify({ context_id: context, close_context: true });

/** The name is at a frame's end, behind audio that need not be parsed. */
const nameOf = (frame: Buffer): string | undefined =>
  /"contextId":"(\w+)"/.exec(frame.subarray(-80).toString())?.[1];
const isAudio = (frame: Buffer): boolean => frame.subarray(0, 10).toString() === '{"audio":"';
const isFinal = (frame: Buffer): boolean =>
  frame.subarray(0, 14).toString().includes('{"audio":null');

/** What came of some contexts that began at the same time. */
interface Outcome {
  readonly secondsPerSecond: number;
  readonly firstAudioMs: readonly number[];
}

/**
 * Speaks one paragraph per name, over the socket that is its own or everybody's. Each frame is
 * looked at once in either case: a client that did more for one socket would be what is measured.
 */
async function speakTogether(sockets: ReadonlyMap<string, WebSocket>): Promise<Outcome> {
  const startedAt = performance.now();
  const firstAudioMs: number[] = [];
  let audioBytes = 0;
  const silent = new Set(sockets.keys());
  const speaking = new Set(sockets.keys());
  const distinct = new Set(sockets.values());
  await new Promise<void>((resolve) => {
    const onFrame = (frame: Buffer): void => {
      const name = nameOf(frame) ?? "";
      if (silent.delete(name)) firstAudioMs.push(performance.now() - startedAt);
      if (isAudio(frame)) audioBytes += (frame.indexOf('"', 10) - 10) * 0.75;
      if (isFinal(frame) && speaking.delete(name) && speaking.size === 0) resolve();
    };
    for (const socket of distinct) socket.on("message", onFrame);
    for (const [name, socket] of sockets) socket.send(say(name, sentence.repeat(3)));
    for (const [name, socket] of sockets) socket.send(close(name));
  });
  for (const socket of distinct) socket.removeAllListeners("message");
  const seconds = (performance.now() - startedAt) / 1000;
  return { secondsPerSecond: audioBytes / bytesPerSecond / seconds, firstAudioMs };
}

/** Five contexts on one socket beside five sockets with one each. */
export async function measureSharing(): Promise<Figure[]> {
  const server = await startServerProcess("syrinx-process.js");
  const names = Array.from({ length: contexts }, (_, index) => `context${index}`);
  const shared = await openMulti(server.url);
  const own = await Promise.all(names.map(() => openMulti(server.url)));
  const together = new Map(names.map((name) => [name, shared]));
  const apart = new Map(names.map((name, index) => [name, own[index] ?? shared]));
  const ofOne: Outcome[] = [];
  const ofFive: Outcome[] = [];
  await speakTogether(together);
  for (let round = 0; round < rounds.sharing; round += 1) {
    ofOne.push(await speakTogether(together));
    ofFive.push(await speakTogether(apart));
  }
  for (const socket of [shared, ...own]) socket.terminate();
  await server.stop();
  const rate = (outcomes: readonly Outcome[]): number =>
    median(outcomes.map(({ secondsPerSecond }) => secondsPerSecond));
  const first = (outcomes: readonly Outcome[]): number =>
    percentile95(outcomes.flatMap(({ firstAudioMs }) => firstAudioMs));
  return [
    {
      name: `audio seconds per second, ${contexts} contexts on one socket, ${voice}, pcm_24000`,
      unit: "s/s",
      measured: rate(ofOne),
      bound: rate(ofFive),
      boundName: `the same on ${contexts} sockets`,
      compare: "ratio",
      target: 0.95,
      better: "higher",
    },
    {
      name: `first audio, 95th percentile, ${contexts} contexts on one socket`,
      unit: "ms",
      measured: first(ofOne),
      bound: first(ofFive),
      boundName: `the same on ${contexts} sockets`,
      compare: "ratio",
      target: 1.1,
      better: "lower",
    },
  ];
}

/** The first audio of a new context after a barge-in, beside that on an idle server. */
export async function measureBargeIn(): Promise<Figure[]> {
  const server = await startServerProcess("syrinx-process.js");
  const interrupted: number[] = [];
  const idle: number[] = [];
  for (let round = 0; round < rounds.bargeIn; round += 1) {
    interrupted.push(await firstAudioAfter(server.url, minute));
    idle.push(await firstAudioAfter(server.url, undefined));
  }
  await server.stop();
  return [
    {
      name: `first audio after a barge-in into a minute of speech, ${voice}, pcm_24000`,
      unit: "ms",
      measured: median(interrupted),
      bound: median(idle),
      boundName: "the same on an idle server",
      compare: "ratio",
      target: 1.5,
      better: "lower",
    },
  ];
}

/** Interrupts `before`, if anything, at its first audio, while most of it is still to be made. */
async function firstAudioAfter(url: string, before: string | undefined): Promise<number> {
  const socket = await openMulti(url);
  if (before !== undefined) {
    socket.send(say("old", before));
    await once(socket, "message");
  } else {
    socket.ping();
    await once(socket, "pong");
  }
  const startedAt = performance.now();
  const heard = new Promise<void>((resolve) => {
    socket.on("message", (frame: Buffer) => {
      if (nameOf(frame) === "new") resolve();
    });
  });
  if (before !== undefined) socket.send(close("old"));
  socket.send(say("new", clause));
  await heard;
  const elapsedMs = performance.now() - startedAt;
  socket.terminate();
  return elapsedMs;
}
