/**
 * Turns one stream of mono signed 16-bit samples into coded bytes.
 * All outputs in order are one valid stream, the same however the input was cut; a single output need not
 * be decodable. Bytes handed out belong to the caller and are never written again.
 */
export interface Encoder {
  /**
   * The bytes that are ready after these samples `[samples]`, any number of them; often none.
   * Where an utterance ends, what the resampler holds back for the samples to come is coded as well, so
   * that bare samples are complete there; the codecs still keep their unfinished frame.
   */
  encode(samples: Int16Array, endsUtterance?: boolean): Uint8Array;
  /** What was still held back. Nothing may be encoded afterwards. */
  finish(): Uint8Array;
}

/** Turns the coded bytes of one stream, as an encoder of ours gave them, into samples again. */
export interface Decoder {
  /** The samples `[samples]` that are ready after these bytes, which may be cut anywhere. */
  decode(bytes: Uint8Array): Int16Array;
  /** Lets go of what it holds. */
  close(): void;
}
