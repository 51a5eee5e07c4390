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
  | {
      readonly type: "encode";
      readonly stream: number;
      readonly samples: Int16Array;
      readonly endsUtterance: boolean;
    }
  | { readonly type: "finish"; readonly stream: number }
  | { readonly type: "close"; readonly stream: number };

/** The answer to one `encode` or `finish`, in the order of the requests. */
export interface EncoderAnswer {
  readonly stream: number;
  readonly bytes?: Uint8Array;
  readonly error?: string;
}

interface Waiter {
  readonly resolve: (bytes: Uint8Array) => void;
  readonly reject: (reason: unknown) => void;
}

/** Encoder threads of a server; to be closed with it. */
export interface EncoderThreads extends EncoderSource {
  /** Resolves when the threads can code without delay. */
  ready(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Runs encoders on worker threads, so that neither resampling nor a codec ever holds up the
 * event loop. A stream stays on the thread that has the fewest streams when it is opened.
 */
export function createEncoderThreads(size: number = availableParallelism()): EncoderThreads {
  const threads = Array.from({ length: size }, () => new EncoderThread());
  return {
    open(format, inputRateHz) {
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

/** One thread, started again by the next stream after it died. */
class EncoderThread {
  #worker: Worker | undefined = this.#start();
  #waiting = new Map<number, Waiter[]>();
  #nextStream = 0;
  #closed = false;

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
      encode: (samples, endsUtterance) => {
        const own = samples.slice();
        return this.#ask({ type: "encode", stream, samples: own, endsUtterance }, own.buffer);
      },
      finish: () => this.#ask({ type: "finish", stream }),
      close: () => {
        const waiters = this.#waiting.get(stream) ?? [];
        if (!this.#waiting.delete(stream)) return;
        this.#post({ type: "close", stream });
        for (const { reject } of waiters) reject(new Error("The encoder was closed"));
      },
    };
  }

  async ready(): Promise<void> {
    const format = {
      encoding: "mp3",
      container: "raw",
      sampleRateHz: 44_100,
      bitrateBps: 128_000,
    } as const;
    const encoder = this.open(format, 16_000);
    await encoder.encode(new Int16Array(16_000), true);
    await encoder.finish();
    encoder.close();
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#worker?.terminate();
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

  #ask(request: EncoderRequest, transfer?: ArrayBuffer): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      const waiters = this.#waiting.get(request.stream);
      if (!waiters) return reject(new Error("The encoder was closed"));
      waiters.push({ resolve, reject });
      this.#post(request, transfer && [transfer]);
    });
  }

  #onAnswer({ stream, bytes, error }: EncoderAnswer): void {
    const waiter = this.#waiting.get(stream)?.shift();
    if (bytes) waiter?.resolve(bytes);
    else waiter?.reject(new Error(error ?? "The encoder gave nothing"));
  }

  #onDeath(worker: Worker, reason: Error): void {
    if (this.#worker !== worker) return;
    this.#worker = this.#closed ? undefined : this.#start();
    const orphans = [...this.#waiting.values()].flat();
    this.#waiting = new Map();
    for (const { reject } of orphans) reject(reason);
  }
}
