/** A process that has lived this long did not die of its start. */
const settledMs = 10_000;
const firstDelayMs = 250;
const maxDelayMs = 30_000;

/** Counts deaths and says how long to wait before a process is started in the place of a dead one. */
export class RestartDelay {
  #earlyDeaths = 0;

  /** Not at all after a long life; each early death in a row doubles the wait. */
  after(livedMs: number): number {
    if (livedMs >= settledMs) {
      this.#earlyDeaths = 0;
      return 0;
    }
    const delayMs = firstDelayMs * 2 ** this.#earlyDeaths;
    this.#earlyDeaths += 1;
    return Math.min(maxDelayMs, delayMs);
  }
}
