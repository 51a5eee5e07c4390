import type { Clock } from "../../src/clock.ts";
import { orders, placeIn, type Scheduling, type Wanted } from "../../src/order.ts";
import { type Engine, inPieces, type Pcm, type Utterance } from "../../src/engine/synthesizer.ts";
import { createToneEngine } from "../../src/engine/tone.ts";

export interface SimulatedEngineOptions {
  readonly clock: Clock;
  readonly workers: number;
  /** Synthesis time divided by audio duration. */
  readonly realTimeFactor: number;
  readonly sampleRateHz: number;
  readonly msPerChar: number;
  /** By deadline unless given. */
  readonly scheduling?: Scheduling;
}

interface Job extends Wanted {
  readonly ms: number;
  readonly onStart: () => void;
  readonly onDone: () => void;
}

/** A tone engine that takes its time, on a few workers, in the order of the real ones. */
export function createSimulatedEngine(options: SimulatedEngineOptions): Engine {
  const { clock, workers, realTimeFactor, msPerChar, scheduling = "deadline" } = options;
  const tone = createToneEngine(options);
  const queue: Job[] = [];
  let running = 0;

  const dispatch = (): void => {
    while (running < workers && queue.length > 0) {
      const job = queue.shift();
      if (!job) return;
      running += 1;
      job.onStart();
      clock.schedule(job.ms, () => {
        running -= 1;
        job.onDone();
        dispatch();
      });
    }
  };

  const work = (
    { text, dueAt = Number.POSITIVE_INFINITY, observer }: Utterance,
    signal: AbortSignal,
  ): Promise<void> =>
    new Promise((resolve) => {
      const ms = text.length * msPerChar * realTimeFactor;
      const askedAt = clock.now();
      const onStart = (): void => observer?.dispatched(clock.now() - askedAt);
      const job = { askedAt, dueAt, ms, onStart, onDone: resolve };
      const onAbort = (): void => {
        if (queue.includes(job)) queue.splice(queue.indexOf(job), 1);
        resolve();
      };
      signal.addEventListener("abort", onAbort, { once: true });
      queue.splice(placeIn(queue, job, orders[scheduling]), 0, job);
      dispatch();
    });

  const speak = async (utterance: Utterance, signal: AbortSignal): Promise<readonly Pcm[]> => {
    await work(utterance, signal);
    signal.throwIfAborted();
    const { observer: _, ...unwatched } = utterance;
    const pieces: Pcm[] = [];
    for await (const pcm of tone.synthesize(unwatched, signal)) pieces.push(pcm);
    return pieces;
  };

  return {
    ...tone,
    synthesize: (utterance, signal) => inPieces(speak(utterance, signal)),
  };
}
