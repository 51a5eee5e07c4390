import type { Clock } from "../clock.ts";

/** Others are likely to be refused as well until nobody had to wait for room for so long. */
const scarceMs = 1000;
/** Who has sent no whole clause for so long is in no hurry. */
const typingMs = 3000;
/**
 * How many may be on their way, as a share of those who listen. What is said in a turn takes some
 * seven times as long as its first clause takes to be written: as many leave in that time, and a
 * few more should wait for their room.
 */
const mostShare = 1 / 5;
const leastAtOnce = 4;

/**
 * Listeners whose text has begun to come, and who have no room yet. While others are refused, no
 * more may begin than are likely to find some when they ask: whoever is refused after all its text
 * has been read takes that time from those who listen.
 */
export class Newcomers {
  readonly #clock: Clock;
  /** When they began, the oldest first. */
  readonly #onTheirWay = new Set<{ readonly sinceAt: number }>();
  #scarceUntil = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Somebody who had asked for room found none. */
  onRefused(): void {
    this.#scarceUntil = this.#clock.now() + scarceMs;
  }

  /** Somebody has to wait for room. If others were refused of late, there is still too little. */
  onWait(): void {
    if (this.#isScarce()) this.onRefused();
  }

  /** Whether no more may begin beside so many listeners. */
  isFull(listeners: number): boolean {
    const now = this.#clock.now();
    for (const newcomer of this.#onTheirWay) {
      if (now - newcomer.sinceAt < typingMs) break;
      this.#onTheirWay.delete(newcomer);
    }
    const most = Math.max(leastAtOnce, listeners * mostShare);
    return this.#isScarce() && this.#onTheirWay.size >= most;
  }

  /** Gives what is to be called when the newcomer has room, or gets none; undefined if it is not to begin. */
  begin(listeners: number): (() => void) | undefined {
    if (this.isFull(listeners)) return undefined;
    const newcomer = { sinceAt: this.#clock.now() };
    this.#onTheirWay.add(newcomer);
    return () => this.#onTheirWay.delete(newcomer);
  }

  #isScarce(): boolean {
    return this.#clock.now() < this.#scarceUntil;
  }
}
