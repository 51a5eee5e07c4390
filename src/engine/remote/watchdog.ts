import type { Cancel, Clock } from "../../clock.ts";
import { UpstreamFailure, type UpstreamFailureCode } from "./upstream-failure.ts";

/** How long another server may keep us waiting, in ms. */
export interface Patience {
  readonly connectMs: number;
  /** From the request to the first of its audio. */
  readonly firstAudioMs: number;
  /** Between two portions of it, and how far it may fall behind what is heard meanwhile. */
  readonly stallMs: number;
}

/** A listener in a conversation has given up by then. */
export const usualPatience: Patience = { connectMs: 2000, firstAudioMs: 8000, stallMs: 4000 };

/**
 * Watches over one answer. Nothing but audio keeps it quiet, and that only for as long as it is
 * heard, so whoever trickles fails as well: as audio is bounded by the text, so is every answer.
 */
export class Watchdog {
  readonly #clock: Clock;
  readonly #patience: Patience;
  readonly #onTooLate: (failure: UpstreamFailure) => void;
  #cancel: Cancel | undefined;
  #firstAudioAt: number | undefined;
  #receivedMs = 0;
  #isOver = false;

  constructor(clock: Clock, patience: Patience, onTooLate: (failure: UpstreamFailure) => void) {
    this.#clock = clock;
    this.#patience = patience;
    this.#onTooLate = onTooLate;
  }

  /** A connection is being made. */
  connecting(): void {
    this.#expect(this.#patience.connectMs, "connect_timeout");
  }

  /** The connection is there. */
  asked(): void {
    this.#expect(this.#patience.firstAudioMs, "first_byte_timeout");
  }

  /** So much audio came. */
  received(audioMs: number): void {
    if (audioMs === 0) return;
    const now = this.#clock.now();
    this.#firstAudioAt ??= now;
    this.#receivedMs += audioMs;
    const behindMs = now - this.#firstAudioAt - this.#receivedMs;
    const { stallMs } = this.#patience;
    if (behindMs > 0) this.#expect(stallMs - behindMs, "too_slow");
    else this.#expect(stallMs, "stalled");
  }

  /** All of it came, or it is not wanted any more. */
  end(): void {
    this.#isOver = true;
    this.#cancel?.();
  }

  #expect(ms: number, orElse: UpstreamFailureCode): void {
    this.#cancel?.();
    if (this.#isOver) return;
    const fail = (): void => this.#onTooLate(new UpstreamFailure(orElse));
    // At once, lest what trickles puts a timer off for ever.
    if (ms <= 0) fail();
    else this.#cancel = this.#clock.schedule(ms, fail);
  }
}
