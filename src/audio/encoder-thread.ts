import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import type { Clock } from "../clock.ts";
import { orders, placeIn, type Scheduling, type Wanted } from "../order.ts";
import type { AudioFormat } from "../protocol/audio-format.ts";
import type { StreamEncoder, StreamRecoder } from "./stream-encoder.ts";

/** What an encoder thread is asked; `stream` names one encoder of the thread. */
export type EncoderRequest =
  | {
      readonly type: "open";
      readonly stream: number;
      readonly format: AudioFormat;
      readonly inputRateHz: number;
      /** What `recode` is given, if it is not samples. */
      readonly source?: AudioFormat;
    }
  /** The samples that the next `pull`s are about. */
  | { readonly type: "utterance"; readonly stream: number; readonly samples: Int16Array }
  /** Asks for the piece up to `end`. */
  | { readonly type: "pull"; readonly stream: number; readonly end: number }
  /** Asks for what comes of coded bytes. */
  | { readonly type: "recode"; readonly stream: number; readonly bytes: Uint8Array }
  | { readonly type: "finish"; readonly stream: number }
  | { readonly type: "close"; readonly stream: number };

/** The answer to one `pull`, `recode` or `finish`, in the order of the requests of each stream. */
export type EncoderAnswer =
  | { readonly stream: number; readonly bytes: Uint8Array }
  | { readonly stream: number; readonly error: string };

interface Task extends Wanted {
  readonly request: EncoderRequest;
  readonly resolve: (bytes: Uint8Array) => void;
  readonly reject: (reason: unknown) => void;
}

/** Tasks that a thread has: one that it works on, and one so that it need not wait for the next. */
const maxPosted = 2;

const nothing = (): void => {};

/**
 * One thread with any number of encoders, started again by the next stream after it died. What
 * is wanted first is coded first, a piece at a time.
 */
export class EncoderThread {
  readonly #clock: Clock;
  readonly #scheduling: Scheduling;
  readonly #onDied: (reason: string) => void;
  #worker: Worker | undefined = this.#start();
  readonly #queue: Task[] = [];
  /** Of each stream that is open, what the thread has of it. */
  #posted = new Map<number, Task[]>();
  #postedCount = 0;
  #nextStream = 0;

  constructor(clock: Clock, scheduling: Scheduling, onDied: (reason: string) => void = nothing) {
    this.#clock = clock;
    this.#scheduling = scheduling;
    this.#onDied = onDied;
  }

  get streams(): number {
    return this.#posted.size;
  }

  open(format: AudioFormat, inputRateHz: number): StreamEncoder {
    const stream = this.#openStream({ format, inputRateHz });
    return {
      encode: (samples, ends, dueAt) => this.#encode(stream, samples, ends, dueAt),
      finish: (dueAt) => this.#ask({ type: "finish", stream }, dueAt),
      close: () => this.#close(stream),
    };
  }

  openRecoder(source: AudioFormat, format: AudioFormat): StreamRecoder {
    const stream = this.#openStream({ format, inputRateHz: source.sampleRateHz, source });
    const ask = (request: EncoderRequest): Promise<Uint8Array> =>
      this.#ask(request, Number.POSITIVE_INFINITY);
    return {
      recode: (bytes) => ask({ type: "recode", stream, bytes: bytes.slice() }),
      finish: () => ask({ type: "finish", stream }),
      close: () => this.#close(stream),
    };
  }

  #openStream(how: Omit<Extract<EncoderRequest, { type: "open" }>, "type" | "stream">): number {
    this.#worker ??= this.#start();
    const stream = this.#nextStream;
    this.#nextStream += 1;
    this.#posted.set(stream, []);
    this.#post({ type: "open", stream, ...how });
    return stream;
  }

  /** Resolves when the thread can code without delay. */
  async ready(): Promise<void> {
    const format = {
      encoding: "mp3",
      container: "raw",
      sampleRateHz: 44_100,
      bitrateBps: 128_000,
    } as const;
    const encoder = this.open(format, 16_000);
    const now = this.#clock.now();
    for await (const _ of encoder.encode(new Int16Array(16_000), [16_000], () => now));
    await encoder.finish(now);
    encoder.close();
  }

  async close(): Promise<void> {
    const worker = this.#worker;
    this.#giveUp(new Error("The encoder thread was closed"));
    await worker?.terminate();
  }

  async *#encode(
    stream: number,
    samples: Int16Array<ArrayBuffer>,
    ends: readonly number[],
    dueAt: () => number,
  ): AsyncGenerator<Uint8Array> {
    this.#post({ type: "utterance", stream, samples }, [samples.buffer]);
    const pull = (index: number): Promise<Uint8Array> | undefined => {
      const end = ends[index];
      if (end === undefined) return undefined;
      const piece = this.#ask({ type: "pull", stream, end }, dueAt());
      piece.catch(() => {});
      return piece;
    };
    let next = pull(0);
    for (let index = 0; next !== undefined; index += 1) {
      const piece = await next;
      // Asked for while this one is sent, and no sooner: what is coded has to be kept.
      next = pull(index + 1);
      yield piece;
    }
  }

  #close(stream: number): void {
    const posted = this.#posted.get(stream);
    if (!posted) return;
    this.#posted.delete(stream);
    const waiting = this.#queue.filter(({ request }) => request.stream === stream);
    for (const task of waiting) this.#queue.splice(this.#queue.indexOf(task), 1);
    this.#post({ type: "close", stream });
    for (const { reject } of [...posted, ...waiting]) reject(new Error("The encoder was closed"));
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

  #ask(request: EncoderRequest, dueAt: number): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      if (!this.#posted.has(request.stream)) return reject(new Error("The encoder was closed"));
      const task: Task = { askedAt: this.#clock.now(), dueAt, request, resolve, reject };
      this.#queue.splice(placeIn(this.#queue, task, orders[this.#scheduling]), 0, task);
      this.#dispatch();
    });
  }

  #dispatch(): void {
    while (this.#postedCount < maxPosted) {
      const task = this.#queue.shift();
      if (!task) return;
      this.#postedCount += 1;
      this.#posted.get(task.request.stream)?.push(task);
      this.#post(task.request);
    }
  }

  #onAnswer(answer: EncoderAnswer): void {
    this.#postedCount -= 1;
    const task = this.#posted.get(answer.stream)?.shift();
    if ("error" in answer) task?.reject(new Error(answer.error));
    else task?.resolve(answer.bytes);
    this.#dispatch();
  }

  #onDeath(worker: Worker, reason: Error): void {
    if (this.#worker !== worker) return;
    this.#giveUp(reason);
    this.#onDied(reason.message);
  }

  /** Ends all streams: half a codec's state cannot be rebuilt. */
  #giveUp(reason: Error): void {
    this.#worker = undefined;
    const orphans = [...[...this.#posted.values()].flat(), ...this.#queue.splice(0)];
    this.#posted = new Map();
    this.#postedCount = 0;
    for (const { reject } of orphans) reject(reason);
  }
}
