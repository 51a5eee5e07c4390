import { amplify } from "../../audio/limiter.ts";
import { LoudnessMeter } from "../../audio/loudness.ts";
import type { Pcm } from "../synthesizer.ts";

/** How loud all voices speak. */
const targetLufs = -19;
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
 * The pieces of one utterance, as loud as all voices: with one gain, because nobody is to hear that
 * it is learned. Of a voice that never spoke it is learned from its first piece, which is whole
 * before anybody gets it.
 */
export async function* evenLoudness(
  pieces: AsyncIterable<Pcm>,
  level: VoiceLevel,
): AsyncGenerator<Pcm> {
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
