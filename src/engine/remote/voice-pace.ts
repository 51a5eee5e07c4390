import type { PauseStrength } from "../../text/clauses.ts";

/** How long a voice takes, at speed 1. */
export interface Pace {
  /** For a letter, by its weight. */
  readonly msPerLetter: number;
  /** Silence after a word: within a clause, at its end, at a sentence's. */
  readonly pausesMs: Readonly<Record<PauseStrength, number>>;
}

/** How long it took for one utterance. */
export interface HeardPace {
  readonly msPerLetter: number;
  /** Of each place where a pause may be, how strong it is and how long it was. */
  readonly pauses: readonly { readonly strength: PauseStrength; readonly ms: number }[];
}

/** Some 160 words in a minute. */
const usual: Pace = { msPerLetter: 60, pausesMs: { 0: 0, 1: 130, 2: 300 } };
/** Voices do not change: later utterances count for less, but never for nothing. */
const leastShare = 0.05;
/** What was heard counts for no more than this: a text may hold what is no words. */
const range = { min: 15, max: 300 };

/** What is known of how fast a voice speaks; it gets better with all that is heard of it. */
export class VoicePace {
  #pace: Pace = usual;
  #heard = 0;

  get pace(): Pace {
    return this.#pace;
  }

  learn({ msPerLetter, pauses }: HeardPace): void {
    this.#heard += 1;
    const share = Math.max(leastShare, 1 / (this.#heard + 1));
    const towards = (from: number, to: number): number => from + (to - from) * share;
    const pausesMs = { ...this.#pace.pausesMs };
    for (const { strength, ms } of pauses) pausesMs[strength] = towards(pausesMs[strength], ms);
    const heard = Math.min(range.max, Math.max(range.min, msPerLetter));
    this.#pace = { msPerLetter: towards(this.#pace.msPerLetter, heard), pausesMs };
  }
}
