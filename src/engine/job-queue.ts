import { isAwaited, orders, placeIn, type Scheduling, type Wanted } from "../order.ts";

/** A job as the queue sees it: `askedAt` is when it began to wait beside those that are listened to. */
export interface Queued extends Wanted {
  askedAt: number;
}

/**
 * Jobs that wait for a worker, in the order of `scheduling`. Of those that nobody listens to yet
 * only as many as there are workers wait among the others: a heap of them would else be due before
 * all who listen.
 */
export class JobQueue<Job extends Queued> {
  readonly #scheduling: Scheduling;
  readonly #maxPromoted: number;
  readonly #now: () => number;
  readonly #queue: Job[] = [];
  /** As they came; a few of them at a time are in the queue. */
  readonly #unheard: Job[] = [];
  /** Unheard jobs that are in the queue or at work. */
  readonly #promoted = new Set<Job>();

  constructor(scheduling: Scheduling, workers: number, now: () => number) {
    this.#scheduling = scheduling;
    this.#maxPromoted = workers;
    this.#now = now;
  }

  get length(): number {
    return this.#queue.length + this.#unheard.length;
  }

  add(job: Job): void {
    if (this.#isUnheard(job)) this.#unheard.push(job);
    else this.#enqueue(job);
    this.#promote();
  }

  /** Puts a job first that was taken and could not be done. */
  putBack(job: Job): void {
    this.#queue.unshift(job);
  }

  /** Takes the next job, or the next of those that somebody waits for in silence. */
  take(which: "any" | "awaited"): Job | undefined {
    const isPicky = which === "awaited" && this.#scheduling === "deadline";
    const place = isPicky ? this.#queue.findIndex(isAwaited) : 0;
    return place < 0 ? undefined : this.#queue.splice(place, 1)[0];
  }

  /** A job has ended, wherever it was. */
  forget(job: Job): void {
    for (const queue of [this.#queue, this.#unheard]) {
      const place = queue.indexOf(job);
      if (place >= 0) queue.splice(place, 1);
    }
    this.#promoted.delete(job);
    this.#promote();
  }

  /** Takes all that wait. */
  clear(): Job[] {
    this.#promoted.clear();
    return [...this.#queue.splice(0), ...this.#unheard.splice(0)];
  }

  #isUnheard({ dueAt }: Wanted): boolean {
    return this.#scheduling === "deadline" && dueAt === Number.POSITIVE_INFINITY;
  }

  #enqueue(job: Job): void {
    this.#queue.splice(placeIn(this.#queue, job, orders[this.#scheduling]), 0, job);
  }

  /** The latest time of an unheard job begins when it comes into the queue. */
  #promote(): void {
    while (this.#promoted.size < this.#maxPromoted) {
      const job = this.#unheard.shift();
      if (!job) return;
      this.#promoted.add(job);
      job.askedAt = this.#now();
      this.#enqueue(job);
    }
  }
}
