import type { Voice } from "../protocol/voice.ts";

/** How one voice speaks, at the speed 1. */
interface Rates {
  msPerChar: number;
  /** Processor time per audio time. */
  realTimeFactor: number;
}

/** What a voice is taken for that has not spoken yet. */
const expected: Readonly<Rates> = { msPerChar: 65, realTimeFactor: 0.05 };
/** After this much audio of a voice what was known before counts for little. */
const memoryMs = 20_000;

/** What a voice was taken for before it spoke counts for nothing after this much audio. */
const firstMs = 2000;

/** One utterance that was synthesized. */
export interface Synthesis {
  readonly chars: number;
  readonly speed: number;
  readonly audioMs: number;
  /** Processor time that the engine took. */
  readonly synthesisMs: number;
}

/** Learns how long a voice's speech is and what it costs to make. */
export class SpeechRates {
  readonly #byVoice = new Map<string, Rates>();

  learn({ id }: Voice, { chars, speed, audioMs, synthesisMs }: Synthesis): void {
    if (chars === 0 || audioMs <= 0) return;
    const seen = { msPerChar: (audioMs * speed) / chars, realTimeFactor: synthesisMs / audioMs };
    const before = this.#byVoice.get(id);
    const known = before ?? { ...expected };
    this.#byVoice.set(id, known);
    const weight = before ? Math.min(0.5, audioMs / memoryMs) : Math.min(1, audioMs / firstMs);
    known.msPerChar += (seen.msPerChar - known.msPerChar) * weight;
    known.realTimeFactor += (seen.realTimeFactor - known.realTimeFactor) * weight;
  }

  /** How much audio a text is likely to give. */
  audioMs({ id }: Voice, chars: number, speed: number): number {
    return (chars * (this.#byVoice.get(id) ?? expected).msPerChar) / speed;
  }

  /** How much processor time a second of the voice takes in its engine, in seconds. */
  realTimeFactor({ id }: Voice): number {
    return (this.#byVoice.get(id) ?? expected).realTimeFactor;
  }
}
