import type { Cancel, Clock } from "../clock.ts";
import type { RunningTimer } from "../protocol/connections.ts";
import { withTimeLeft } from "../session/countdown.ts";

const nothing = (): void => {};

/**
 * Pings a client that waits for speech, so that it never hears nothing for long: some take a
 * pause without any frame for the end.
 */
export class OwedPings {
  readonly #everyMs: number;
  readonly #clock: Clock;
  readonly #session: { readonly busy: boolean };
  readonly #ping: () => void;
  #lastFrameAt = 0;
  #cancel: Cancel | undefined;

  constructor(
    everyMs: number,
    clock: Clock,
    session: { readonly busy: boolean },
    ping: () => void,
  ) {
    this.#everyMs = everyMs;
    this.#clock = clock;
    this.#session = session;
    this.#ping = ping;
  }

  /** The time until it is pinged, while it waits. */
  get timers(): RunningTimer[] {
    if (!this.#cancel) return [];
    const times = { limitMs: this.#everyMs, lastResetAt: this.#lastFrameAt } as const;
    const timer = { name: "owed_ping", context: undefined, ...times, lastResetBy: "sent" } as const;
    return [withTimeLeft(timer, this.#clock)];
  }

  /** To be called when the session may have been given work. */
  watch(): void {
    if (this.#cancel || !this.#session.busy) return;
    this.#lastFrameAt = this.#clock.now();
    this.#arm(this.#everyMs);
  }

  /** A frame leaves. */
  onFrame(): void {
    this.#lastFrameAt = this.#clock.now();
  }

  stop(): void {
    (this.#cancel ?? nothing)();
    this.#cancel = undefined;
  }

  #arm(ms: number): void {
    this.#cancel = this.#clock.schedule(ms, () => {
      this.#cancel = undefined;
      if (!this.#session.busy) return;
      const leftMs = this.#lastFrameAt + this.#everyMs - this.#clock.now();
      if (leftMs > 0) return this.#arm(leftMs);
      this.#ping();
      this.#lastFrameAt = this.#clock.now();
      this.#arm(this.#everyMs);
    });
  }
}
