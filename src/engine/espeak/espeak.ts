import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import type { Clock } from "../../clock.ts";
import type { Scheduling } from "../../order.ts";
import { inChildren } from "../child-worker.ts";
import { type Engine, type Pcm, writtenOf } from "../synthesizer.ts";
import { WorkerPool } from "../worker-pool.ts";
import type { EspeakInfo, EspeakJob, EspeakOwn, ListedVoice } from "./job.ts";
import { voiceOf } from "./voices.ts";

const require = createRequire(import.meta.url);
/** Longer than the longest text without white space takes on a busy machine. */
const maxSilentMs = 30_000;
const maxStartMs = 30_000;
/** An engine's first voice is what it is tried with. */
const firstIdentifier = "gmw/en-US";

/** What can be chosen about espeak-ng. */
export interface EspeakOptions {
  readonly clock: Clock;
  /** Where the package lies: see {@link findEspeak}. */
  readonly moduleUrl: string;
  /** Child processes for every utterance; one is plenty unless hundreds speak at a time. */
  readonly workers?: number;
  readonly scheduling?: Scheduling;
  readonly onWorkerReplaced?: (reason: string) => void;
}

/** Where the package lies that the user may have installed; nothing if it was not. */
export function findEspeak(): string | undefined {
  try {
    return pathToFileURL(require.resolve("@echogarden/espeak-ng-emscripten")).href;
  } catch {
    return undefined;
  }
}

/**
 * espeak-ng in child processes, one of which is kept for whoever waits in silence. Its voices are
 * the package's own list.
 * @throws {SpeechError} engine_failed when it cannot be started
 */
export async function createEspeakEngine(options: EspeakOptions): Promise<Engine> {
  const own: EspeakOwn = { moduleUrl: options.moduleUrl };
  let listed: readonly ListedVoice[] = [];
  const pool = new WorkerPool<EspeakJob, Pcm>({
    clock: options.clock,
    startWorker: inChildren(pathToFileURL(require.resolve("#espeak-child")), own),
    size: options.workers ?? 1,
    expressSize: 1,
    ...(options.scheduling && { scheduling: options.scheduling }),
    maxSilentMs,
    maxStartMs,
    resume: restOf,
    onReady: (info) => {
      listed = (info as EspeakInfo).voices;
    },
    ...(options.onWorkerReplaced && { onReplaced: options.onWorkerReplaced }),
  });
  await pool.ready().catch(async (error: unknown) => {
    await pool.close();
    throw error;
  });
  const first = listed.filter(({ identifier }) => identifier === firstIdentifier);
  const voices = [...new Set([...first, ...listed])];
  const identifiers = new Map(voices.map((each) => [voiceOf(each).slug, each.identifier]));

  return {
    name: "espeak",
    streams: true,
    isDeterministic: true,
    voices: voices.map(voiceOf),
    ready: () => pool.ready(),
    close: () => pool.close(),
    synthesize(utterance, signal) {
      const { voice, settings, dueAt, observer } = utterance;
      const job: EspeakJob = {
        ...writtenOf(utterance),
        from: 0,
        voice: identifiers.get(voice.slug) ?? firstIdentifier,
        language: voice.language,
        speed: settings.speed,
      };
      return pool.run(job, signal, dueAt, (queuedMs) => observer?.dispatched(queuedMs));
    },
  };
}

/** The same text, from where the pieces end that were given. */
function restOf(job: EspeakJob, given: readonly Pcm[]): EspeakJob | undefined {
  const from = given
    .flatMap(({ alignment }) => alignment.original.chars)
    .reduce((sum, char) => sum + char.length, 0);
  return from < job.text.length ? { ...job, from } : undefined;
}
