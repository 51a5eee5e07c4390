import type { AudioFormat } from "../protocol/audio-format.ts";

/** Pieces of coded audio, at once if that takes no time. */
export type CodedPieces = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** One continuous encoder that works somewhere else. */
export interface StreamEncoder {
  /**
   * Codes the next utterance, whose samples are given away with the call. Gives one piece of
   * bytes, perhaps an empty one, for each stretch of samples up to the next of `ends`; the last
   * of these is the number of samples. Works at most one piece ahead of its reader. `dueAt` is
   * asked for each piece: when it is wanted, in ms of the clock.
   */
  encode(
    samples: Int16Array<ArrayBuffer>,
    ends: readonly number[],
    dueAt: () => number,
  ): CodedPieces;
  /** The rest of the stream, wanted at `dueAt`. */
  finish(dueAt: number): Promise<Uint8Array>;
  /** Lets go of the encoder, finished or not. */
  close(): void;
}

/** Where stream encoders come from. */
export interface EncoderSource {
  /** Opens an encoder for mono 16-bit samples at `inputRateHz`. */
  open(format: AudioFormat, inputRateHz: number): StreamEncoder;
}

/** Gives one stream of coded sound another form, somewhere else, when nobody needs the place. */
export interface StreamRecoder {
  /** What is ready after the next bytes, perhaps nothing. */
  recode(bytes: Uint8Array): Promise<Uint8Array>;
  /** The rest of the stream. */
  finish(): Promise<Uint8Array>;
  /** Lets go of it, finished or not. */
  close(): void;
}

/** Where recoders come from. */
export interface RecoderSource {
  openRecoder(from: AudioFormat, to: AudioFormat): StreamRecoder;
}
