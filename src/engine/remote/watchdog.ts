import type { Cancel, Clock } from "../../clock.ts";
import { UpstreamFailure, type UpstreamFailureCode } from "./upstream-failure.ts";

/** How long another server may keep us waiting, in ms. */
export interface Patience {
  readonly connectMs: number;
  /** From the request to the first byte of its audio. */
  readonly firstByteMs: number;
  /** Between two bytes of it. */
  readonly stallMs: number;
}

/** A listener in a conversation has given up by then. */
export const usualPatience: Patience = { connectMs: 2000, firstByteMs: 8000, stallMs: 4000 };

/** Watches over one thing at a time that is waited for. */
export class Watchdog {
  readonly #clock: Clock;
  readonly #onTooLate: (failure: UpstreamFailure) => void;
  #cancel: Cancel | undefined;

  constructor(clock: Clock, onTooLate: (failure: UpstreamFailure) => void) {
    this.#clock = clock;
    this.#onTooLate = onTooLate;
  }

  /** Begins to wait for something else. */
  expect(ms: number, orElse: UpstreamFailureCode): void {
    this.rest();
    this.#cancel = this.#clock.schedule(ms, () => this.#onTooLate(new UpstreamFailure(orElse)));
  }

  /** It came, or is not wanted any more. */
  rest(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }
}
