import type { Cancel, Clock } from "../clock.ts";

/**
 * How fast a context may send: as fast as it can, no faster than it is heard, or not at all
 * until others have had their say.
 */
export type Pace = "free" | "realtime" | "held";

/** A listener in real time has this much audio in hand, so that nothing stutters. */
const aheadMs = 2000;

const nothing = (): void => {};

/** Holds a context's audio back to its pace. Whoever waits here is woken by `set` and `release`. */
export class Pacer {
  readonly #clock: Clock;
  #pace: Pace = "free";
  /** When the listener will have heard all that was sent. */
  #heardAt = Number.NEGATIVE_INFINITY;
  #isReleased = false;
  #wake = nothing;
  #cancelTimer: Cancel = nothing;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get pace(): Pace {
    return this.#pace;
  }

  set(pace: Pace): void {
    if (pace === this.#pace) return;
    this.#pace = pace;
    this.#wake();
  }

  /** Lets go of whoever waits, for good. */
  release(): void {
    this.#isReleased = true;
    this.#wake();
  }

  /** To be told of all audio that leaves. */
  onAudio(audioMs: number): void {
    this.#heardAt = Math.max(this.#heardAt, this.#clock.now()) + audioMs;
  }

  /** Resolves when more audio may leave. */
  async ready(): Promise<void> {
    for (let waitMs = this.#waitMs(); waitMs > 0; waitMs = this.#waitMs()) {
      await this.#sleep(waitMs);
    }
  }

  /** Resolves when the context is not held. */
  async awake(): Promise<void> {
    while (this.#pace === "held" && !this.#isReleased) await this.#sleep(Number.POSITIVE_INFINITY);
  }

  #waitMs(): number {
    if (this.#pace === "free" || this.#isReleased) return 0;
    if (this.#pace === "held") return Number.POSITIVE_INFINITY;
    return this.#heardAt - this.#clock.now() - aheadMs;
  }

  async #sleep(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      if (ms !== Number.POSITIVE_INFINITY) this.#cancelTimer = this.#clock.schedule(ms, resolve);
    });
    this.#cancelTimer();
    this.#cancelTimer = nothing;
    this.#wake = nothing;
  }
}
