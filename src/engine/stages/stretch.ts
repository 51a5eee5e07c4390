import { createTimeStretch, type TimeStretch } from "../../audio/time-stretch.ts";
import type { CharacterTimings } from "../../protocol/alignment.ts";
import type { Pcm } from "../synthesizer.ts";

/**
 * Speech made `speed` times as fast at the same pitch, for engines without a speed of their own.
 * It takes most of a millisecond for a second of audio: a thread or process of the engine's should
 * do it.
 */
export function stretchSpeech(speech: Pcm, speed: number): Pcm {
  if (speed === 1) return speech;
  const stretcher = new PieceStretcher(speed, speech.alignment.sampleRateHz);
  const [stretched] = [...stretcher.stretch(speech), ...stretcher.finish()];
  return stretched ?? speech;
}

/**
 * The same for speech that comes in pieces, all of one sample rate. How one ends depends on how
 * the next one begins, so each is given when the next one has come.
 */
export async function* stretchPieces(
  pieces: AsyncIterable<Pcm>,
  speed: number,
): AsyncGenerator<Pcm> {
  let stretcher: PieceStretcher | undefined;
  for await (const piece of pieces) {
    if (speed === 1) {
      yield piece;
      continue;
    }
    stretcher ??= new PieceStretcher(speed, piece.alignment.sampleRateHz);
    yield* stretcher.stretch(piece);
  }
  if (stretcher) yield* stretcher.finish();
}

/** Stretches pieces and cuts what comes of them where they end. */
class PieceStretcher {
  readonly #speed: number;
  readonly #stretch: TimeStretch;
  /** Pieces whose audio is not complete, and what there is of it. */
  readonly #pieces: Pcm[] = [];
  #output = new Int16Array(0);
  /** Where the first of `#pieces` begins, in the input and in the output. */
  #inputStart = 0;
  #outputStart = 0;

  constructor(speed: number, sampleRateHz: number) {
    this.#speed = speed;
    this.#stretch = createTimeStretch(speed, sampleRateHz);
  }

  /** The pieces that are complete by now. */
  stretch(piece: Pcm): Pcm[] {
    this.#pieces.push(piece);
    return this.#take(this.#stretch.stretch(piece.samples));
  }

  finish(): Pcm[] {
    return this.#take(this.#stretch.finish());
  }

  #take(more: Int16Array): Pcm[] {
    const output = new Int16Array(this.#output.length + more.length);
    output.set(this.#output);
    output.set(more, this.#output.length);
    const complete: Pcm[] = [];
    let taken = 0;
    for (let piece = this.#pieces[0]; piece; piece = this.#pieces[0]) {
      const inputEnd = this.#inputStart + piece.samples.length;
      const outputEnd = Math.round(inputEnd / this.#speed);
      const length = outputEnd - this.#outputStart;
      if (taken + length > output.length) break;
      const { sampleRateHz, original, normalized } = piece.alignment;
      complete.push({
        ...piece,
        samples: output.slice(taken, taken + length),
        alignment: {
          sampleRateHz,
          original: this.#scale(original),
          normalized: this.#scale(normalized),
        },
      });
      taken += length;
      this.#inputStart = inputEnd;
      this.#outputStart = outputEnd;
      this.#pieces.shift();
    }
    this.#output = output.subarray(taken);
    return complete;
  }

  #scale({ chars, endsAtSample }: CharacterTimings): CharacterTimings {
    const scaled = endsAtSample.map(
      (end) => Math.round((this.#inputStart + end) / this.#speed) - this.#outputStart,
    );
    return { chars, endsAtSample: scaled };
  }
}
