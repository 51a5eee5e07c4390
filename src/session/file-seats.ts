import type { Clock } from "../clock.ts";
import { SpeechError } from "../protocol/problems.ts";

/** How long a file may wait until it is begun. */
export const filePatienceMs = 10_000;
const retryAfterSeconds = 10;

/** Gives a seat back. */
export type LeaveSeat = () => void;

/**
 * Lets so many files be made at the same time, and others in the order in which they came. Files
 * are made in what time those leave who listen, so that each piece waits longer the more there are.
 */
export class FileSeats {
  readonly #count: number;
  readonly #clock: Clock;
  #taken = 0;
  readonly #waiting = new Set<() => void>();

  constructor(count: number, clock: Clock) {
    this.#count = count;
    this.#clock = clock;
  }

  /** @throws {SpeechError} server_busy when there was none for too long; what `signal` is aborted with */
  async enter(signal: AbortSignal): Promise<LeaveSeat> {
    signal.throwIfAborted();
    if (this.#taken >= this.#count) await this.#wait(signal);
    else this.#taken += 1;
    let isTaken = true;
    return () => {
      if (isTaken) this.#handOn();
      isTaken = false;
    };
  }

  /** A seat that is given back is that of the next who waits, if anybody does. */
  #handOn(): void {
    const [next] = this.#waiting;
    if (next) next();
    else this.#taken -= 1;
  }

  #wait(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (how: () => void): void => {
        cancel();
        signal.removeEventListener("abort", onAbort);
        this.#waiting.delete(letIn);
        how();
      };
      const letIn = (): void => settle(resolve);
      const onAbort = (): void => settle(() => reject(signal.reason));
      const refuse = (): void => reject(new SpeechError("server_busy", { retryAfterSeconds }));
      const cancel = this.#clock.schedule(filePatienceMs, () => settle(refuse));
      signal.addEventListener("abort", onAbort, { once: true });
      this.#waiting.add(letIn);
    });
  }
}
