import type { Clock } from "../../src/clock.ts";
import {
  type Engine,
  inOnePiece,
  type Pcm,
  type Urgency,
  type Utterance,
} from "../../src/engine/synthesizer.ts";
import { createToneEngine } from "../../src/engine/tone.ts";

export interface SimulatedEngineOptions {
  readonly clock: Clock;
  readonly workers: number;
  /** Synthesis time divided by audio duration. */
  readonly realTimeFactor: number;
  readonly sampleRateHz: number;
  readonly msPerChar: number;
}

interface Job {
  readonly urgency: Urgency;
  readonly ms: number;
  readonly onDone: () => void;
}

const urgencies: readonly Urgency[] = ["awaited", "ahead", "background"];

/** A tone engine that takes its time, on a few workers: the most urgent first, then in order. */
export function createSimulatedEngine(options: SimulatedEngineOptions): Engine {
  const { clock, workers, realTimeFactor, msPerChar } = options;
  const tone = createToneEngine(options);
  const queue: Job[] = [];
  let running = 0;

  const dispatch = (): void => {
    while (running < workers && queue.length > 0) {
      const urgent = urgencies.flatMap(
        (each) => queue.find(({ urgency }) => urgency === each) ?? [],
      );
      const job = urgent[0];
      if (!job) return;
      queue.splice(queue.indexOf(job), 1);
      running += 1;
      clock.schedule(job.ms, () => {
        running -= 1;
        job.onDone();
        dispatch();
      });
    }
  };

  const work = ({ text, urgency = "ahead" }: Utterance, signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      const job = { urgency, ms: text.length * msPerChar * realTimeFactor, onDone: resolve };
      const onAbort = (): void => {
        if (queue.includes(job)) queue.splice(queue.indexOf(job), 1);
        resolve();
      };
      signal.addEventListener("abort", onAbort, { once: true });
      queue.push(job);
      dispatch();
    });

  const speak = async (utterance: Utterance, signal: AbortSignal): Promise<Pcm> => {
    await work(utterance, signal);
    signal.throwIfAborted();
    for await (const pcm of tone.synthesize(utterance, signal)) return pcm;
    throw new Error("The tone engine gives one piece");
  };

  return {
    ...tone,
    synthesize: (utterance, signal) => inOnePiece(speak(utterance, signal)),
  };
}
