import type { Clock } from "../clock.ts";
import { openClientSocket, type OpenSocket } from "./client-socket.ts";
import { createAudioMeter, type MeasureAudio } from "./decode.ts";
import { Readings } from "./readings.ts";
import type { StreamPlan } from "./scenario.ts";
import { StreamClient } from "./stream-client.ts";
import type { TurnResult } from "./turn-result.ts";
import type { SocketUse, Target } from "./wire.ts";

/** One run against one server, as data. */
export interface LoadPlan {
  readonly target: Target;
  readonly socketUse: SocketUse;
  readonly streams: readonly StreamPlan[];
  /** After so long no turn begins; those that have begun are finished. */
  readonly durationMs?: number;
}

export interface LoadProgress {
  readonly elapsedMs: number;
  /** Streams in a turn. */
  readonly speaking: number;
  readonly turns: number;
  readonly failed: number;
}

/** What a run needs; what is left out is the machine's own. */
export interface LoadParts {
  readonly clock: Clock;
  /** Ends the run early; what was measured until then is the result. */
  readonly signal?: AbortSignal;
  /** At the beginning and the end of each turn. */
  readonly onProgress?: (progress: LoadProgress) => void;
  readonly openSocket?: OpenSocket;
  /** CPU time of this process in ms. */
  readonly cpuMs?: () => number;
  /** A turn of which nothing comes for so long after its text is given up; 60 s if absent. */
  readonly patienceMs?: number;
}

/** What came of a run. */
export interface LoadResult {
  readonly streams: number;
  /** In the order in which they ended. */
  readonly turns: readonly TurnResult[];
  /** From the start of the run to the end of its last turn. */
  readonly elapsedMs: number;
  /** CPU time of the generator itself in that time. */
  readonly cpuMs: number;
  readonly isInterrupted: boolean;
}

const defaultPatienceMs = 60_000;
/** A server that refuses is not asked again at once. */
const failurePauseMs = 1000;

/**
 * Puts load on a server and measures each turn. Nothing that goes wrong with a server ends the
 * run: it is in the result.
 *
 * @throws {RangeError} for a format that cannot be measured
 */
export async function runLoad(plan: LoadPlan, parts: LoadParts): Promise<LoadResult> {
  const { clock, signal, cpuMs = processCpuMs } = parts;
  const measureAudio = createAudioMeter(plan.target.format);
  if (!measureAudio) throw new RangeError(`${plan.target.format} is no format of a socket`);
  const run = new Run(plan, parts, measureAudio);
  const stop = (): void => run.stop();
  signal?.addEventListener("abort", stop, { once: true });
  const cpuBeforeMs = cpuMs();
  const originAt = clock.now();
  if (signal?.aborted) run.stop();
  await Promise.all(plan.streams.map((stream, index) => run.follow(stream, index)));
  const elapsedMs = clock.now() - originAt;
  const spentMs = cpuMs() - cpuBeforeMs;
  signal?.removeEventListener("abort", stop);
  return {
    streams: plan.streams.length,
    turns: await run.results(),
    elapsedMs,
    cpuMs: spentMs,
    isInterrupted: signal?.aborted === true,
  };
}

const processCpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

/** The streams of one run while they speak. */
class Run {
  readonly #plan: LoadPlan;
  readonly #parts: LoadParts;
  readonly #originAt: number;
  readonly #readings: Readings;
  readonly #clients = new Set<StreamClient>();
  /** Ends each wait of a stream at once. */
  readonly #wakes = new Set<() => void>();
  #isStopped = false;
  #speaking = 0;
  #turns = 0;
  #failed = 0;

  constructor(plan: LoadPlan, parts: LoadParts, measureAudio: MeasureAudio) {
    this.#plan = plan;
    this.#parts = parts;
    this.#originAt = parts.clock.now();
    this.#readings = new Readings(measureAudio);
  }

  results(): Promise<TurnResult[]> {
    return this.#readings.finish();
  }

  stop(): void {
    this.#isStopped = true;
    for (const client of this.#clients) client.close();
    for (const wake of this.#wakes) wake();
  }

  /** Lets one stream speak its turns. */
  async follow({ startMs, turns }: StreamPlan, stream: number): Promise<void> {
    const { clock, openSocket = openClientSocket, patienceMs = defaultPatienceMs } = this.#parts;
    const { target, socketUse } = this.#plan;
    const client = new StreamClient(target, socketUse, { clock, openSocket, patienceMs });
    this.#clients.add(client);
    let turn = 0;
    let nextAt = startMs;
    for (const { texts, pauseMs } of turns) {
      if (!(await this.#reaches(nextAt))) break;
      this.#speaking += 1;
      this.#tell();
      const recording = await client.speak(texts);
      this.#speaking -= 1;
      this.#turns += 1;
      if (recording.failure) this.#failed += 1;
      this.#tell();
      const place = { stream, turn, originAt: this.#originAt };
      const quietAfter = recording.failure ? Math.max(failurePauseMs, pauseMs) : pauseMs;
      const heard =
        pauseMs > 0
          ? await this.#readings.now(recording, place)
          : this.#readings.later(recording, place);
      nextAt = (heard?.playedTo ?? recording.endedAt - this.#originAt) + quietAfter;
      turn += 1;
    }
    client.close();
    this.#clients.delete(client);
  }

  #elapsedMs(): number {
    return this.#parts.clock.now() - this.#originAt;
  }

  /** Waits for a time of the run; false, and at once, when no turn may begin then any more. */
  async #reaches(runMs: number): Promise<boolean> {
    const { durationMs = Number.POSITIVE_INFINITY } = this.#plan;
    if (Math.max(runMs, this.#elapsedMs()) >= durationMs || this.#isStopped) return false;
    const restMs = runMs - this.#elapsedMs();
    if (restMs > 0) await this.#wait(restMs);
    return !this.#isStopped;
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        cancel();
        this.#wakes.delete(wake);
        resolve();
      };
      const cancel = this.#parts.clock.schedule(ms, wake);
      this.#wakes.add(wake);
    });
  }

  #tell(): void {
    this.#parts.onProgress?.({
      elapsedMs: this.#elapsedMs(),
      speaking: this.#speaking,
      turns: this.#turns,
      failed: this.#failed,
    });
  }
}
