/** The right to speak at the same time as others; to be released exactly once. */
export type Lease = () => void;

/** Counts who speaks at the same time. Idle streams are free. */
export class Limiter {
  readonly limit: number;
  #active = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  get active(): number {
    return this.#active;
  }

  /** A lease, or undefined when `limit` of them are out. */
  acquire(): Lease | undefined {
    if (this.#active >= this.limit) return undefined;
    this.#active += 1;
    let held = true;
    return () => {
      if (held) this.#active -= 1;
      held = false;
    };
  }
}
