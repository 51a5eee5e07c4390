import type { Cancel, Clock } from "../clock.ts";
import type { RecordLimits } from "../protocol/records.ts";
import type { Stores } from "../protocol/stores.ts";

/** How long records of one kind are kept, and how much of them. */
export interface RecordBounds {
  readonly days: number;
  readonly mib: number;
}

/** The bounds of all records, as the settings have them. */
export interface KeptRecords {
  readonly historyDays: number;
  readonly historyMib: number;
  readonly connectionDays: number;
  readonly connectionMib: number;
  readonly recordContentMinutes: number;
}

/** Deletes what need not be kept at a moment of Unix time in ms; gives how much went. */
export type Prune = (nowMs: number) => Promise<number>;

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

/** What is pruned of each kind of records. */
export function pruningOf(
  { history, connections }: Pick<Stores, "history" | "connections">,
  kept: KeptRecords,
): { readonly turns: Prune; readonly connections: Prune } {
  const { historyDays, historyMib, connectionDays, connectionMib, recordContentMinutes } = kept;
  return {
    turns: (nowMs) => history.prune(limitsAt(nowMs, { days: historyDays, mib: historyMib })),
    connections: async (nowMs) => {
      await connections.forgetContent(nowMs - recordContentMinutes * 60_000);
      return connections.prune(limitsAt(nowMs, { days: connectionDays, mib: connectionMib }));
    },
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
  readonly #prunings: Readonly<Record<string, Prune>>;
  readonly #parts: RecordKeeperParts;
  #cancel: Cancel = () => {};
  #isClosed = false;
  #pruning: Promise<void>;

  constructor(prunings: Readonly<Record<string, Prune>>, parts: RecordKeeperParts) {
    this.#prunings = prunings;
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
    for (const prune of Object.values(this.#prunings)) {
      try {
        await prune(wallClock());
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
