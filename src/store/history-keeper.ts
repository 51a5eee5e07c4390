import type { Cancel, Clock } from "../clock.ts";
import type { HistoryLimits, HistoryStore } from "../protocol/stores.ts";

/** How long history is kept, and how much of it. */
export interface HistoryBounds {
  readonly historyDays: number;
  /** Of sound and texts. */
  readonly historyMib: number;
}

export interface HistoryKeeperParts {
  readonly clock: Clock;
  /** Unix time in ms. */
  readonly wallClock: () => number;
  /** Told of what goes wrong; it is tried again at the next time. */
  readonly onFault: (error: unknown) => void;
}

/** What is to be deleted at a moment of Unix time. */
export function limitsAt(nowMs: number, { historyDays, historyMib }: HistoryBounds): HistoryLimits {
  return {
    beforeUnix: Math.floor(nowMs / 1000) - historyDays * secondsPerDay,
    maxBytes: historyMib * bytesPerMib,
  };
}

const secondsPerDay = 24 * 60 * 60;
const bytesPerMib = 1024 * 1024;
const intervalMs = 10 * 60 * 1000;

/**
 * Keeps a history within its bounds: from now on, every ten minutes. Every process that uses a
 * database does so by itself: what one has deleted is gone, and the others find nothing to do.
 */
export class HistoryKeeper {
  readonly #history: Pick<HistoryStore, "prune">;
  readonly #bounds: HistoryBounds;
  readonly #parts: HistoryKeeperParts;
  #cancel: Cancel = () => {};
  #isClosed = false;
  #pruning: Promise<void>;

  constructor(
    history: Pick<HistoryStore, "prune">,
    bounds: HistoryBounds,
    parts: HistoryKeeperParts,
  ) {
    this.#history = history;
    this.#bounds = bounds;
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
    try {
      await this.#history.prune(limitsAt(wallClock(), this.#bounds));
    } catch (error) {
      onFault(error);
    }
    if (this.#isClosed) return;
    this.#cancel = clock.schedule(intervalMs, () => {
      this.#pruning = this.#prune();
    });
  }
}
