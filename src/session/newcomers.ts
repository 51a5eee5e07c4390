import type { Clock } from "../clock.ts";

/** Room is scarce from a refusal until nobody had to wait for any, or was turned away, for so long. */
const scarceMs = 1000;
/** Who has sent no whole clause for so long is in no hurry. */
const typingMs = 3000;

/** What there is to be had. */
export interface Room {
  /** Those who listen. */
  readonly listeners: number;
  /** For how many more there is room. */
  readonly free: number;
  /** Those who wait for some. */
  readonly waiting: number;
}

/**
 * How many may type or wait, as a share of those who listen, if there is room for no more. What is
 * said in a turn takes some seven times as long as its first clause takes to be written at the pace
 * of a language model, so that a seventh of those who listen leave in that time; a few more should
 * wait for their room.
 */
const mostShare = 1 / 5;
const leastAtOnce = 4;

/**
 * Listeners whose text has begun to come, and who have not asked for room yet. While room is scarce,
 * no more may begin than are likely to find some when they ask: whoever is refused after all its
 * text has been read takes that time from those who listen.
 */
export class Newcomers {
  readonly #clock: Clock;
  /** When they began, the oldest first. */
  readonly #typing = new Set<{ readonly sinceAt: number }>();
  #scarceUntil = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Somebody who had asked for room found none. */
  onRefused(): void {
    this.#becomeScarce();
  }

  /** Somebody has to wait for room, which may be had in time: it goes on to be scarce, if it was. */
  onWait(): void {
    if (this.#isScarce()) this.#becomeScarce();
  }

  /** Whether one more is not to begin; if so, room goes on to be scarce. */
  turnsAway({ listeners, free, waiting }: Room): boolean {
    const now = this.#clock.now();
    for (const newcomer of this.#typing) {
      if (now - newcomer.sinceAt < typingMs) break;
      this.#typing.delete(newcomer);
    }
    const most = Math.max(leastAtOnce, free, listeners * mostShare);
    if (!this.#isScarce() || this.#typing.size + waiting < most) return false;
    // If all were let in for a moment, as many would ask for room together.
    this.#becomeScarce();
    return true;
  }

  /** Gives what is to be called when the newcomer asks for room, or has gone; undefined if it is not to begin. */
  begin(room: Room): (() => void) | undefined {
    if (this.turnsAway(room)) return undefined;
    const newcomer = { sinceAt: this.#clock.now() };
    this.#typing.add(newcomer);
    return () => this.#typing.delete(newcomer);
  }

  #becomeScarce(): void {
    this.#scarceUntil = this.#clock.now() + scarceMs;
  }

  #isScarce(): boolean {
    return this.#clock.now() < this.#scarceUntil;
  }
}
