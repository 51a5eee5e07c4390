import type { Cancel, Clock } from "../clock.ts";
import { SpeechError } from "../protocol/problems.ts";
import type { Scheduling } from "../order.ts";
import { JobQueue, type Queued } from "./job-queue.ts";
import { PieceStream } from "./piece-stream.ts";
import type { PoolWorker, StartWorker, WorkerAnswer } from "./pool-worker.ts";

/** How a pool runs its workers. */
export interface WorkerPoolOptions<Job, Piece> {
  readonly clock: Clock;
  readonly startWorker: StartWorker<Job, Piece>;
  /** Workers for every job. */
  readonly size: number;
  /**
   * Further workers that only awaited jobs may make use of: a worker that is busy cannot be
   * interrupted, but the system lets a more important one run beside it.
   */
  readonly expressSize?: number;
  readonly scheduling?: Scheduling;
  /** A job that gives nothing for so long is taken for hung: its worker is replaced. */
  readonly maxSilentMs: number;
  /**
   * An aborted job may take so long to end by itself, 150 ms unless given; then its worker is
   * ended, which costs more.
   */
  readonly abortGraceMs?: number;
  /** So long may a worker take until it is ready; for ever unless given. */
  readonly maxStartMs?: number;
  /** So many starts may fail before any worker was ready, 3 unless given: then none ever will be. */
  readonly maxFirstStarts?: number;
  /**
   * The job that gives what is missing after these pieces, nothing if they are all. Without it a
   * job that has given some is not tried again.
   */
  readonly resume?: (job: Job, given: readonly Piece[]) => Job | undefined;
  /** What a worker has found out at its start. */
  readonly onReady?: (info: unknown) => void;
  /** Told about every worker that had to be replaced, and why. */
  readonly onReplaced?: (reason: string) => void;
}

const usualAbortGraceMs = 150;
/** So many starts in a row may fail before the next one has to wait. */
const maxFailedStarts = 3;
const firstRestartDelayMs = 250;
const maxRestartDelayMs = 30_000;

const nothing = (): void => {};

interface Task<Job, Piece> extends Queued {
  readonly job: Job;
  /** What is missing of it. */
  rest: Job;
  /** When it came. */
  readonly cameAt: number;
  readonly signal: AbortSignal;
  readonly pieces: PieceStream<Piece>;
  readonly given: Piece[];
  readonly stopListening: () => void;
  readonly onStart: (queuedMs: number) => void;
  failures: number;
}

interface Slot<Job, Piece> {
  readonly worker: PoolWorker<Job>;
  /** Whether it is kept for awaited jobs. */
  readonly isExpress: boolean;
  state: "starting" | "idle" | "busy";
  task: Task<Job, Piece> | undefined;
  cancelTimer: Cancel;
}

/**
 * Runs jobs on workers, one job per worker at a time, in the order of `scheduling`. A worker that
 * crashes or hangs is replaced and what is missing of its job is done by another; the other jobs do
 * not notice. Aborting a job frees its caller at once, and its worker when the job ends by itself or
 * `abortGraceMs` have passed.
 */
export class WorkerPool<Job, Piece> {
  readonly #options: WorkerPoolOptions<Job, Piece>;
  readonly #queue: JobQueue<Task<Job, Piece>>;
  readonly #slots = new Set<Slot<Job, Piece>>();
  #failedStarts = 0;
  #wasReady = false;
  #cancelRestart: Cancel | undefined;
  /** Why no job is taken now. */
  #refusal: SpeechError | undefined;
  #settleReady: { resolve: () => void; reject: (reason: unknown) => void } | undefined;
  readonly #ready: Promise<void>;

  constructor(options: WorkerPoolOptions<Job, Piece>) {
    this.#options = options;
    const { scheduling = "deadline", size, clock } = options;
    this.#queue = new JobQueue(scheduling, size, () => clock.now());
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
    return this.#queue.length;
  }

  /** Jobs that a worker is busy with, aborted ones included until their worker is free. */
  get running(): number {
    return [...this.#slots].filter((slot) => slot.state === "busy").length;
  }

  /**
   * Queues a job that is wanted at `dueAt`, in ms of the clock, and gives its pieces as they come;
   * throws the signal's reason on abort. `onStart` is told whenever a worker takes it.
   * @throws {SpeechError} engine_failed after the second failure
   */
  run(
    job: Job,
    signal: AbortSignal,
    dueAt: number = Number.POSITIVE_INFINITY,
    onStart: (queuedMs: number) => void = nothing,
  ): AsyncIterable<Piece> {
    const pieces = new PieceStream<Piece>();
    const refusal: unknown = signal.aborted ? signal.reason : this.#refusal;
    if (refusal !== undefined) {
      pieces.abort(refusal);
      return pieces;
    }
    const onAbort = (): void => this.#abort(task);
    const stopListening = (): void => signal.removeEventListener("abort", onAbort);
    const askedAt = this.#options.clock.now();
    const times = { cameAt: askedAt, askedAt, dueAt };
    const work = { job, rest: job, ...times, signal, pieces, given: [], stopListening };
    const task: Task<Job, Piece> = { ...work, onStart, failures: 0 };
    signal.addEventListener("abort", onAbort, { once: true });
    this.#queue.add(task);
    this.#dispatch();
    return pieces;
  }

  /** Ends all workers; jobs under way fail. */
  async close(): Promise<void> {
    const failure = new SpeechError("shutting_down");
    this.#refusal = failure;
    this.#cancelRestart?.();
    const slots = [...this.#slots];
    this.#slots.clear();
    this.#settleReady?.reject(failure);
    const tasks = [...this.#queue.clear(), ...slots.flatMap(({ task }) => task ?? [])];
    for (const task of tasks) this.#fail(task, failure);
    for (const slot of slots) slot.cancelTimer();
    await Promise.all(slots.map(({ worker }) => worker.end()));
  }

  /** Express workers first: they are the more important ones. */
  #dispatch(): void {
    const slots = [...this.#slots].toSorted((one) => (one.isExpress ? -1 : 1));
    // An express worker that is alone does everything.
    const isAlone = slots.every(({ isExpress }) => isExpress);
    for (const slot of slots) {
      if (slot.state !== "idle") continue;
      const task = this.#queue.take(slot.isExpress && !isAlone ? "awaited" : "any");
      if (task) this.#start(slot, task);
    }
  }

  #start(slot: Slot<Job, Piece>, task: Task<Job, Piece>): void {
    slot.state = "busy";
    slot.task = task;
    this.#awaitSign(slot);
    slot.worker.post(task.rest);
    task.onStart(this.#options.clock.now() - task.cameAt);
  }

  #awaitSign(slot: Slot<Job, Piece>): void {
    this.#expect(slot, this.#options.maxSilentMs, "a job took too long");
  }

  /** Replaces the worker unless it is heard of in time. */
  #expect(slot: Slot<Job, Piece>, withinMs: number, otherwise: string): void {
    slot.cancelTimer();
    slot.cancelTimer = this.#options.clock.schedule(withinMs, () => this.#replace(slot, otherwise));
  }

  #abort(task: Task<Job, Piece>): void {
    this.#queue.forget(task);
    const slot = [...this.#slots].find((candidate) => candidate.task === task);
    if (slot) {
      slot.task = undefined;
      slot.worker.cancel?.();
      const { abortGraceMs = usualAbortGraceMs } = this.#options;
      this.#expect(slot, abortGraceMs, "an aborted job did not end");
    }
    task.stopListening();
    task.pieces.abort(task.signal.reason);
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
    const { startWorker, maxStartMs } = this.#options;
    const worker = startWorker(isExpress, {
      answer: (answer) => this.#onAnswer(slot, answer),
      gone: (reason) => this.#replace(slot, reason),
    });
    const slot: Slot<Job, Piece> = {
      worker,
      isExpress,
      state: "starting",
      task: undefined,
      cancelTimer: nothing,
    };
    this.#slots.add(slot);
    if (maxStartMs !== undefined) this.#expect(slot, maxStartMs, "a worker was not ready in time");
  }

  #onAnswer(slot: Slot<Job, Piece>, answer: WorkerAnswer<Piece>): void {
    if (!this.#slots.has(slot)) return;
    const { task } = slot;
    if (answer.type !== "ready" && answer.type !== "failed" && task && answer.piece !== undefined) {
      task.given.push(answer.piece);
      task.pieces.push(answer.piece);
      this.#awaitSign(slot);
    }
    if (answer.type === "piece") return;
    slot.cancelTimer();
    slot.task = undefined;
    slot.state = "idle";
    if (answer.type === "ready") this.#onReady(answer.info);
    else if (task && answer.type === "done") this.#finish(task);
    else if (task && answer.type === "failed") this.#tryAgain(task, answer.reason);
    this.#dispatch();
  }

  #onReady(info: unknown): void {
    this.#wasReady = true;
    this.#failedStarts = 0;
    this.#refusal = undefined;
    this.#options.onReady?.(info);
    this.#startWorkers();
    this.#settleStart(new SpeechError("engine_failed"));
  }

  /** Once no worker is starting any more: the pool is ready if one of them is for every job. */
  #settleStart(failure: SpeechError): void {
    const slots = [...this.#slots];
    if (slots.some(({ state }) => state === "starting")) return;
    if (slots.some(({ isExpress }) => !isExpress)) this.#settleReady?.resolve();
    else this.#settleReady?.reject(failure);
  }

  #replace(slot: Slot<Job, Piece>, reason: string): void {
    if (!this.#slots.delete(slot)) return;
    slot.cancelTimer();
    void slot.worker.end();
    this.#options.onReplaced?.(reason);
    if (slot.task) this.#tryAgain(slot.task, reason);
    if (slot.state === "starting") this.#failedStarts += 1;
    if (this.#failedStarts < this.#maxFailedStarts) this.#startWorkers();
    else this.#onFailedStarts(new SpeechError("engine_failed", {}, reason));
    this.#dispatch();
  }

  get #maxFailedStarts(): number {
    const { maxFirstStarts = maxFailedStarts } = this.#options;
    return this.#wasReady ? maxFailedStarts : maxFirstStarts;
  }

  /** What cannot be started is not started at once again; what never could, not at all. */
  #onFailedStarts(failure: SpeechError): void {
    if (this.#slots.size > 0) this.#settleStart(failure);
    else this.#refuseAll(failure);
    if (!this.#wasReady || this.#cancelRestart) return;
    const delayMs = firstRestartDelayMs * 2 ** (this.#failedStarts - maxFailedStarts);
    const restartMs = Math.min(maxRestartDelayMs, delayMs);
    this.#cancelRestart = this.#options.clock.schedule(restartMs, () => {
      this.#cancelRestart = undefined;
      this.#startWorkers();
    });
  }

  #refuseAll(failure: SpeechError): void {
    this.#refusal = failure;
    this.#settleReady?.reject(failure);
    for (const waiting of this.#queue.clear()) this.#fail(waiting, failure);
  }

  /** Does what is missing of a job whose worker has failed, once. */
  #tryAgain(task: Task<Job, Piece>, reason: string): void {
    task.failures += 1;
    const { resume } = this.#options;
    const { job, given } = task;
    const rest = given.length === 0 ? job : resume?.(job, given);
    if (rest !== undefined && task.failures === 1) {
      task.rest = rest;
      this.#queue.putBack(task);
    } else if (rest === undefined && resume) {
      this.#finish(task);
    } else {
      this.#fail(task, new SpeechError("engine_failed", {}, reason));
    }
  }

  #finish(task: Task<Job, Piece>): void {
    this.#queue.forget(task);
    task.stopListening();
    task.pieces.end();
  }

  #fail(task: Task<Job, Piece>, reason: unknown): void {
    this.#queue.forget(task);
    task.stopListening();
    task.pieces.fail(reason);
  }
}
