import { networkOf } from "../addresses.ts";
import type { Clock } from "../clock.ts";
import type { Account } from "../protocol/accounts.ts";
import { isProblem } from "../protocol/dialect.ts";
import type { ErrorCode, Problem } from "../protocol/problems.ts";
import type { Credential } from "../protocol/speech.ts";

/** How guesses are slowed. */
export interface GuessLimits {
  /** Failures that are answered at once; as many are forgiven in `forgiveMs`. */
  readonly free: number;
  readonly forgiveMs: number;
  /** Of the first failure that is too many; each further one waits twice as long. */
  readonly firstDelayMs: number;
  readonly maxDelayMs: number;
  /** Addresses remembered; the one that failed the longest ago is forgotten first. */
  readonly maxAddresses: number;
}

export const guessLimits: GuessLimits = {
  free: 10,
  forgiveMs: 60_000,
  firstDelayMs: 250,
  maxDelayMs: 10_000,
  maxAddresses: 10_000,
};

interface Failures {
  /** Those that are not forgiven yet, at the time `at`. */
  readonly level: number;
  readonly at: number;
}

/**
 * Counts bad credentials by the address they came from, and says how long the answer to one more
 * has to wait. Good credentials are never asked about, so nobody is locked out by a neighbour.
 */
export class GuessGuard {
  readonly #clock: Clock;
  readonly #limits: GuessLimits;
  /** In the order of their latest failure. */
  readonly #failures = new Map<string, Failures>();
  /** More than this would only be remembered for longer, not delayed for longer. */
  readonly #maxLevel: number;

  constructor(clock: Clock, limits: GuessLimits = guessLimits) {
    this.#clock = clock;
    this.#limits = limits;
    const doublings = Math.ceil(Math.log2(limits.maxDelayMs / limits.firstDelayMs));
    this.#maxLevel = limits.free + doublings + 1;
  }

  /** Addresses that are remembered. */
  get size(): number {
    return this.#failures.size;
  }

  /** A credential from `address` was no good: gives the ms that its answer has to wait. */
  onFailure(address: string): number {
    const { free, forgiveMs, firstDelayMs, maxDelayMs, maxAddresses } = this.#limits;
    const network = networkOf(address);
    const now = this.#clock.now();
    const before = this.#failures.get(network) ?? { level: 0, at: now };
    const forgiven = ((now - before.at) * free) / forgiveMs;
    const level = Math.min(this.#maxLevel, Math.max(0, before.level - forgiven) + 1);
    this.#failures.delete(network);
    this.#failures.set(network, { level, at: now });
    const [oldest] = this.#failures.keys();
    if (this.#failures.size > maxAddresses && oldest !== undefined) this.#failures.delete(oldest);
    if (level <= free) return 0;
    return Math.min(maxDelayMs, firstDelayMs * 2 ** (Math.ceil(level - free) - 1));
  }
}

/** Lets in whoever shows a good credential at an address. */
export type Admit = (
  credential: Credential | undefined,
  address: string,
) => Promise<Account | Problem>;

/** What is answered to a guess that failed. */
const failures: ReadonlySet<ErrorCode> = new Set(["invalid_api_key", "invalid_token"]);

/** The same, where bad credentials are answered ever later. */
export function slowGuesses(admit: Admit, guard: GuessGuard, clock: Clock): Admit {
  return async (credential, address) => {
    const found = await admit(credential, address);
    if (!isProblem(found) || !failures.has(found.code)) return found;
    const delayMs = guard.onFailure(address);
    if (delayMs > 0) {
      await new Promise<void>((resolve) => {
        clock.schedule(delayMs, resolve);
      });
    }
    return found;
  };
}
