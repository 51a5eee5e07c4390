const frameMs = 10;
/** Silence is this far below the loudest so far, about -30 dB. */
const quietShare = 0.03;
/** Audio that is never above this is silence. */
const faintest = 20;

/** A stretch without sound, in samples. */
export interface Quiet {
  readonly start: number;
  readonly end: number;
}

/** How loud audio is from one hundredth of a second to the next, while it still comes. */
export class LoudnessFrames {
  readonly #hop: number;
  readonly #levels: number[] = [];
  #sum = 0;
  #count = 0;
  #loudest = 0;
  #onset: number | undefined;

  constructor(sampleRateHz: number) {
    this.#hop = Math.round((sampleRateHz * frameMs) / 1000);
  }

  /** Where it begins to be heard, once it has. */
  get onset(): number | undefined {
    return this.#onset;
  }

  add(samples: Int16Array): void {
    for (const sample of samples) {
      this.#sum += sample * sample;
      this.#count += 1;
      if (this.#count === this.#hop) this.#endFrame();
    }
  }

  #endFrame(): void {
    const level = Math.sqrt(this.#sum / this.#hop);
    if (level > faintest) this.#onset ??= this.#levels.length * this.#hop;
    this.#levels.push(level);
    this.#loudest = Math.max(this.#loudest, level);
    this.#sum = 0;
    this.#count = 0;
  }

  /** The longest silence that begins between two samples. */
  longestQuiet(from: number, until: number): Quiet | undefined {
    const threshold = Math.max(faintest, this.#loudest * quietShare);
    let longest: Quiet | undefined;
    let start: number | undefined;
    const last = Math.ceil(until / this.#hop);
    for (let frame = Math.ceil(from / this.#hop); frame <= last; frame += 1) {
      const isQuiet = frame < last && (this.#levels[frame] ?? 0) <= threshold;
      if (isQuiet) start ??= frame;
      if (isQuiet || start === undefined) continue;
      const quiet = { start: start * this.#hop, end: frame * this.#hop };
      if (!longest || quiet.end - quiet.start > longest.end - longest.start) longest = quiet;
      start = undefined;
    }
    return longest;
  }

  /** Where it is least loud between two samples, the nearer to `likely` the better. */
  faintestPlace(from: number, until: number, likely: number): number {
    let best = likely;
    let least = Number.POSITIVE_INFINITY;
    for (let at = Math.ceil(from / this.#hop) * this.#hop; at < until; at += this.#hop) {
      const level = this.#levels[at / this.#hop] ?? 0;
      const distance = Math.abs(at - likely) / (until - from);
      const cost = level + this.#loudest * distance;
      if (cost < least) [least, best] = [cost, at];
    }
    return best;
  }
}
