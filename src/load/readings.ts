import type { MeasureAudio } from "./decode.ts";
import type { Recording } from "./stream-client.ts";
import { measureTurn, type TurnPlace, type TurnResult } from "./turn-result.ts";

/** What is kept unread at most. */
const maxUnreadBytes = 128 * 1024 * 1024;

/**
 * Reads recordings. Reading takes time in which nothing is received, so it is put off to the end
 * of the run as long as there is room for what waits.
 */
export class Readings {
  readonly #measureAudio: MeasureAudio;
  readonly #unread: (readonly [Recording, TurnPlace])[] = [];
  readonly #read: Promise<TurnResult>[] = [];
  #unreadBytes = 0;

  constructor(measureAudio: MeasureAudio) {
    this.#measureAudio = measureAudio;
  }

  /** Reads a recording when there is time. */
  later(recording: Recording, place: TurnPlace): undefined {
    this.#unread.push([recording, place]);
    this.#unreadBytes += sizeOf(recording);
    while (this.#unreadBytes > maxUnreadBytes) void this.#readOldest();
  }

  /** Reads a recording at once. */
  now(recording: Recording, place: TurnPlace): Promise<TurnResult> {
    const reading = measureTurn(recording, place, this.#measureAudio);
    this.#read.push(reading);
    return reading;
  }

  /** Reads what is left; everything, in the order in which turns ended. */
  async finish(): Promise<TurnResult[]> {
    // One after another: read all at once, everything would be in memory twice.
    while (this.#unread.length > 0) await this.#readOldest();
    const results = await Promise.all(this.#read);
    return results.toSorted((one, other) => one.endedAt - other.endedAt);
  }

  async #readOldest(): Promise<void> {
    const oldest = this.#unread.shift();
    if (!oldest) return;
    this.#unreadBytes -= sizeOf(oldest[0]);
    await this.now(...oldest);
  }
}

const sizeOf = ({ frames }: Recording): number =>
  frames.reduce((sum, { data }) => sum + data.length, 0);
