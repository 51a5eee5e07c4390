import type { Cancel, Clock } from "../clock.ts";
import type { ContextId } from "../protocol/speech.ts";

const nothing = (): void => {};

/**
 * Waits for the moment when a session has told its client all it asked for: some time after the
 * last of several contexts has ended, if none was opened in the meantime.
 */
export class QuietWatch {
  readonly #clock: Clock;
  readonly #tell: (context: ContextId) => void;
  /** How long it must be quiet after each context that is being closed; made when there is one. */
  #awaitedMs: Map<ContextId, number> | undefined;
  /** The context that ended last, while the time after it runs. */
  #pending: ContextId | undefined;
  #cancel: Cancel = nothing;

  constructor(clock: Clock, tell: (context: ContextId) => void) {
    this.#clock = clock;
    this.#tell = tell;
  }

  get isPending(): boolean {
    return this.#pending !== undefined;
  }

  /** Somebody wants to know that it is quiet for so long after the end of a context. */
  await(context: ContextId, quietMs: number): void {
    (this.#awaitedMs ??= new Map()).set(context, quietMs);
  }

  /** Something new has begun. */
  interrupt(): void {
    this.#cancel();
    this.#cancel = nothing;
    this.#pending = undefined;
  }

  /** A context has ended; `isLast`: as it should, and no other is left to speak. */
  onEnded(context: ContextId, isLast: boolean): void {
    const quietMs = this.#awaitedMs?.get(context);
    this.#awaitedMs?.delete(context);
    if (quietMs === undefined || !isLast) return;
    this.interrupt();
    this.#pending = context;
    if (quietMs === 0) this.settle();
    else this.#cancel = this.#clock.schedule(quietMs, () => this.settle());
  }

  /** Tells what is pending without waiting on. */
  settle(): void {
    const context = this.#pending;
    this.interrupt();
    if (context !== undefined) this.#tell(context);
  }

  stop(): void {
    this.interrupt();
    this.#awaitedMs = undefined;
  }
}
