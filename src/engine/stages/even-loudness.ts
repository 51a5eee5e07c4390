import { amplify } from "../../audio/limiter.ts";
import { LoudnessMeter, measureLoudness } from "../../audio/loudness.ts";
import type { Voice } from "../../protocol/voice.ts";
import type { Pcm, Synthesizer } from "../synthesizer.ts";

/** How loud all voices speak. */
export const targetLufs = -19;
/** What is still quieter or louder than this can make good is no speech. */
const maxGain = 16;
/** After so much speech a voice's gain stays what it is. */
const learnedSeconds = 8;

/** What speech of a loudness is to be multiplied by; 1 if it has none. */
export function gainFor(lufs: number): number {
  if (!Number.isFinite(lufs)) return 1;
  return Math.min(maxGain, Math.max(1 / maxGain, 10 ** ((targetLufs - lufs) / 20)));
}

/**
 * The gain of a voice, for engines that can have it speak a sentence or two before anybody listens:
 * one for all its utterances, so that the same text gives the same audio. To be used with `amplify`.
 */
export function measureGain(samples: Int16Array, sampleRateHz: number): number {
  return gainFor(measureLoudness(samples, sampleRateHz));
}

/**
 * A synthesizer whose voices are equally loud, for engines that are not known before they speak:
 * each voice's gain is learned from what it says first, beginning with its first piece, which
 * is whole before anybody gets it. After some seconds of speech the gain is fixed.
 */
export function evenLoudness(synthesizer: Synthesizer): Synthesizer {
  const levels = new WeakMap<Voice, VoiceLevel>();
  return {
    synthesize(utterance, signal) {
      const { voice } = utterance;
      let level = levels.get(voice);
      if (!level) levels.set(voice, (level = new VoiceLevel(voice.sampleRateHz)));
      return leveled(synthesizer.synthesize(utterance, signal), level);
    },
  };
}

async function* leveled(pieces: AsyncIterable<Pcm>, level: VoiceLevel): AsyncGenerator<Pcm> {
  // One for the whole utterance: nobody is to hear that it is learned.
  let gain: number | undefined;
  for await (const pcm of pieces) {
    level.hear(pcm.samples);
    gain ??= level.gain;
    yield { ...pcm, samples: amplify(pcm.samples, gain, pcm.alignment.sampleRateHz) };
  }
}

/** How loud one voice is, as far as it was heard, and the gain that makes it as loud as all. */
export class VoiceLevel {
  readonly #meter: LoudnessMeter;
  readonly #enough: number;
  #heard = 0;
  #gain = 1;

  constructor(sampleRateHz: number) {
    this.#meter = new LoudnessMeter(sampleRateHz);
    this.#enough = learnedSeconds * sampleRateHz;
  }

  get gain(): number {
    return this.#gain;
  }

  hear(samples: Int16Array): void {
    if (this.#heard >= this.#enough) return;
    this.#meter.add(samples);
    this.#heard += samples.length;
    this.#gain = gainFor(this.#meter.lufs);
  }
}
