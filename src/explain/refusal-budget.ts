import type { Clock } from "../clock.ts";

/** Refusals that are recorded in one go, and how many more each second. */
const burst = 500;
const perSecond = 20;

/** Lets so many refusals be recorded that a flood of them costs little, and buries little. */
export class RefusalBudget {
  readonly #clock: Clock;
  #left = burst;
  #at: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#at = clock.now();
  }

  /** Whether one more is recorded. */
  take(): boolean {
    const now = this.#clock.now();
    this.#left = Math.min(burst, this.#left + ((now - this.#at) * perSecond) / 1000);
    this.#at = now;
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}
