import type { Clock } from "../clock.ts";

/** So long after a refusal it is likely that others will be refused as well. */
const refusalMs = 1000;
/** Who has sent no whole clause for so long is in no hurry. */
const typingMs = 3000;
/**
 * How many may be on their way to asking for room, as a share of those who listen: what is said in
 * a turn takes some seven times as long as its first clause takes to be written.
 */
const mostShare = 1 / 5;
const leastAtOnce = 4;

/**
 * Listeners whose text has begun to come, and who have not asked for room yet. While others are
 * refused, no more may begin than are likely to find room when they ask: whoever is refused after
 * all its text has been read takes that time from those who listen.
 */
export class Newcomers {
  readonly #clock: Clock;
  /** When they began, the oldest first. */
  readonly #typing = new Set<{ readonly sinceAt: number }>();
  #refusedAt = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Somebody who had asked for room found none. */
  onRefused(): void {
    this.#refusedAt = this.#clock.now();
  }

  /** Whether no more may begin beside so many listeners. */
  isFull(listeners: number): boolean {
    const now = this.#clock.now();
    for (const newcomer of this.#typing) {
      if (now - newcomer.sinceAt < typingMs) break;
      this.#typing.delete(newcomer);
    }
    const most = Math.max(leastAtOnce, listeners * mostShare);
    return now - this.#refusedAt < refusalMs && this.#typing.size >= most;
  }

  /** Gives what is to be called when the newcomer asks for room, or has gone; undefined if it is not to begin. */
  begin(listeners: number): (() => void) | undefined {
    if (this.isFull(listeners)) return undefined;
    const newcomer = { sinceAt: this.#clock.now() };
    this.#typing.add(newcomer);
    return () => this.#typing.delete(newcomer);
  }
}
