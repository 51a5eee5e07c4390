/** Takes back a scheduled call; harmless when it was made already. */
export type Cancel = () => void;

/** The one source of time. Everything that waits is handed one, so that tests can drive it. */
export interface Clock {
  /** Monotonic time in ms. */
  now(): number;
  /** Calls back once, `ms` from now. */
  schedule(ms: number, callback: () => void): Cancel;
}

/** The longest that a timer waits: 25 days. Told to wait longer, it does not wait at all. */
const maxTimerMs = 2 ** 31 - 1;

/** Time as the machine tells it. A scheduled call does not keep the process alive. */
export const systemClock: Clock = {
  now: () => performance.now(),
  schedule(ms, callback) {
    if (ms > maxTimerMs) return scheduleInSteps(ms, callback);
    const timer = setTimeout(callback, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

/** The same time for commands that may have nothing but a scheduled call left to wait for. */
export const wakefulClock: Clock = {
  now: () => performance.now(),
  schedule(ms, callback) {
    const timer = setTimeout(callback, Math.min(ms, maxTimerMs));
    return () => clearTimeout(timer);
  },
};

function scheduleInSteps(ms: number, callback: () => void): Cancel {
  let cancel: Cancel;
  const step = (leftMs: number): void => {
    const stepMs = Math.min(leftMs, maxTimerMs);
    const next = leftMs > stepMs ? () => step(leftMs - stepMs) : callback;
    cancel = systemClock.schedule(stepMs, next);
  };
  step(ms);
  return () => cancel();
}

interface Entry {
  readonly dueAt: number;
  readonly callback: () => void;
}

/** A clock that moves only when it is told to. */
export class ManualClock implements Clock {
  #nowMs = 0;
  #entries: Entry[] = [];

  now(): number {
    return this.#nowMs;
  }

  schedule(ms: number, callback: () => void): Cancel {
    const entry = { dueAt: this.#nowMs + Math.max(0, ms), callback };
    this.#entries.push(entry);
    return () => {
      this.#entries = this.#entries.filter((other) => other !== entry);
    };
  }

  /** How many calls are waiting; a test for leaks reads it. */
  get pending(): number {
    return this.#entries.length;
  }

  /** Moves time forward and makes every call that falls due on the way, in order. */
  advance(ms: number): void {
    const endAt = this.#nowMs + ms;
    for (;;) {
      const next = this.#entries
        .filter((entry) => entry.dueAt <= endAt)
        .reduce<Entry | undefined>(
          (first, entry) => (first && first.dueAt <= entry.dueAt ? first : entry),
          undefined,
        );
      if (!next) break;
      this.#entries = this.#entries.filter((entry) => entry !== next);
      this.#nowMs = next.dueAt;
      next.callback();
    }
    this.#nowMs = endAt;
  }
}
