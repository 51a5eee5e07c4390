import type { Clock } from "../clock.ts";
import { SpeechError } from "../protocol/problems.ts";

/** How long a file that is being made waits for room before its request is refused. */
export const roomPatienceMs = 30_000;
const retryAfterSeconds = 10;

/** What is kept of one file, from its first sound until its reader has it. */
export interface HeldFile {
  /**
   * More of it is there and has to be kept. Resolves when there is room for that; undefined stands for now.
   * @throws {SpeechError} server_busy when there was none for too long
   */
  hold(sizeBytes: number): Promise<void> | undefined;
  /** All of it is there. */
  finish(): void;
  /** What is kept of it is so much now. */
  recount(sizeBytes: number): void;
  /** Nothing of it is kept any more; harmless when that was so before. */
  release(): void;
}

interface Held {
  sizeBytes: number;
  isMade: boolean;
  isReleased: boolean;
}

/**
 * Bounds what files take that are sent in one go, each of which is kept until all of it is there.
 * While they take too much together, only the one that was begun first goes on, so that one after
 * another is done and read.
 */
export class WholeFiles {
  readonly #limitBytes: number;
  readonly #clock: Clock;
  /** Those that are being made, the oldest first. */
  readonly #making = new Set<Held>();
  readonly #wakes = new Set<() => void>();
  #heldBytes = 0;
  #madeBytes = 0;

  constructor(limitBytes: number, clock: Clock) {
    this.#limitBytes = limitBytes;
    this.#clock = clock;
  }

  /** What all files take. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  open(): HeldFile {
    const file: Held = { sizeBytes: 0, isMade: false, isReleased: false };
    return {
      hold: (sizeBytes) => {
        if (!file.isMade) this.#making.add(file);
        const grow = (): void => this.#resize(file, file.sizeBytes + sizeBytes);
        if (!this.#mayGrow(file)) return this.#wait(file).then(grow);
        grow();
        return undefined;
      },
      finish: () => this.#finish(file),
      recount: (sizeBytes) => this.#resize(file, sizeBytes),
      release: () => {
        this.#finish(file);
        this.#resize(file, 0);
        file.isReleased = true;
        this.#wakeAll();
      },
    };
  }

  #mayGrow(file: Held): boolean {
    if (file.isReleased || this.#heldBytes < this.#limitBytes) return true;
    const [oldest] = this.#making;
    return file === oldest && this.#madeBytes < this.#limitBytes;
  }

  #finish(file: Held): void {
    if (file.isMade) return;
    file.isMade = true;
    this.#making.delete(file);
    this.#madeBytes += file.sizeBytes;
    this.#wakeAll();
  }

  #resize(file: Held, sizeBytes: number): void {
    // Somebody may still have waited for room when its reader went.
    if (file.isReleased) return;
    const growthBytes = sizeBytes - file.sizeBytes;
    file.sizeBytes = sizeBytes;
    this.#heldBytes += growthBytes;
    if (file.isMade) this.#madeBytes += growthBytes;
    if (growthBytes < 0) this.#wakeAll();
  }

  #wait(file: Held): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (how: () => void): void => {
        cancel();
        this.#wakes.delete(wake);
        how();
      };
      const wake = (): void => {
        if (this.#mayGrow(file)) settle(resolve);
      };
      const refuse = (): void => reject(new SpeechError("server_busy", { retryAfterSeconds }));
      const cancel = this.#clock.schedule(roomPatienceMs, () => settle(refuse));
      this.#wakes.add(wake);
    });
  }

  #wakeAll(): void {
    for (const wake of [...this.#wakes]) wake();
  }
}
