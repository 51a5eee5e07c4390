/**
 * Says when work is to stop. Those who only look, once a frame, ask it and not the abort signal:
 * every signal has a shape of its own, and V8 throws away what it compiled for the one before.
 */
export class StopSignal {
  readonly #controller = new AbortController();
  #isStopped = false;

  /** For whoever has to be told. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get isStopped(): boolean {
    return this.#isStopped;
  }

  stop(): void {
    this.#isStopped = true;
    this.#controller.abort();
  }

  /** @throws when it was stopped */
  throwIfStopped(): void {
    if (this.#isStopped) throw new Error("The work was stopped");
  }
}
