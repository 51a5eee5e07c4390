const frameMs = 10;

/** How many samples are looked at together. */
export const frameSamples = (sampleRateHz: number): number =>
  Math.round((sampleRateHz * frameMs) / 1000);

/** Silence is this far below the loudest so far, about -30 dB. */
const quietShare = 0.03;
/** Audio that is never above this is silence. */
const faintest = 20;
/** Shorter silence is part of a sound, such as a stop. */
const minPauseMs = 60;

/** A stretch of silence within speech, in samples. */
export interface Pause {
  readonly start: number;
  readonly end: number;
}

/** Finds where speech begins and pauses while it still comes. */
export class QuietPlaces {
  readonly #hop: number;
  readonly #minFrames: number;
  #frame = 0;
  #sum = 0;
  #count = 0;
  #loudest = 0;
  #onset: number | undefined;
  /** The frame in which the silence began that is heard now. */
  #quietSince: number | undefined;

  constructor(sampleRateHz: number) {
    this.#hop = frameSamples(sampleRateHz);
    this.#minFrames = minPauseMs / frameMs;
  }

  /** Where it begins to be heard, once it has. */
  get onset(): number | undefined {
    return this.#onset;
  }

  /** Takes the rest of a frame, or less; gives the pause that has ended with it. */
  add(samples: Int16Array): Pause | undefined {
    for (const sample of samples) this.#sum += sample * sample;
    this.#count += samples.length;
    if (this.#count < this.#hop) return undefined;
    const level = Math.sqrt(this.#sum / this.#hop);
    this.#sum = 0;
    this.#count = 0;
    return this.#endFrame(level);
  }

  #endFrame(level: number): Pause | undefined {
    const frame = this.#frame++;
    this.#loudest = Math.max(this.#loudest, level);
    if (level <= Math.max(faintest, this.#loudest * quietShare)) {
      this.#quietSince ??= frame;
      return undefined;
    }
    const since = this.#quietSince;
    this.#quietSince = undefined;
    if (this.#onset === undefined) {
      this.#onset = frame * this.#hop;
      return undefined;
    }
    if (since === undefined || frame - since < this.#minFrames) return undefined;
    return { start: since * this.#hop, end: frame * this.#hop };
  }
}
