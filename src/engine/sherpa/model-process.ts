import type { Clock } from "../../clock.ts";
import type { Scheduling } from "../../order.ts";
import { inChildren } from "../child-worker.ts";
import type { Pcm } from "../synthesizer.ts";
import { WorkerPool } from "../worker-pool.ts";
import type { SherpaJob, SherpaStart } from "./job.ts";

/** How the processes of models run. */
export interface ProcessOptions {
  readonly clock: Clock;
  /** The module that a process runs, built JavaScript. */
  readonly entry: URL;
  /** Processes for one model: each holds all of it in memory. */
  readonly perModel: number;
  readonly scheduling?: Scheduling | undefined;
  readonly onReplaced?: ((reason: string) => void) | undefined;
}

/** A slow model on a busy machine is not hung. */
const maxSilentMs = 30_000;
const maxStartMs = 30_000;
/**
 * Loading a model again costs more than the rest of the sentence that nobody wants any more: its
 * process is ended only when that takes too long.
 */
const abortGraceMs = 1000;

/** A model's processes; they start at once. */
export function startModel(
  start: SherpaStart,
  { clock, entry, perModel, scheduling, onReplaced }: ProcessOptions,
): WorkerPool<SherpaJob, Pcm> {
  let wasLoaded = false;
  return new WorkerPool<SherpaJob, Pcm>({
    clock,
    startWorker: inChildren(entry, start),
    size: perModel,
    maxSilentMs,
    maxStartMs,
    abortGraceMs,
    maxFirstStarts: 1,
    resume: jobForRest,
    ...(scheduling && { scheduling }),
    onReady() {
      wasLoaded = true;
    },
    onReplaced(reason) {
      // A model that cannot be loaded is told by `ready`.
      if (wasLoaded) onReplaced?.(reason);
    },
  });
}

/** What is missing of an utterance of which these pieces have been spoken. */
function jobForRest(job: SherpaJob, given: readonly Pcm[]): SherpaJob | undefined {
  const chars = given.reduce(
    (sum, { alignment }) => sum + alignment.original.chars.join("").length,
    0,
  );
  return chars < job.text.length ? { ...job, spokenChars: chars } : undefined;
}
