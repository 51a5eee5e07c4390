import type { Clock } from "../clock.ts";
import type { RunningTimer } from "../protocol/connections.ts";
import type { ContextId } from "../protocol/speech.ts";
import { Countdown } from "./countdown.ts";

/**
 * How fast a context may send: until its listener is far enough ahead, hardly faster than it is
 * heard, or not at all until others have had their say.
 */
export type Pace = "free" | "realtime" | "held";

/** A listener in real time has this much audio in hand, so that nothing stutters. */
const realtimeAheadMs = 2000;

const nothing = (): void => {};

/**
 * The playout of one context, and what follows from it: knows when its listener runs dry, if the
 * audio is heard as it comes, and holds back what comes too early.
 */
export class Pacer {
  readonly #clock: Clock;
  readonly #leadMs: number;
  #pace: Pace = "free";
  /** When the listener will have heard all that was sent. */
  #heardAt = Number.NEGATIVE_INFINITY;
  #isReleased = false;
  #wake = nothing;
  readonly #id: ContextId;
  /** Made when something is held back. */
  #countdown: Countdown | undefined;

  /** `leadMs` is how much audio a listener may have in hand; `Infinity` for any amount. */
  constructor(id: ContextId, clock: Clock, leadMs: number = Number.POSITIVE_INFINITY) {
    this.#clock = clock;
    this.#id = id;
    this.#leadMs = leadMs;
  }

  /** While it holds back what comes next. */
  get timers(): RunningTimer[] {
    return this.#countdown?.timers ?? [];
  }

  get pace(): Pace {
    return this.#pace;
  }

  /** When the listener will have heard all that was sent; in the past if it waits in silence. */
  get heardAt(): number {
    return this.#heardAt;
  }

  /** How much audio the listener has in hand, in ms; negative if it waits in silence. */
  get inHandMs(): number {
    return this.#heardAt - this.#clock.now();
  }

  /** When the listener has nothing left to hear: now, if it waits in silence. */
  get runsDryAt(): number {
    return Math.max(this.#heardAt, this.#clock.now());
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

  /** To be told of all audio that leaves; gives how long the listener had nothing to hear before it. */
  onAudio(audioMs: number): number {
    const now = this.#clock.now();
    const silentMs = now - this.#heardAt;
    this.#heardAt = Math.max(this.#heardAt, now) + audioMs;
    return Number.isFinite(silentMs) ? Math.max(0, silentMs) : 0;
  }

  /** Resolves when more audio may leave; undefined if it may at once. */
  ready(): Promise<void> | undefined {
    return this.#waitMs() > 0 ? this.#waitUntilReady() : undefined;
  }

  /** Resolves when the context is not held. */
  async awake(): Promise<void> {
    while (this.#pace === "held" && !this.#isReleased) await this.#sleep(Number.POSITIVE_INFINITY);
  }

  async #waitUntilReady(): Promise<void> {
    for (let waitMs = this.#waitMs(); waitMs > 0; waitMs = this.#waitMs()) {
      await this.#sleep(waitMs);
    }
  }

  #waitMs(): number {
    if (this.#isReleased) return 0;
    if (this.#pace === "held") return Number.POSITIVE_INFINITY;
    const aheadMs = this.#pace === "free" ? this.#leadMs : Math.min(realtimeAheadMs, this.#leadMs);
    return this.inHandMs - aheadMs;
  }

  async #sleep(ms: number): Promise<void> {
    const countdown = (this.#countdown ??= new Countdown(this.#clock, "lead", this.#id));
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      if (ms !== Number.POSITIVE_INFINITY) countdown.start(ms, "sent", () => resolve());
    });
    countdown.stop();
    this.#wake = nothing;
  }
}
