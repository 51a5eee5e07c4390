/** Whoever events are for. */
export interface Reader<Event> {
  /** Takes one event. Gives something to wait for if the next one has to wait. */
  take(event: Event): Promise<void> | undefined;
  /** After the last event. */
  onRead?(): void;
  /** `take` failed, and is handed nothing more. */
  onFailed(error: unknown): void;
}

/** An event on its way, and whom to tell when the reader is done with it. */
interface Waiting<Event> {
  readonly event: Event;
  readonly done: () => void;
}

const nobody = (): void => {};

/**
 * Carries events from whoever makes them to the one reader. `put` resolves when the reader is
 * done with the event, which is the back-pressure for makers that wait for it. A reader that has
 * time is handed the event at once: queues and turns of the event loop cost more than most events.
 */
export class Outbox<Event> implements AsyncIterable<Event> {
  #waiting: Waiting<Event>[] = [];
  #reader: Reader<Event> | undefined;
  #isTaking = false;
  #ended = false;

  /**
   * Resolves when the reader is ready for what comes after `event`, or at the end; undefined
   * stands for now.
   */
  put(event: Event): Promise<void> | undefined {
    if (this.#ended) return undefined;
    if (this.#reader && !this.#isTaking) {
      const room = this.#hand(event, this.#reader);
      if (this.#waiting.length > 0) this.#handWaiting();
      return room;
    }
    return new Promise((done) => {
      this.#waiting.push({ event, done });
    });
  }

  /** Events that wait to be read. */
  get size(): number {
    return this.#waiting.length;
  }

  /** Takes out the waiting events that `unwanted` picks, as if they had been read. */
  drop(unwanted: (event: Event) => boolean): Event[] {
    if (this.#waiting.length === 0) return [];
    const dropped = this.#waiting.filter(({ event }) => unwanted(event));
    this.#waiting = this.#waiting.filter(({ event }) => !unwanted(event));
    for (const { done } of dropped) done();
    return dropped.map(({ event }) => event);
  }

  /** Hands over what waits, then `last`, and ends the reading after it. */
  end(last: readonly Event[]): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#waiting.push(...last.map((event) => ({ event, done: nobody })));
    this.#handWaiting();
  }

  /** Hands every event to `reader`, the next one when that has room again. There is one reader. */
  read(reader: Reader<Event>): void {
    this.#reader = reader;
    this.#handWaiting();
  }

  /** The same for `for await`; an event is done with when the next one is asked for. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Event, void, void> {
    const given: Waiting<Event>[] = [];
    let wake = nobody;
    let isOver = false;
    this.read({
      take: (event) =>
        new Promise((done) => {
          given.push({ event, done });
          wake();
        }),
      onRead: () => {
        isOver = true;
        wake();
      },
      onFailed: nobody,
    });
    for (;;) {
      const next = given.shift();
      if (next) {
        yield next.event;
        next.done();
      } else if (isOver) {
        return;
      } else {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  }

  #handWaiting(): void {
    while (this.#reader && !this.#isTaking) {
      const next = this.#waiting.shift();
      if (!next) {
        if (this.#ended) this.#reader.onRead?.();
        return;
      }
      const room = this.#hand(next.event, this.#reader);
      if (room) void room.then(next.done);
      else next.done();
    }
  }

  #hand(event: Event, reader: Reader<Event>): Promise<void> | undefined {
    this.#isTaking = true;
    try {
      const room = reader.take(event);
      if (room) return this.#handOnAfter(room);
    } catch (error) {
      this.#fail(error);
    }
    this.#isTaking = false;
    return undefined;
  }

  async #handOnAfter(room: Promise<void>): Promise<void> {
    try {
      await room;
    } catch (error) {
      this.#fail(error);
    }
    this.#isTaking = false;
    this.#handWaiting();
  }

  #fail(error: unknown): void {
    const reader = this.#reader;
    this.#reader = undefined;
    reader?.onFailed(error);
  }
}
