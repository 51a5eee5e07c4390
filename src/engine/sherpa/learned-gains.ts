import { LoudnessMeter } from "../../audio/loudness.ts";
import { gainFor } from "../stages/even-loudness.ts";

/** A speaker is known well enough when so much of them was heard. */
const enoughSeconds = 8;

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

  /** Listens to what a speaker says, as the model makes it; gives the gain that it is to have. */
  hear(speaker: number, samples: Int16Array): number {
    const heard = this.#speakers.get(speaker) ?? {
      meter: new LoudnessMeter(this.#sampleRateHz),
      samples: 0,
      gain: 1,
    };
    this.#speakers.set(speaker, heard);
    if (heard.samples < enoughSeconds * this.#sampleRateHz) {
      heard.meter.add(samples);
      heard.samples += samples.length;
      heard.gain = gainFor(heard.meter.lufs);
    }
    return heard.gain;
  }
}
