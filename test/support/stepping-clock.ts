import { type Cancel, ManualClock } from "../../src/clock.ts";

/**
 * A manual clock that lets the event loop turn after every call that falls due, so that what one
 * call sets going may set timers of its own within the same stretch of time.
 */
export class SteppingClock extends ManualClock {
  readonly #dueAts = new Set<{ readonly at: number }>();

  override schedule(ms: number, callback: () => void): Cancel {
    const due = { at: this.now() + Math.max(0, ms) };
    this.#dueAts.add(due);
    const cancel = super.schedule(ms, () => {
      this.#dueAts.delete(due);
      callback();
    });
    return () => {
      this.#dueAts.delete(due);
      cancel();
    };
  }

  /** Moves time forward; resolves when all that happens meanwhile has happened. */
  async pass(ms: number): Promise<void> {
    const endAt = this.now() + ms;
    await turn();
    for (;;) {
      const nextAt = [...this.#dueAts].reduce((first, { at }) => Math.min(first, at), endAt + 1);
      if (nextAt > endAt) break;
      this.advance(nextAt - this.now());
      await turn();
    }
    this.advance(endAt - this.now());
    await turn();
  }
}

/** All promises that can be settled without time passing are settled. */
const turn = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });
