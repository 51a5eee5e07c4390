import type { Voice } from "../protocol/voice.ts";

/** What one voice did of late: sums, because an average of ratios follows every outlier. */
interface Sums {
  chars: number;
  /** At the speed 1. */
  spokenMs: number;
  audioMs: number;
  synthesisMs: number;
}

/** What a voice is taken for that has not spoken yet. */
const expected = { msPerChar: 65, realTimeFactor: 0.05 } as const;
/** After this much audio of a voice what was known before counts for a third. */
const memoryMs = 120_000;

/** One utterance that was synthesized. */
export interface Synthesis {
  readonly chars: number;
  readonly speed: number;
  readonly audioMs: number;
  /** Processor time that the engine took. */
  readonly synthesisMs: number;
  /** How much of that other processes took. */
  readonly childMs?: number;
}

/** Learns how long a voice's speech is and what it costs to make. */
export class SpeechRates {
  readonly #byVoice = new Map<string, Sums>();

  learn({ id }: Voice, { chars, speed, audioMs, synthesisMs }: Synthesis): void {
    if (chars === 0 || audioMs <= 0) return;
    const before = this.#byVoice.get(id);
    const kept = Math.exp(-audioMs / memoryMs);
    this.#byVoice.set(id, {
      chars: chars + kept * (before?.chars ?? 0),
      spokenMs: audioMs * speed + kept * (before?.spokenMs ?? 0),
      audioMs: audioMs + kept * (before?.audioMs ?? 0),
      synthesisMs: synthesisMs + kept * (before?.synthesisMs ?? 0),
    });
  }

  /** How much audio a text is likely to give. */
  audioMs({ id }: Voice, chars: number, speed: number): number {
    const sums = this.#byVoice.get(id);
    return (chars * (sums ? sums.spokenMs / sums.chars : expected.msPerChar)) / speed;
  }

  /** How much processor time a second of the voice takes in its engine, in seconds. */
  realTimeFactor({ id }: Voice): number {
    const sums = this.#byVoice.get(id);
    return sums ? sums.synthesisMs / sums.audioMs : expected.realTimeFactor;
  }
}
