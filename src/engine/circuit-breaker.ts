import type { Clock } from "../clock.ts";
import type { UpstreamStatus } from "../protocol/engines.ts";

/** When a server that fails is left alone, and for how long. */
export interface BreakerRules {
  /** Failures in a row that open the circuit. */
  readonly maxFailures: number;
  /** So does this share of failures among the latest results, however they are mixed. */
  readonly maxFailedShare: number;
  readonly latestResults: number;
  /** Left alone this long at first, and twice as long after each probe that fails. */
  readonly firstDelayMs: number;
  readonly maxDelayMs: number;
}

export const usualBreakerRules: BreakerRules = {
  maxFailures: 3,
  maxFailedShare: 0.5,
  latestResults: 20,
  firstDelayMs: 1000,
  maxDelayMs: 60_000,
};

/** What came of asking. Of the calls only the first one counts. */
export interface Attempt {
  succeeded(): void;
  failed(): void;
  /** It was given up, or failed for reasons that say nothing about the server. */
  abandoned(): void;
}

/**
 * Remembers how a server is doing, so that one that is down costs nobody any waiting. A closed
 * circuit lets everyone ask. When it has opened nobody may, until some time has passed: then one
 * attempt is let through, and its result closes the circuit or leaves it open for longer.
 */
export class CircuitBreaker {
  readonly #clock: Clock;
  readonly #rules: BreakerRules;
  /** Since the circuit was last closed; the latest one last. */
  #results: boolean[] = [];
  #failuresInARow = 0;
  /** When it may be tried again; undefined while the circuit is closed. */
  #retryAt: number | undefined;
  #delayMs = 0;
  #isProbing = false;
  /** Results of attempts that began before the circuit opened or closed are no news. */
  #era = 0;

  constructor(clock: Clock, rules: BreakerRules = usualBreakerRules) {
    this.#clock = clock;
    this.#rules = rules;
  }

  /** How it is doing now. */
  get status(): Omit<UpstreamStatus, "name"> {
    const failures = this.#failuresInARow;
    if (this.#retryAt === undefined) return { state: "up", failures };
    const retryInMs = this.#retryAt - this.#clock.now();
    return retryInMs > 0 ? { state: "down", failures, retryInMs } : { state: "trying", failures };
  }

  /** The right to ask once; undefined while it is to be left alone. */
  attempt(): Attempt | undefined {
    const isProbe = this.#retryAt !== undefined;
    if (isProbe && (this.#isProbing || this.status.state === "down")) return undefined;
    this.#isProbing = isProbe;
    const era = this.#era;
    let isOver = false;
    const end = (result: () => void): void => {
      if (isOver || era !== this.#era) return;
      isOver = true;
      this.#isProbing = false;
      result();
    };
    return {
      succeeded: () => end(() => this.#onSuccess()),
      failed: () => end(() => this.#onFailure()),
      abandoned: () => end(() => {}),
    };
  }

  #onSuccess(): void {
    this.#failuresInARow = 0;
    if (this.#retryAt === undefined) return this.#note(true);
    this.#retryAt = undefined;
    this.#delayMs = 0;
    this.#results = [];
    this.#era += 1;
  }

  #onFailure(): void {
    this.#failuresInARow += 1;
    this.#note(false);
    if (this.#retryAt !== undefined || this.#isTooMany()) this.#open();
  }

  #note(isGood: boolean): void {
    this.#results.push(isGood);
    if (this.#results.length > this.#rules.latestResults) this.#results.shift();
  }

  #isTooMany(): boolean {
    const { maxFailures, maxFailedShare, latestResults } = this.#rules;
    const failed = this.#results.filter((isGood) => !isGood).length;
    const isMixed =
      this.#results.length === latestResults && failed > maxFailedShare * latestResults;
    return isMixed || this.#failuresInARow >= maxFailures;
  }

  #open(): void {
    const { firstDelayMs, maxDelayMs } = this.#rules;
    this.#delayMs = Math.min(maxDelayMs, this.#delayMs * 2 || firstDelayMs);
    this.#retryAt = this.#clock.now() + this.#delayMs;
    this.#results = [];
    this.#era += 1;
  }
}
