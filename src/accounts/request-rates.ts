import type { Clock } from "../clock.ts";

/** What is left of a key's requests. */
interface Bucket {
  tokens: number;
  filledAt: number;
}

/** As many keys are remembered; one that was forgotten begins with all its requests. */
const maxKeys = 10_000;

/** Counts requests by key: as many in a row as in a second, then as many as come back with time. */
export class RequestRates {
  readonly #clock: Clock;
  /** Those used last are last. */
  readonly #buckets = new Map<string, Bucket>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** 0 if there is one request left, which is taken, else in how many seconds there will be one. */
  take(keyId: string, perSecond: number): number {
    const now = this.#clock.now();
    const before = this.#buckets.get(keyId) ?? { tokens: perSecond, filledAt: now };
    const gained = ((now - before.filledAt) / 1000) * perSecond;
    const tokens = Math.min(Math.max(1, perSecond), before.tokens + gained);
    const isTaken = tokens >= 1;
    this.#buckets.delete(keyId);
    this.#buckets.set(keyId, { tokens: isTaken ? tokens - 1 : tokens, filledAt: now });
    const [oldest] = this.#buckets.keys();
    if (this.#buckets.size > maxKeys && oldest !== undefined) this.#buckets.delete(oldest);
    return isTaken ? 0 : (1 - tokens) / perSecond;
  }
}
