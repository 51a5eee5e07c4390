import type { Cancel, Clock } from "../clock.ts";
import type { RunningTimer, TimerFiring, TimerName, TimerReset } from "../protocol/connections.ts";
import type { ContextId } from "../protocol/speech.ts";

/** A timer of a connection or of one of its contexts, which runs once at a time and can be looked at. */
export class Countdown {
  readonly #clock: Clock;
  readonly #name: TimerName;
  readonly #context: ContextId | undefined;
  #running: TimerFiring | undefined;
  #cancel: Cancel | undefined;

  /** `context` is whose it is; undefined for the connection's own. */
  constructor(clock: Clock, name: TimerName, context?: ContextId) {
    this.#clock = clock;
    this.#name = name;
    this.#context = context;
  }

  get isRunning(): boolean {
    return this.#running !== undefined;
  }

  /** It while it runs, and nothing while it does not. */
  get timers(): RunningTimer[] {
    return this.#running ? [withTimeLeft(this.#running, this.#clock)] : [];
  }

  /** Begins anew: calls back once, `limitMs` from now, unless it is stopped before. */
  start(limitMs: number, lastResetBy: TimerReset, onOver: (firing: TimerFiring) => void): void {
    this.stop();
    const lastResetAt = this.#clock.now();
    const firing = { name: this.#name, context: this.#context, limitMs, lastResetAt, lastResetBy };
    this.#running = firing;
    this.#cancel = this.#clock.schedule(limitMs, () => {
      this.#running = undefined;
      onOver(firing);
    });
  }

  stop(): void {
    this.#running = undefined;
    this.#cancel?.();
    this.#cancel = undefined;
  }
}

/** A timer that nothing holds up, as it is seen now. */
export function withTimeLeft(timer: TimerFiring, clock: Clock): RunningTimer {
  const leftMs = Math.max(0, timer.lastResetAt + timer.limitMs - clock.now());
  return { ...timer, leftMs, isHeld: false };
}
