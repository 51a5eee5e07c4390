import type { Concurrency, Lease } from "../protocol/accounts.ts";
import { SpeechError } from "../protocol/problems.ts";
import type { AccountParts } from "./account-parts.ts";

const nothing = (): void => {};

/** Asks for the leases of one key, and remembers how many there were. */
export class Speakers {
  readonly #parts: AccountParts;
  readonly #keyId: string;
  #concurrency: Concurrency;

  constructor(keyId: string, parts: AccountParts) {
    this.#keyId = keyId;
    this.#parts = parts;
    this.#concurrency = { active: 0, limit: parts.maxConcurrency };
  }

  get concurrency(): Concurrency {
    return this.#concurrency;
  }

  async acquire(limit: number | undefined): Promise<Lease> {
    const { limits } = this.#parts;
    const { isGiven, ...concurrency } = await limits.acquire({ keyId: this.#keyId, limit });
    this.#concurrency = concurrency;
    if (!isGiven) throw new SpeechError("too_many_concurrent_requests", { ...concurrency });
    return this.#createLease();
  }

  #createLease(): Lease {
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      const { active, limit } = this.#concurrency;
      this.#concurrency = { active: Math.max(0, active - 1), limit };
      // Where nobody counts any more nothing needs to be given back.
      this.#parts.limits.release(this.#keyId).catch(nothing);
    };
  }
}
