import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import type { AudioFormat } from "../protocol/audio-format.ts";
import type { EncoderSource, StreamEncoder } from "./stream-encoder.ts";

/** What an encoder thread is asked; `stream` names one encoder of the thread. */
export type EncoderRequest =
  | {
      readonly type: "open";
      readonly stream: number;
      readonly format: AudioFormat;
      readonly inputRateHz: number;
    }
  /** The samples that the next `pull`s are about. */
  | { readonly type: "utterance"; readonly stream: number; readonly samples: Int16Array }
  /** Asks for the pieces up to each of `ends`. */
  | { readonly type: "pull"; readonly stream: number; readonly ends: readonly number[] }
  | { readonly type: "finish"; readonly stream: number }
  | { readonly type: "close"; readonly stream: number };

/** The answer to one `pull` or `finish`, in the order of the requests. */
export type EncoderAnswer =
  | {
      readonly stream: number;
      /** All pieces of the answer, one after another. */
      readonly bytes: Uint8Array;
      /** [pieces] where each piece ends in `bytes`. */
      readonly pieceEnds: readonly number[];
    }
  | { readonly stream: number; readonly error: string };

interface Waiter {
  readonly resolve: (pieces: Uint8Array[]) => void;
  readonly reject: (reason: unknown) => void;
}

/** Pieces asked for at once: one, so that the first is there soon, then more to save messages. */
const maxBatch = 4;

/** Encoder threads of a server; to be closed with it. */
export interface EncoderThreads extends EncoderSource {
  /** Resolves when the threads can code without delay. */
  ready(): Promise<void>;
  close(): Promise<void>;
}

const nothing = (): void => {};

/**
 * Runs encoders on worker threads, so that neither resampling nor a codec ever holds up the
 * event loop. A stream stays on the thread that has the fewest streams when it is opened. `onDeath`
 * is told why a thread died; the next stream starts another.
 */
export function createEncoderThreads(
  size: number = availableParallelism(),
  onDeath: (reason: string) => void = nothing,
): EncoderThreads {
  const threads = Array.from({ length: size }, () => new EncoderThread(onDeath));
  return {
    open(format, inputRateHz) {
      if (isUnchanged(format, inputRateHz)) return createUnchanged();
      const [first, ...others] = threads;
      if (!first) throw new TypeError("There must be at least one encoder thread");
      const idlest = others.reduce(
        (best, next) => (next.streams < best.streams ? next : best),
        first,
      );
      return idlest.open(format, inputRateHz);
    },
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

function createUnchanged(): StreamEncoder {
  return {
    async *encode(samples, ends) {
      const bytes = new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
      for (const [index, end] of ends.entries()) {
        yield bytes.subarray(2 * (ends[index - 1] ?? 0), 2 * end);
      }
    },
    finish: () => Promise.resolve(new Uint8Array()),
    close: () => {},
  };
}

/** One thread, started again by the next stream after it died. */
class EncoderThread {
  readonly #onDied: (reason: string) => void;
  #worker: Worker | undefined = this.#start();
  #waiting = new Map<number, Waiter[]>();
  #nextStream = 0;

  constructor(onDied: (reason: string) => void) {
    this.#onDied = onDied;
  }

  get streams(): number {
    return this.#waiting.size;
  }

  open(format: AudioFormat, inputRateHz: number): StreamEncoder {
    this.#worker ??= this.#start();
    const stream = this.#nextStream;
    this.#nextStream += 1;
    this.#waiting.set(stream, []);
    this.#post({ type: "open", stream, format, inputRateHz });
    return {
      encode: (samples, ends) => this.#encode(stream, samples, ends),
      finish: async () => {
        const [rest] = await this.#ask({ type: "finish", stream });
        return rest ?? new Uint8Array();
      },
      close: () => {
        const waiters = this.#waiting.get(stream) ?? [];
        if (!this.#waiting.delete(stream)) return;
        this.#post({ type: "close", stream });
        for (const { reject } of waiters) reject(new Error("The encoder was closed"));
      },
    };
  }

  async *#encode(
    stream: number,
    samples: Int16Array<ArrayBuffer>,
    ends: readonly number[],
  ): AsyncGenerator<Uint8Array> {
    this.#post({ type: "utterance", stream, samples }, [samples.buffer]);
    let asked = 0;
    let batch = 1;
    const pull = (): Promise<Uint8Array[]> | undefined => {
      if (asked === ends.length) return undefined;
      const pieces = this.#ask({ type: "pull", stream, ends: ends.slice(asked, asked + batch) });
      pieces.catch(() => {});
      asked = Math.min(ends.length, asked + batch);
      batch = Math.min(maxBatch, batch * 2);
      return pieces;
    };
    for (let next = pull(); next !== undefined; ) {
      const pieces = await next;
      const last = pieces.pop();
      yield* pieces;
      // Asked for while the last piece is sent, and no sooner: what is coded has to be kept.
      next = pull();
      if (last) yield last;
    }
  }

  async ready(): Promise<void> {
    const format = {
      encoding: "mp3",
      container: "raw",
      sampleRateHz: 44_100,
      bitrateBps: 128_000,
    } as const;
    const encoder = this.open(format, 16_000);
    for await (const _ of encoder.encode(new Int16Array(16_000), [16_000]));
    await encoder.finish();
    encoder.close();
  }

  async close(): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }

  #start(): Worker {
    // The built file, also when this module itself runs from its TypeScript source.
    const entry = createRequire(import.meta.url).resolve("#encoder-worker");
    const worker = new Worker(pathToFileURL(entry));
    worker.on("message", (answer: EncoderAnswer) => this.#onAnswer(answer));
    worker.on("error", (error) => this.#onDeath(worker, error));
    worker.on("exit", () => this.#onDeath(worker, new Error("The encoder thread exited")));
    return worker;
  }

  #post(request: EncoderRequest, transfer: ArrayBuffer[] = []): void {
    this.#worker?.postMessage(request, transfer);
  }

  #ask(request: EncoderRequest): Promise<Uint8Array[]> {
    return new Promise((resolve, reject) => {
      const waiters = this.#waiting.get(request.stream);
      if (!waiters) return reject(new Error("The encoder was closed"));
      waiters.push({ resolve, reject });
      this.#post(request);
    });
  }

  #onAnswer(answer: EncoderAnswer): void {
    const waiter = this.#waiting.get(answer.stream)?.shift();
    if ("error" in answer) return waiter?.reject(new Error(answer.error));
    const { bytes, pieceEnds } = answer;
    waiter?.resolve(pieceEnds.map((end, index) => bytes.subarray(pieceEnds[index - 1] ?? 0, end)));
  }

  #onDeath(worker: Worker, reason: Error): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    const orphans = [...this.#waiting.values()].flat();
    this.#waiting = new Map();
    for (const { reject } of orphans) reject(reason);
    this.#onDied(reason.message);
  }
}
