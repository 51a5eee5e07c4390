import { setImmediate } from "node:timers/promises";
import { toInt16 } from "../audio/pcm.ts";
import { createResampler } from "../audio/resampler.ts";
import type { CharacterTimings } from "../protocol/alignment.ts";
import type { Pcm } from "./synthesizer.ts";

/** What is converted before anybody else has a turn: about a millisecond of work. */
const blockSamples = 16_384;

/**
 * Pieces at another sample rate. Each is exactly as long as before, so it has to wait for the one
 * after it: the filter looks a little ahead.
 */
export async function* resampled(
  pieces: AsyncIterable<Pcm>,
  sampleRateHz: number,
): AsyncGenerator<Pcm> {
  let conversion: Conversion | undefined;
  for await (const piece of pieces) {
    const fromHz = piece.alignment.sampleRateHz;
    if (fromHz === sampleRateHz) {
      yield piece;
      continue;
    }
    conversion ??= new Conversion(fromHz, sampleRateHz);
    await conversion.add(piece);
    yield* conversion.take();
  }
  if (conversion) yield* conversion.finish();
}

/** One stream of pieces on its way to another rate. */
class Conversion {
  readonly #resampler: ReturnType<typeof createResampler>;
  readonly #ratio: number;
  readonly #sampleRateHz: number;
  readonly #pieces: Pcm[] = [];
  /** What is converted and not given yet. */
  #ready: Int16Array[] = [];
  #readySamples = 0;
  /** Where the first of the pieces begins: at the rate they come in, and at the other. */
  #start = { given: 0, converted: 0 };

  constructor(fromHz: number, toHz: number) {
    this.#resampler = createResampler(fromHz, toHz);
    this.#ratio = toHz / fromHz;
    this.#sampleRateHz = toHz;
  }

  async add(piece: Pcm): Promise<void> {
    this.#pieces.push(piece);
    for (let at = 0; at < piece.samples.length; at += blockSamples) {
      if (at > 0) await setImmediate();
      this.#keep(this.#resampler.resample(piece.samples.subarray(at, at + blockSamples)));
    }
  }

  /** The pieces that are whole, but never the last one: its end may still change. */
  *take(): Generator<Pcm> {
    while (this.#pieces.length > 1) {
      const piece = this.#next();
      if (!piece) return;
      yield piece;
    }
  }

  *finish(): Generator<Pcm> {
    this.#keep(this.#resampler.finish());
    for (let piece = this.#next(); piece; piece = this.#next()) yield piece;
  }

  #keep(samples: Float32Array): void {
    this.#ready.push(toInt16(samples));
    this.#readySamples += samples.length;
  }

  #next(): Pcm | undefined {
    const [piece] = this.#pieces;
    if (!piece) return undefined;
    const givenEnd = this.#start.given + piece.samples.length;
    const { converted } = this.#start;
    const length = this.#toSample(givenEnd) - converted;
    if (this.#readySamples < length) return undefined;
    const scale = ({ chars, endsAtSample }: CharacterTimings): CharacterTimings => ({
      chars,
      endsAtSample: endsAtSample.map((end) => this.#toSample(this.#start.given + end) - converted),
    });
    const { original, normalized } = piece.alignment;
    const alignment = {
      sampleRateHz: this.#sampleRateHz,
      original: scale(original),
      normalized: scale(normalized),
    };
    const samples = this.#takeReady(length);
    this.#start = { given: givenEnd, converted: converted + length };
    this.#pieces.shift();
    return { ...piece, samples, alignment };
  }

  #takeReady(length: number): Int16Array<ArrayBuffer> {
    const all = new Int16Array(this.#readySamples);
    let at = 0;
    for (const part of this.#ready) {
      all.set(part, at);
      at += part.length;
    }
    this.#ready = [all.subarray(length)];
    this.#readySamples -= length;
    return all.slice(0, length);
  }

  #toSample(given: number): number {
    return Math.round(given * this.#ratio);
  }
}
