import { LoudnessMeter } from "../../audio/loudness.ts";

/** What speech is to have, as all voices of this server. */
const targetLufs = -19;
/** A voice is known well enough when so much of it was heard. */
const enoughSeconds = 15;
/** A whisper is not made a shout, nor is noise. */
const mostDb = 20;

interface Heard {
  readonly meter: LoudnessMeter;
  samples: number;
  gain: number;
}

/**
 * How much louder each speaker of a model has to be. It is not known before: it is heard from the
 * first thing each says, which is whole before anybody gets it, and settles with the next ones.
 */
export class LearnedGains {
  readonly #sampleRateHz: number;
  readonly #speakers = new Map<number, Heard>();

  constructor(sampleRateHz: number) {
    this.#sampleRateHz = sampleRateHz;
  }

  /** The gain for what a speaker says now, at the speed and level of the model. */
  gainFor(speaker: number, samples: Int16Array): number {
    const heard = this.#speakers.get(speaker) ?? {
      meter: new LoudnessMeter(this.#sampleRateHz),
      samples: 0,
      gain: 1,
    };
    this.#speakers.set(speaker, heard);
    if (heard.samples < enoughSeconds * this.#sampleRateHz) {
      heard.meter.add(samples);
      heard.samples += samples.length;
      const { lufs } = heard.meter;
      if (Number.isFinite(lufs)) heard.gain = gainTo(targetLufs - lufs);
    }
    return heard.gain;
  }
}

const gainTo = (db: number): number => 10 ** (Math.max(-mostDb, Math.min(mostDb, db)) / 20);
