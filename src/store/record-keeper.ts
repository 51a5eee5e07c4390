import type { Cancel, Clock } from "../clock.ts";
import type { RecordLimits } from "../protocol/records.ts";

/** How long records of one kind are kept, and how much of them. */
export interface RecordBounds {
  readonly days: number;
  readonly mib: number;
}

/** What keeps records. */
export interface PrunableStore {
  prune(limits: RecordLimits): Promise<number>;
}

export interface RecordKeeperParts {
  readonly clock: Clock;
  /** Unix time in ms. */
  readonly wallClock: () => number;
  /** Told of what goes wrong; it is tried again at the next time. */
  readonly onFault: (error: unknown) => void;
}

/** What is to be deleted at a moment of Unix time in ms. */
export function limitsAt(nowMs: number, { days, mib }: RecordBounds): RecordLimits {
  return {
    beforeUnix: Math.floor(nowMs / 1000) - days * secondsPerDay,
    maxBytes: mib * bytesPerMib,
  };
}

const secondsPerDay = 24 * 60 * 60;
const bytesPerMib = 1024 * 1024;
const intervalMs = 10 * 60 * 1000;

/**
 * Keeps records within their bounds: from now on, every ten minutes. Every process that uses a
 * database does so by itself: what one has deleted is gone, and the others find nothing to do.
 */
export class RecordKeeper {
  readonly #kept: readonly (readonly [PrunableStore, RecordBounds])[];
  readonly #parts: RecordKeeperParts;
  #cancel: Cancel = () => {};
  #isClosed = false;
  #pruning: Promise<void>;

  constructor(
    kept: readonly (readonly [PrunableStore, RecordBounds])[],
    parts: RecordKeeperParts,
  ) {
    this.#kept = kept;
    this.#parts = parts;
    this.#pruning = this.#prune();
  }

  /** Resolves when nothing is being deleted any more. */
  close(): Promise<void> {
    this.#isClosed = true;
    this.#cancel();
    return this.#pruning;
  }

  async #prune(): Promise<void> {
    const { clock, wallClock, onFault } = this.#parts;
    for (const [store, bounds] of this.#kept) {
      try {
        await store.prune(limitsAt(wallClock(), bounds));
      } catch (error) {
        onFault(error);
      }
    }
    if (this.#isClosed) return;
    this.#cancel = clock.schedule(intervalMs, () => {
      this.#pruning = this.#prune();
    });
  }
}
