import type { AudioFormat } from "../protocol/audio-format.ts";

/** One continuous encoder that works somewhere else. Calls are carried out in order. */
export interface StreamEncoder {
  /**
   * Codes the next samples. At the end of an utterance the resampler also gives what it would
   * hold back for the samples to come, so that the utterance's audio is exactly as long as it is.
   */
  encode(samples: Int16Array, endsUtterance: boolean): Promise<Uint8Array>;
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
