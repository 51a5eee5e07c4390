import { type Cancel, type Clock, ManualClock, systemClock } from "../../clock.ts";

/** How often time is looked at. */
const tickMs = 2;

/**
 * Time that passes as it does, of which some can be skipped: what falls due in it happens at once. It
 * goes in whole milliseconds: of fractions too little may be left for time to pass at all.
 */
export class SkippingClock implements Clock {
  readonly #time = new ManualClock();
  #seenAt: number = systemClock.now();
  #cancelTick: Cancel = () => {};

  constructor() {
    this.#tick();
  }

  now(): number {
    return this.#time.now();
  }

  schedule(ms: number, callback: () => void): Cancel {
    return this.#time.schedule(Math.ceil(ms), callback);
  }

  skip(ms: number): void {
    this.#time.advance(Math.ceil(ms));
  }

  /** No time passes any more. */
  stop(): void {
    this.#cancelTick();
  }

  #tick(): void {
    const passedMs = Math.floor(systemClock.now() - this.#seenAt);
    this.#seenAt += passedMs;
    this.#time.advance(passedMs);
    this.#cancelTick = systemClock.schedule(tickMs, () => this.#tick());
  }
}
