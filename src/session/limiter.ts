/** The right to speak at the same time as others; to be released exactly once. */
export type Lease = () => void;

/** Counts who speaks at the same time. Idle streams are free. */
export interface Limiter {
  readonly limit: number;
  /** How many leases are out, as far as is known here. */
  readonly active: number;
  /** A lease, or undefined when `limit` of them are out. */
  acquire(): Promise<Lease | undefined>;
}

/** A limit for one process. */
export function createLimiter(limit: number): Limiter {
  let active = 0;
  return {
    limit,
    get active() {
      return active;
    },
    acquire() {
      if (active >= limit) return Promise.resolve(undefined);
      active += 1;
      let isHeld = true;
      return Promise.resolve(() => {
        if (isHeld) active -= 1;
        isHeld = false;
      });
    },
  };
}
