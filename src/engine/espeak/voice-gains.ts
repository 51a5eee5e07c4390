import { LoudnessMeter } from "../../audio/loudness.ts";
import { gainFor } from "../stages/even-loudness.ts";
import { type EspeakProgram, rates, sampleRateHz } from "./program.ts";

/** What voices of every language can say. */
const figures = "1 2 3 4 5 6 7 8 9 10";

/** What brings each voice to the loudness of all: one gain for all it says, measured when it is first asked for. */
export class VoiceGains {
  readonly #program: EspeakProgram;
  readonly #byVoice = new Map<string, number>();

  constructor(program: EspeakProgram) {
    this.#program = program;
  }

  /** Speaks, so what the program says at that time would be cut off. */
  gainOf(voice: string): number {
    const known = this.#byVoice.get(voice);
    if (known !== undefined) return known;
    const meter = new LoudnessMeter(sampleRateHz);
    this.#program.speak(figures, voice, rates.own, (samples) => {
      meter.add(samples);
      return true;
    });
    const gain = gainFor(meter.lufs);
    this.#byVoice.set(voice, gain);
    return gain;
  }
}
