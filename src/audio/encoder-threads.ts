import { availableParallelism } from "node:os";
import type { Clock } from "../clock.ts";
import type { Scheduling } from "../order.ts";
import type { AudioFormat } from "../protocol/audio-format.ts";
import { EncoderThread } from "./encoder-thread.ts";
import type { EncoderSource, RecoderSource, StreamEncoder } from "./stream-encoder.ts";

/** How encoder threads are run. */
export interface EncoderThreadsOptions {
  readonly clock: Clock;
  /** Number of threads; one per core unless given. */
  readonly size?: number | undefined;
  /** What is coded first; by deadline unless given. */
  readonly scheduling?: Scheduling;
  /** Told why a thread died; the next stream starts another. */
  readonly onDeath?: (reason: string) => void;
}

/** Encoder threads of a server; to be closed with it. */
export interface EncoderThreads extends EncoderSource, RecoderSource {
  /** Resolves when the threads can code without delay. */
  ready(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Runs encoders on worker threads, so that neither resampling nor a codec ever holds up the
 * event loop. A stream stays on the thread that has the fewest streams when it is opened.
 */
export function createEncoderThreads({
  clock,
  size = availableParallelism(),
  scheduling = "deadline",
  onDeath,
}: EncoderThreadsOptions): EncoderThreads {
  const threads = Array.from({ length: size }, () => new EncoderThread(clock, scheduling, onDeath));
  const findIdlest = (): EncoderThread => {
    const [first, ...others] = threads;
    if (!first) throw new TypeError("There must be at least one encoder thread");
    return others.reduce((best, next) => (next.streams < best.streams ? next : best), first);
  };
  return {
    open: (format, inputRateHz) =>
      isUnchanged(format, inputRateHz) ? unchanged : findIdlest().open(format, inputRateHz),
    openRecoder: (from, to) => findIdlest().openRecoder(from, to),
    async ready() {
      await Promise.all(threads.map((thread) => thread.ready()));
    },
    async close() {
      await Promise.all(threads.map((thread) => thread.close()));
    },
  };
}

/** Samples that leave as they are need no thread, and no time. */
function isUnchanged(
  { encoding, container, sampleRateHz }: AudioFormat,
  inputRateHz: number,
): boolean {
  return encoding === "pcm_s16le" && container === "raw" && sampleRateHz === inputRateHz;
}

/** One for all streams. */
const unchanged: StreamEncoder = {
  *encode(samples, ends) {
    const bytes = new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
    let start = 0;
    for (const end of ends) {
      yield bytes.subarray(2 * start, 2 * end);
      start = end;
    }
  },
  finish: () => Promise.resolve(new Uint8Array()),
  close: () => {},
};
