import type { AudioFormat } from "../protocol/audio-format.ts";

/** One continuous encoder that works somewhere else. */
export interface StreamEncoder {
  /**
   * Codes the next utterance, whose samples are given away with the call. Gives one piece of
   * bytes, perhaps an empty one, for each stretch of samples up to the next of `ends`; the last
   * of these is the number of samples. Works at most a few pieces ahead of its reader.
   */
  encode(samples: Int16Array<ArrayBuffer>, ends: readonly number[]): AsyncIterable<Uint8Array>;
  /** The rest of the stream. */
  finish(): Promise<Uint8Array>;
  /** Lets go of the encoder, finished or not. */
  close(): void;
}

/** Where stream encoders come from. */
export interface EncoderSource {
  /** Opens an encoder for mono 16-bit samples at `inputRateHz`. */
  open(format: AudioFormat, inputRateHz: number): StreamEncoder;
}
