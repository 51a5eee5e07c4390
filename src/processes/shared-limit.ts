import { setImmediate } from "node:timers/promises";
import type { Limiter } from "../session/limiter.ts";

/** The leases of one process, as it asks for them. */
export interface Leases {
  /** Whether one more was given, and how many are out over all processes. */
  acquire(): Promise<{ readonly isGiven: boolean; readonly active: number }>;
  release(): Promise<void>;
}

/** The leases of one process, where they are counted. */
export interface CountedLeases extends Leases {
  /** Takes back what the process still had; it gets no more. */
  close(): void;
}

/** One limit over several processes, counted in one of them. */
export class SharedLimit {
  readonly limit: number;
  #active = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  get active(): number {
    return this.#active;
  }

  /** The leases of one more process. */
  open(): CountedLeases {
    let held = 0;
    let isClosed = false;
    const change = (by: 1 | -1): void => {
      held += by;
      this.#active += by;
    };
    return {
      acquire: async () => {
        // What other processes have released by now may still wait to be read: first that.
        if (this.#active >= this.limit) await setImmediate();
        const isGiven = this.#active < this.limit && !isClosed;
        if (isGiven) change(1);
        return { isGiven, active: this.#active };
      },
      release: () => {
        if (held > 0) change(-1);
        return Promise.resolve();
      },
      close: () => {
        isClosed = true;
        while (held > 0) change(-1);
      },
    };
  }
}

/** The limit as a process sees it whose leases are counted elsewhere. */
export function createSharedLimiter(limit: number, leases: Leases): Limiter {
  let active = 0;
  return {
    limit,
    get active() {
      return active;
    },
    async acquire() {
      const answer = await leases.acquire();
      active = answer.active;
      if (!answer.isGiven) return undefined;
      let isHeld = true;
      return () => {
        if (!isHeld) return;
        isHeld = false;
        active -= 1;
        // Where nobody counts any more nothing needs to be given back.
        leases.release().catch(() => {});
      };
    },
  };
}
