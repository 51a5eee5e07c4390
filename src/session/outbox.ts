/**
 * Carries events from whoever makes them to the one reader. It holds at most one event of each
 * maker: `put` resolves when the reader is done with the event, which is the back-pressure.
 */
export class Outbox<Event> implements AsyncIterable<Event> {
  #waiting: { readonly event: Event; readonly done: () => void }[] = [];
  #wake: (() => void) | undefined;
  #ended = false;

  /** Resolves when the reader asks for what comes after `event`, or at the end. */
  put(event: Event): Promise<void> {
    if (this.#ended) return Promise.resolve();
    return new Promise((done) => {
      this.#waiting.push({ event, done });
      this.#wake?.();
    });
  }

  /** Drops what waits, hands over `last` instead, and ends the iteration after it. */
  end(last: readonly Event[]): void {
    if (this.#ended) return;
    this.#ended = true;
    for (const { done } of this.#waiting) done();
    this.#waiting = last.map((event) => ({ event, done: () => {} }));
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Event> {
    for (;;) {
      const next = this.#waiting.shift();
      if (next) {
        yield next.event;
        next.done();
      } else if (this.#ended) {
        return;
      } else {
        await new Promise<void>((wake) => {
          this.#wake = wake;
        });
        this.#wake = undefined;
      }
    }
  }
}
