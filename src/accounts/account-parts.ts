import type { QuotaStore } from "../protocol/accounts.ts";
import type { UsageStore } from "../protocol/stores.ts";
import type { LeaseAnswer, LeaseWish } from "./leases.ts";

/** What keys share over all processes of a server, and what is asked of it. */
export interface SharedLimits {
  acquire(wish: LeaseWish): Promise<LeaseAnswer>;
  release(keyId: string): Promise<void>;
  /** In how many seconds the key may make a request; 0 for now, which counts as one. */
  takeRequest(keyId: string, perSecond: number): Promise<number>;
}

/** What every account works with. */
export interface AccountParts {
  /** Unix time in ms. */
  readonly wallClock: () => number;
  readonly quotas: QuotaStore;
  readonly usage: Pick<UsageStore, "add" | "total">;
  readonly limits: SharedLimits;
  /** How many may speak at the same time. */
  readonly maxConcurrency: number;
  /** Told what goes wrong while nobody waits for it. */
  readonly onFault: (error: unknown) => void;
}
