import { setImmediate } from "node:timers/promises";
import type { Cancel, Clock } from "../clock.ts";
import type { Concurrency } from "../protocol/accounts.ts";

/** Who wants to speak. */
export interface LeaseWish {
  readonly keyId: string;
  /** How many may speak for this key at the same time; undefined for as many as for all. */
  readonly limit: number | undefined;
}

/** What became of a wish, and how many speak now where the limit is. */
export interface LeaseAnswer extends Concurrency {
  readonly isGiven: boolean;
}

/** The leases of one process, as it asks for them. */
export interface Leases {
  acquire(wish: LeaseWish): Promise<LeaseAnswer>;
  release(keyId: string): Promise<void>;
}

/** The leases of one process, where they are counted. */
export interface CountedLeases extends Leases {
  /** How many speak, for a key with a limit or for all. */
  concurrencyOf(wish: LeaseWish): Concurrency;
  /** Takes back what the process still had; it gets no more. */
  close(): void;
}

export interface LeaseTableOptions {
  /** How many may speak at the same time, for all keys together. */
  readonly limit: number;
  /** How long one who finds no room waits for it. */
  readonly patienceMs: number;
  readonly clock: Clock;
}

interface Waiter {
  readonly wish: LeaseWish;
  readonly untilAt: number;
  readonly settle: (isGiven: boolean) => void;
}

const nothing = (): void => {};

/**
 * Counts who speaks at the same time, over all processes of a server: all together, and for each key.
 * Idle streams are free. Whoever finds no room waits for a moment; those who came first go first,
 * unless it is their own key that has no room.
 */
export class LeaseTable {
  readonly #options: LeaseTableOptions;
  #active = 0;
  readonly #activeOf = new Map<string, number>();
  #waiting: Waiter[] = [];
  #cancelTimer: Cancel = nothing;

  constructor(options: LeaseTableOptions) {
    this.#options = options;
  }

  get active(): number {
    return this.#active;
  }

  /** The leases of one more process. */
  open(): CountedLeases {
    const held = new Map<string, number>();
    let isClosed = false;
    const release = (keyId: string): void => {
      const count = held.get(keyId) ?? 0;
      if (count === 0) return;
      changeIn(held, keyId, -1);
      this.#change(keyId, -1);
    };
    return {
      concurrencyOf: (wish) => this.#concurrencyOf(wish),
      acquire: async (wish) => {
        const isGiven = !isClosed && (await this.#enter(wish));
        if (isGiven && isClosed) this.#change(wish.keyId, -1);
        else if (isGiven) changeIn(held, wish.keyId, 1);
        return { isGiven: isGiven && !isClosed, ...this.#concurrencyOf(wish) };
      },
      release: (keyId) => {
        release(keyId);
        this.#letIn();
        return Promise.resolve();
      },
      close: () => {
        isClosed = true;
        for (const [keyId, count] of held) {
          for (let left = count; left > 0; left -= 1) release(keyId);
        }
        this.#letIn();
      },
    };
  }

  async #enter(wish: LeaseWish): Promise<boolean> {
    if (this.#hasRoomFor(wish)) return this.#give(wish);
    // What other processes have released by now may still wait to be read: first that.
    await setImmediate();
    if (this.#hasRoomFor(wish)) return this.#give(wish);
    const { clock, patienceMs } = this.#options;
    if (patienceMs === 0) return false;
    return new Promise((settle) => {
      this.#waiting.push({ wish, untilAt: clock.now() + patienceMs, settle });
      if (this.#waiting.length === 1) this.#letIn();
    });
  }

  #give({ keyId }: LeaseWish): true {
    this.#change(keyId, 1);
    return true;
  }

  #change(keyId: string, by: 1 | -1): void {
    this.#active += by;
    changeIn(this.#activeOf, keyId, by);
  }

  #hasRoomFor({ keyId, limit = Number.POSITIVE_INFINITY }: LeaseWish): boolean {
    return this.#active < this.#options.limit && (this.#activeOf.get(keyId) ?? 0) < limit;
  }

  #concurrencyOf({ keyId, limit }: LeaseWish): Concurrency {
    if (limit === undefined || limit >= this.#options.limit) {
      return { active: this.#active, limit: this.#options.limit };
    }
    return { active: this.#activeOf.get(keyId) ?? 0, limit };
  }

  /** Lets in who has room, in order, and turns away whose time is over. */
  #letIn(): void {
    if (this.#waiting.length === 0) return;
    this.#cancelTimer();
    this.#cancelTimer = nothing;
    const { clock } = this.#options;
    const now = clock.now();
    this.#waiting = this.#waiting.filter(({ wish, untilAt, settle }) => {
      const hasRoom = this.#hasRoomFor(wish);
      if (!hasRoom && untilAt > now) return true;
      settle(hasRoom && this.#give(wish));
      return false;
    });
    // All wait equally long, so the first one's time is over first.
    const [first] = this.#waiting;
    if (first) {
      this.#cancelTimer = clock.schedule(Math.max(1, first.untilAt - now), () => this.#letIn());
    }
  }
}

function changeIn(counts: Map<string, number>, keyId: string, by: 1 | -1): void {
  const count = (counts.get(keyId) ?? 0) + by;
  if (count === 0) counts.delete(keyId);
  else counts.set(keyId, count);
}
