/** Takes one event. Gives something to wait for if the next one has to wait. */
export type Take<Event> = (event: Event) => Promise<void> | undefined;

/** An event on its way, and whom to tell when the reader is done with it. */
interface Waiting<Event> {
  readonly event: Event;
  readonly done: () => void;
}

const nobody = (): void => {};
const taken = Promise.resolve();

/**
 * Carries events from whoever makes them to the one reader. `put` resolves when the reader is
 * done with the event, which is the back-pressure for makers that wait for it. A reader that has
 * time is handed the event at once: queues and turns of the event loop cost more than most events.
 */
export class Outbox<Event> implements AsyncIterable<Event> {
  #waiting: Waiting<Event>[] = [];
  #take: Take<Event> | undefined;
  #isTaking = false;
  #ended = false;
  #onRead = nobody;
  #onFailed: (error: unknown) => void = nobody;

  /** Resolves when the reader is ready for what comes after `event`, or at the end. */
  put(event: Event): Promise<void> {
    if (this.#ended) return taken;
    if (this.#take && !this.#isTaking) {
      const room = this.#hand(event, this.#take);
      if (this.#waiting.length > 0) this.#handWaiting();
      return room ?? taken;
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

  /**
   * Hands every event to `take`, the next one when that has room again; resolves after the last.
   * There is one reader. @throws whatever `take` throws, and hands it nothing more
   */
  read(take: Take<Event>): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#take = take;
      this.#onRead = resolve;
      this.#onFailed = reject;
      this.#handWaiting();
    });
  }

  /** The same for `for await`; an event is done with when the next one is asked for. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Event, void, void> {
    const given: Waiting<Event>[] = [];
    let wake = nobody;
    let isOver = false;
    const give = (event: Event): Promise<void> =>
      new Promise((done) => {
        given.push({ event, done });
        wake();
      });
    const finish = (): void => {
      isOver = true;
      wake();
    };
    void this.read(give).then(finish, finish);
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
    while (this.#take && !this.#isTaking) {
      const next = this.#waiting.shift();
      if (!next) {
        if (this.#ended) this.#onRead();
        return;
      }
      const room = this.#hand(next.event, this.#take);
      if (room) void room.then(next.done);
      else next.done();
    }
  }

  #hand(event: Event, take: Take<Event>): Promise<void> | undefined {
    this.#isTaking = true;
    try {
      const room = take(event);
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
    this.#take = undefined;
    this.#onFailed(error);
  }
}
