import type { Clock } from "../clock.ts";
import type { RunningTimer } from "../protocol/connections.ts";
import type { ContextId } from "../protocol/speech.ts";
import { Countdown } from "./countdown.ts";

/** What a client is told when nothing else has begun in the meantime. */
interface Owed {
  readonly context: ContextId;
  readonly quietMs: number;
}

/**
 * Waits for the moment when a session has told its client all it asked for: some time after the
 * last of several contexts has ended, if none was opened in the meantime.
 */
export class QuietWatch {
  readonly #countdown: Countdown;
  readonly #tell: (context: ContextId) => void;
  /** How long it must be quiet after each context that is being closed; made when there is one. */
  #awaitedMs: Map<ContextId, number> | undefined;
  /** The context that was the last one to end as it should, until its client is told. */
  #owed: Owed | undefined;

  constructor(clock: Clock, tell: (context: ContextId) => void) {
    this.#countdown = new Countdown(clock, "quiet");
    this.#tell = tell;
  }

  /** Whether the time runs after which something is told. */
  get isPending(): boolean {
    return this.#countdown.isRunning;
  }

  get timers(): RunningTimer[] {
    return this.#countdown.timers;
  }

  /** Somebody wants to know that it is quiet for so long after the end of a context. */
  await(context: ContextId, quietMs: number): void {
    (this.#awaitedMs ??= new Map()).set(context, quietMs);
  }

  /** Something new has begun, whose end will be told in place of the last one. */
  interrupt(): void {
    this.#countdown.stop();
  }

  /** A context has ended, perhaps as it should; there may be others that are still to speak. */
  onEnded(context: ContextId, isComplete: boolean, areOthers: boolean): void {
    const quietMs = this.#awaitedMs?.get(context);
    this.#awaitedMs?.delete(context);
    if (quietMs !== undefined && isComplete) {
      this.interrupt();
      this.#owed = { context, quietMs };
    }
    if (this.#owed && !areOthers && !this.isPending) this.#wait(this.#owed.quietMs);
  }

  /** Tells what is pending without waiting on. */
  settle(): void {
    if (!this.isPending) return;
    this.interrupt();
    this.#tellOwed();
  }

  stop(): void {
    this.interrupt();
    this.#owed = undefined;
    this.#awaitedMs = undefined;
  }

  #tellOwed(): void {
    const owed = this.#owed;
    this.#owed = undefined;
    if (owed) this.#tell(owed.context);
  }

  #wait(quietMs: number): void {
    if (quietMs > 0) this.#countdown.start(quietMs, "speech", () => this.#tellOwed());
    else this.#tellOwed();
  }
}
