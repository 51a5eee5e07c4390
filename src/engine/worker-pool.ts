import { Worker } from "node:worker_threads";
import type { Cancel, Clock } from "../clock.ts";
import { SpeechError } from "../protocol/problems.ts";
import { isAwaited, orders, placeIn, type Scheduling, type Wanted } from "../order.ts";

/** What a worker of the pool sends: once `ready`, then one answer for each job it is posted. */
export type WorkerAnswer<Result> =
  | { readonly type: "ready" }
  | { readonly type: "done"; readonly result: Result };

/** How a pool runs its workers. */
export interface WorkerPoolOptions {
  readonly clock: Clock;
  /** The module each worker runs, built JavaScript. */
  readonly entry: URL;
  /** Handed to each worker as its `workerData.own`. */
  readonly workerData: unknown;
  /** Workers for every job. */
  readonly size: number;
  /**
   * Further workers that only awaited jobs may make use of: a thread that is busy cannot be
   * interrupted, but the system lets a more important one run beside it.
   */
  readonly expressSize?: number;
  readonly scheduling?: Scheduling;
  /** A job that takes longer is taken for hung: its worker is replaced. */
  readonly maxJobMs: number;
  /** Told about every worker that had to be replaced, and why. */
  readonly onReplaced?: (reason: string) => void;
}

/** An aborted job may take this long to end by itself; ending its worker costs more. */
const abortGraceMs = 150;
/** Workers that die before they were ever ready are not started again at once. */
const maxFailedStarts = 3;

/** What a job leaves behind is garbage at once; room for more of it only costs memory. */
const resourceLimits = { maxYoungGenerationSizeMb: 4 };

/** What each worker is started with. */
export interface PoolWorkerData<Own> {
  readonly own: Own;
  /** How far the thread steps back for others of the process: as in nice(2), 0 for not at all. */
  readonly niceness: number;
}

const nothing = (): void => {};

interface Task<Job, Result> extends Wanted {
  readonly job: Job;
  /** When it came; `askedAt` is when it began to wait beside those that are listened to. */
  readonly cameAt: number;
  askedAt: number;
  readonly signal: AbortSignal;
  readonly resolve: (result: Result) => void;
  readonly reject: (reason: unknown) => void;
  readonly stopListening: () => void;
  readonly onStart: (queuedMs: number) => void;
  failures: number;
}

interface Slot<Job, Result> {
  readonly worker: Worker;
  /** Whether it is kept for awaited jobs. */
  readonly isExpress: boolean;
  state: "starting" | "idle" | "busy";
  task: Task<Job, Result> | undefined;
  cancelTimer: Cancel;
}

/**
 * Workers for every job leave three quarters of a core to an express worker, an encoder or the
 * event loop that needs it: these are what somebody waits for.
 */
const bulkNiceness = 5;

/**
 * Runs jobs on worker threads, one job per worker at a time, in the order of `scheduling`. A
 * worker that crashes or hangs is replaced and its job is run once more on another; the other
 * jobs do not notice. Aborting a job frees its caller at once and its worker within 200 ms.
 */
export class WorkerPool<Job, Result> {
  readonly #options: WorkerPoolOptions;
  readonly #queue: Task<Job, Result>[] = [];
  /** Jobs nobody listens to yet, as they came; a few of them at a time are in the queue. */
  readonly #unheard: Task<Job, Result>[] = [];
  readonly #promoted = new Set<Task<Job, Result>>();
  readonly #slots = new Set<Slot<Job, Result>>();
  #failedStarts = 0;
  /** Why no job is taken any more. */
  #refusal: SpeechError | undefined;
  #settleReady: { resolve: () => void; reject: (reason: unknown) => void } | undefined;
  readonly #ready: Promise<void>;

  constructor(options: WorkerPoolOptions) {
    this.#options = options;
    this.#ready = new Promise((resolve, reject) => {
      this.#settleReady = { resolve, reject };
    });
    this.#ready.catch(() => {});
    this.#startWorkers();
  }

  /** Resolves when every worker has been ready; rejects if they cannot be started. */
  ready(): Promise<void> {
    return this.#ready;
  }

  /** Jobs that wait for a worker. */
  get queued(): number {
    return this.#queue.length + this.#unheard.length;
  }

  /** Jobs that a worker is busy with, aborted ones included until their worker is free. */
  get running(): number {
    return [...this.#slots].filter((slot) => slot.state === "busy").length;
  }

  /**
   * Queues a job that is wanted at `dueAt`, in ms of the clock; rejects with the signal's reason
   * on abort. `onStart` is told whenever a worker takes it.
   * @throws {SpeechError} engine_failed after the second failure
   */
  run(
    job: Job,
    signal: AbortSignal,
    dueAt: number = Number.POSITIVE_INFINITY,
    onStart: (queuedMs: number) => void = nothing,
  ): Promise<Result> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      if (this.#refusal) return reject(this.#refusal);
      const onAbort = (): void => this.#abort(task);
      const stopListening = (): void => signal.removeEventListener("abort", onAbort);
      const askedAt = this.#options.clock.now();
      const times = { cameAt: askedAt, askedAt, dueAt };
      const work = { job, ...times, signal, resolve, reject, stopListening };
      const task: Task<Job, Result> = { ...work, onStart, failures: 0 };
      signal.addEventListener("abort", onAbort, { once: true });
      if (this.#isUnheard(task)) this.#unheard.push(task);
      else this.#enqueue(task);
      this.#dispatch();
    });
  }

  /** Ends all workers; jobs under way are rejected. */
  async close(): Promise<void> {
    this.#refusal ??= new SpeechError("shutting_down");
    const slots = [...this.#slots];
    this.#slots.clear();
    this.#settleReady?.reject(new SpeechError("shutting_down"));
    const waiting = [...this.#queue.splice(0), ...this.#unheard.splice(0)];
    const tasks = [...waiting, ...slots.flatMap(({ task }) => task ?? [])];
    for (const task of tasks) fail(task, new SpeechError("shutting_down"));
    for (const slot of slots) slot.cancelTimer();
    await Promise.all(slots.map(({ worker }) => worker.terminate()));
  }

  get #scheduling(): Scheduling {
    return this.#options.scheduling ?? "deadline";
  }

  /** Jobs without a listener wait for their turn among themselves: else a heap of them would be due before all who listen. */
  #isUnheard({ dueAt }: Wanted): boolean {
    return this.#scheduling === "deadline" && dueAt === Number.POSITIVE_INFINITY;
  }

  #enqueue(task: Task<Job, Result>): void {
    this.#queue.splice(placeIn(this.#queue, task, orders[this.#scheduling]), 0, task);
  }

  /** As many unheard jobs as there are workers are in the queue or at work; the latest time of each begins there. */
  #promoteUnheard(): void {
    while (this.#promoted.size < this.#options.size) {
      const task = this.#unheard.shift();
      if (!task) return;
      this.#promoted.add(task);
      task.askedAt = this.#options.clock.now();
      this.#enqueue(task);
    }
  }

  /** Express workers first: they are the more important threads. */
  #dispatch(): void {
    this.#promoteUnheard();
    const slots = [...this.#slots].toSorted((one) => (one.isExpress ? -1 : 1));
    // An express worker that is alone does everything.
    const isAlone = slots.every(({ isExpress }) => isExpress);
    for (const slot of slots) {
      if (slot.state !== "idle") continue;
      const isPicky = slot.isExpress && !isAlone && this.#scheduling === "deadline";
      const place = isPicky ? this.#queue.findIndex(isAwaited) : 0;
      const [task] = place < 0 ? [] : this.#queue.splice(place, 1);
      if (task) this.#start(slot, task);
    }
  }

  #start(slot: Slot<Job, Result>, task: Task<Job, Result>): void {
    slot.state = "busy";
    slot.task = task;
    slot.cancelTimer = this.#options.clock.schedule(this.#options.maxJobMs, () =>
      this.#replace(slot, "a job took too long"),
    );
    slot.worker.postMessage(task.job);
    task.onStart(this.#options.clock.now() - task.cameAt);
  }

  #abort(task: Task<Job, Result>): void {
    for (const queue of [this.#queue, this.#unheard]) {
      const place = queue.indexOf(task);
      if (place >= 0) queue.splice(place, 1);
    }
    this.#promoted.delete(task);
    const slot = [...this.#slots].find((candidate) => candidate.task === task);
    if (slot) {
      slot.task = undefined;
      slot.cancelTimer();
      slot.cancelTimer = this.#options.clock.schedule(abortGraceMs, () =>
        this.#replace(slot, "an aborted job did not end"),
      );
    }
    fail(task, task.signal.reason);
    this.#dispatch();
  }

  /** Starts those that are missing. */
  #startWorkers(): void {
    const { size, expressSize = 0 } = this.#options;
    const present = [...this.#slots].filter(({ isExpress }) => isExpress).length;
    for (let count = present; count < expressSize; count += 1) this.#startWorker(true);
    while (this.#slots.size < size + expressSize) this.#startWorker(false);
  }

  #startWorker(isExpress: boolean): void {
    const { entry, workerData: own } = this.#options;
    const workerData: PoolWorkerData<unknown> = { own, niceness: isExpress ? 0 : bulkNiceness };
    const worker = new Worker(entry, { workerData, resourceLimits });
    const slot: Slot<Job, Result> = {
      worker,
      isExpress,
      state: "starting",
      task: undefined,
      cancelTimer: () => {},
    };
    this.#slots.add(slot);
    worker.on("message", (answer: WorkerAnswer<Result>) => this.#onAnswer(slot, answer));
    worker.on("error", (error) => this.#replace(slot, error.message));
    worker.on("exit", () => this.#replace(slot, "the worker exited"));
  }

  #onAnswer(slot: Slot<Job, Result>, answer: WorkerAnswer<Result>): void {
    if (!this.#slots.has(slot)) return;
    const { task } = slot;
    slot.cancelTimer();
    slot.task = undefined;
    slot.state = "idle";
    this.#failedStarts = 0;
    this.#startWorkers();
    if (answer.type === "done" && task) {
      this.#promoted.delete(task);
      task.stopListening();
      task.resolve(answer.result);
    }
    this.#settleStart(new SpeechError("engine_failed"));
    this.#dispatch();
  }

  /** Once no worker is starting any more: the pool is ready if one of them is for every job. */
  #settleStart(failure: SpeechError): void {
    const slots = [...this.#slots];
    if (slots.some(({ state }) => state === "starting")) return;
    if (slots.some(({ isExpress }) => !isExpress)) this.#settleReady?.resolve();
    else this.#settleReady?.reject(failure);
  }

  #replace(slot: Slot<Job, Result>, reason: string): void {
    if (!this.#slots.delete(slot)) return;
    slot.cancelTimer();
    void slot.worker.terminate();
    this.#options.onReplaced?.(reason);
    const { task } = slot;
    if (task) {
      task.failures += 1;
      if (task.failures === 1) {
        this.#queue.unshift(task);
      } else {
        this.#promoted.delete(task);
        fail(task, new SpeechError("engine_failed", {}, reason));
      }
    }
    if (slot.state === "starting") this.#failedStarts += 1;
    if (this.#failedStarts < maxFailedStarts) this.#startWorkers();
    else if (this.#slots.size === 0) this.#giveUp(reason);
    else this.#settleStart(new SpeechError("engine_failed", {}, reason));
    this.#dispatch();
  }

  #giveUp(reason: string): void {
    const failure = new SpeechError("engine_failed", {}, reason);
    this.#refusal = failure;
    this.#settleReady?.reject(failure);
    this.#promoted.clear();
    for (const waiting of [...this.#queue.splice(0), ...this.#unheard.splice(0)]) {
      fail(waiting, failure);
    }
  }
}

function fail(task: Task<unknown, never>, reason: unknown): void {
  task.stopListening();
  task.reject(reason);
}
