/**
 * Counts the bytes that wait for readers, of all connections together. Each may hold little; when
 * all together hold too much, each may hold one frame only.
 */
export class ByteBudget {
  readonly limitBytes: number;
  #queuedBytes = 0;
  #waiting = 0;

  constructor(limitBytes: number) {
    this.limitBytes = limitBytes;
  }

  /** Bytes in the queues of all sockets and HTTP answers, outside of the kernel. */
  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  /** How many connections would send, and have no room. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Whether all of them together hold more than they should. */
  get isExceeded(): boolean {
    return this.#queuedBytes > this.limitBytes;
  }

  /** To be told when what one connection holds has changed from `before` to `now`. */
  recount(before: number, now: number): void {
    this.#queuedBytes += now - before;
  }

  /** To be told when a connection begins to wait for room; `endWait` has to follow. */
  beginWait(): void {
    this.#waiting += 1;
  }

  endWait(): void {
    this.#waiting -= 1;
  }
}
