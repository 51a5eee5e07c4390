import { type Cancel, type Clock, ManualClock, systemClock } from "../../clock.ts";

/** How often time is looked at. */
const tickMs = 2;

/** Time that passes as it does, of which some can be skipped: what falls due in it happens at once. */
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
    return this.#time.schedule(ms, callback);
  }

  skip(ms: number): void {
    this.#time.advance(ms);
  }

  /** No time passes any more. */
  stop(): void {
    this.#cancelTick();
  }

  #tick(): void {
    const now = systemClock.now();
    this.#time.advance(now - this.#seenAt);
    this.#seenAt = now;
    this.#cancelTick = systemClock.schedule(tickMs, () => this.#tick());
  }
}
