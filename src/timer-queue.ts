import type { Cancel, Clock } from "./clock.ts";

/**
 * Something that falls due again and again, and is its own entry in a `TimerQueue`: there may be
 * tens of thousands, of which hardly one is ever due.
 */
export interface Timed {
  /** When it is due, by the clock; the queue alone sets it. */
  dueAt: number;
  /** Its place in the queue, -1 if it is in none; the queue alone sets it. */
  place: number;
  onDue(): void;
}

/** What `place` begins with. */
export const unqueued = -1;

const nothing = (): void => {};

/**
 * Calls whatever falls due, at its time, with one timer for all: a binary heap (Knuth, The Art of
 * Computer Programming, volume 3, section 5.2.3) with what is due first at its top.
 */
export class TimerQueue {
  readonly #clock: Clock;
  readonly #heap: Timed[] = [];
  #armedFor = Number.POSITIVE_INFINITY;
  #cancel: Cancel = nothing;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The same time, whose calls share the one timer: for what tens of thousands wait for, once each. */
  get clock(): Clock {
    return {
      now: () => this.#clock.now(),
      schedule: (ms, onDue) => {
        const entry: Timed = { dueAt: 0, place: unqueued, onDue };
        this.schedule(entry, ms);
        return () => this.cancel(entry);
      },
    };
  }

  get size(): number {
    return this.#heap.length;
  }

  /** Calls `entry` back `ms` from now, and not when it was to be called before. */
  schedule(entry: Timed, ms: number): void {
    this.#take(entry);
    entry.dueAt = this.#clock.now() + ms;
    entry.place = this.#heap.length;
    this.#heap.push(entry);
    this.#rise(entry);
    this.#arm();
  }

  /** Takes back a call; harmless when it was made already. */
  cancel(entry: Timed): void {
    this.#take(entry);
    if (this.#heap.length === 0) this.#arm();
  }

  /** The timer may be early, never late: what it waited for may have been taken back. */
  #arm(): void {
    const dueAt = this.#heap[0]?.dueAt ?? Number.POSITIVE_INFINITY;
    if (this.#heap.length > 0 && this.#armedFor <= dueAt) return;
    this.#cancel();
    this.#cancel = nothing;
    this.#armedFor = dueAt;
    if (this.#heap.length === 0) return;
    const ms = dueAt - this.#clock.now();
    this.#cancel = this.#clock.schedule(Math.max(0, ms), () => this.#run());
  }

  #run(): void {
    this.#armedFor = Number.POSITIVE_INFINITY;
    this.#cancel = nothing;
    const now = this.#clock.now();
    // What is scheduled anew meanwhile is due later, if only by a little: each is called once.
    for (let first = this.#heap[0]; first && first.dueAt <= now; first = this.#heap[0]) {
      this.#take(first);
      first.onDue();
    }
    this.#arm();
  }

  /** Takes an entry out. The last one fills its place, and moves to where it belongs. */
  #take(entry: Timed): void {
    const { place } = entry;
    if (place === unqueued) return;
    entry.place = unqueued;
    const last = this.#heap.pop();
    if (!last || last === entry) return;
    last.place = place;
    this.#heap[place] = last;
    this.#rise(last);
    this.#sink(last);
  }

  #rise(entry: Timed): void {
    while (entry.place > 0) {
      const above = this.#heap[(entry.place - 1) >> 1];
      if (!above || above.dueAt <= entry.dueAt) return;
      this.#swap(above, entry);
    }
  }

  #sink(entry: Timed): void {
    for (;;) {
      const left = this.#heap[2 * entry.place + 1];
      const right = this.#heap[2 * entry.place + 2];
      const below = left && right && right.dueAt < left.dueAt ? right : left;
      if (!below || below.dueAt >= entry.dueAt) return;
      this.#swap(entry, below);
    }
  }

  /** Exchanges an entry with one right below it. */
  #swap(above: Timed, below: Timed): void {
    const { place } = above;
    this.#heap[below.place] = above;
    this.#heap[place] = below;
    above.place = below.place;
    below.place = place;
  }
}
