import type { Clock } from "../clock.ts";
import type { RunningTimer, TimerFiring, TimerReset } from "../protocol/connections.ts";
import { type Timed, type TimerQueue, unqueued } from "../timer-queue.ts";
import type { ContextId } from "../protocol/speech.ts";
import type { Context } from "./context.ts";

/** Whoever is told that a client has been silent. */
export interface IdleListener {
  /** Little time is left: of a context, or of the session. */
  onWarning(silentMs: number, limitMs: number, context: Context | undefined): void;
  onExpired(context: Context | undefined, firing: TimerFiring): void;
}

/** Something whose client may be silent for a time. */
interface Watched {
  lastActiveAt: number;
  lastResetBy: TimerReset;
  isWarned: boolean;
}

/** Whether its client waits, and not it for its client. */
const isExempt = ({ busy, isQueued }: Context): boolean => busy || isQueued;

/** The share of the time after which a client is warned. */
const warningShare = 0.8;

/**
 * Watches for clients that say nothing: to a session at all, or to one of its contexts. Time in
 * which anything is spoken does not count. It is looked at when its timer is due, so that activity
 * costs nothing.
 */
export class IdleWatch implements Timed {
  dueAt = 0;
  place: number = unqueued;
  readonly #idleMs: number;
  readonly #contexts: Iterable<Context> | undefined;
  readonly #owner: { readonly busy: boolean };
  readonly #clock: Clock;
  readonly #timers: TimerQueue;
  readonly #listener: IdleListener;
  readonly #session: Watched;
  #isStopped = false;

  constructor(
    idleMs: number,
    expiry: "context" | "session",
    clock: Clock,
    timers: TimerQueue,
    owner: { readonly busy: boolean },
    contexts: Iterable<Context>,
    listener: IdleListener,
  ) {
    this.#idleMs = idleMs;
    this.#contexts = expiry === "context" ? contexts : undefined;
    this.#owner = owner;
    this.#clock = clock;
    this.#timers = timers;
    this.#listener = listener;
    this.#session = { lastActiveAt: clock.now(), lastResetBy: "open", isWarned: false };
    timers.schedule(this, idleMs * warningShare);
  }

  /** The client said something, or something was spoken. */
  touch(by: TimerReset, watched: Watched = this.#session): void {
    watched.lastActiveAt = this.#clock.now();
    watched.lastResetBy = by;
    watched.isWarned = false;
  }

  /** What is running now: the session's timer, and those of contexts that have one. */
  get timers(): RunningTimer[] {
    if (this.#isStopped) return [];
    const contexts = [...(this.#contexts ?? [])].filter(({ isOpen }) => isOpen);
    return [
      this.#running(this.#session, undefined, this.#owner.busy),
      ...contexts.map((context) => this.#running(context, context.id, isExempt(context))),
    ];
  }

  stop(): void {
    this.#isStopped = true;
    this.#timers.cancel(this);
  }

  onDue(): void {
    if (this.#owner.busy) this.touch("speech");
    let nextMs = this.#look(this.#session, undefined);
    if (nextMs <= 0) {
      return this.#listener.onExpired(undefined, this.#firing(this.#session, undefined));
    }
    for (const context of this.#contexts ?? []) {
      if (!context.isOpen || isExempt(context)) continue;
      const leftMs = this.#look(context, context);
      if (leftMs <= 0) this.#listener.onExpired(context, this.#firing(context, context.id));
      else nextMs = Math.min(nextMs, leftMs);
    }
    // The end of the last context may have been the session's.
    if (!this.#isStopped) this.#timers.schedule(this, nextMs);
  }

  #firing(watched: Watched, context: ContextId | undefined): TimerFiring {
    const { lastActiveAt: lastResetAt, lastResetBy } = watched;
    return { name: "inactivity", context, limitMs: this.#idleMs, lastResetAt, lastResetBy };
  }

  #running(watched: Watched, context: ContextId | undefined, isHeld: boolean): RunningTimer {
    const silentMs = isHeld ? 0 : this.#clock.now() - watched.lastActiveAt;
    const leftMs = Math.max(0, this.#idleMs - silentMs);
    return { ...this.#firing(watched, context), leftMs, isHeld };
  }

  /** Warns if it is time to; gives when to look again, 0 when the time is over. */
  #look(watched: Watched, context: Context | undefined): number {
    const silentMs = this.#clock.now() - watched.lastActiveAt;
    const warningMs = this.#idleMs * warningShare;
    if (silentMs >= this.#idleMs) return 0;
    if (silentMs < warningMs) return warningMs - silentMs;
    if (!watched.isWarned) this.#listener.onWarning(silentMs, this.#idleMs, context);
    watched.isWarned = true;
    return this.#idleMs - silentMs;
  }
}
