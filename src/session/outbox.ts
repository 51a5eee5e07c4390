/** An event on its way, and whom to tell when the reader is done with it. */
interface Waiting<Event> {
  readonly event: Event;
  readonly done: () => void;
}

const nobody = (): void => {};

/**
 * Carries events from whoever makes them to the one reader. `put` resolves when the reader is
 * done with the event, which is the back-pressure for makers that wait for it.
 */
export class Outbox<Event> implements AsyncIterableIterator<Event> {
  #waiting: Waiting<Event>[] = [];
  #reading: Waiting<Event> | undefined;
  #give: ((result: IteratorResult<Event>) => void) | undefined;
  #ended = false;

  /** Resolves when the reader asks for what comes after `event`, or at the end. */
  put(event: Event): Promise<void> {
    if (this.#ended) return Promise.resolve();
    return new Promise((done) => {
      this.#waiting.push({ event, done });
      this.#hand();
    });
  }

  /** Events that wait to be read. */
  get size(): number {
    return this.#waiting.length;
  }

  /** Takes out the waiting events that `unwanted` picks, as if they had been read. */
  drop(unwanted: (event: Event) => boolean): Event[] {
    const dropped = this.#waiting.filter(({ event }) => unwanted(event));
    this.#waiting = this.#waiting.filter(({ event }) => !unwanted(event));
    for (const { done } of dropped) done();
    return dropped.map(({ event }) => event);
  }

  /** Hands over what waits, then `last`, and ends the iteration after it. */
  end(last: readonly Event[]): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#waiting.push(...last.map((event) => ({ event, done: nobody })));
    this.#hand();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** To be called again only after the last call has resolved, as `for await` does. */
  next(): Promise<IteratorResult<Event>> {
    this.#reading?.done();
    this.#reading = undefined;
    return new Promise((give) => {
      this.#give = give;
      this.#hand();
    });
  }

  #hand(): void {
    if (!this.#give) return;
    const next = this.#waiting.shift();
    if (!next && !this.#ended) return;
    const give = this.#give;
    this.#give = undefined;
    this.#reading = next;
    give(next ? { value: next.event, done: false } : { value: undefined, done: true });
  }
}
