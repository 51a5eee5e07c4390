/** How samples are written down. `pcm_s16le` is signed 16-bit little-endian; `ulaw` and `alaw` are ITU-T G.711. */
export type AudioEncoding = "pcm_s16le" | "ulaw" | "alaw" | "mp3" | "opus";

/** What the coded audio is wrapped in; `raw` is a bare sample or frame stream. */
export type AudioContainer = "raw" | "wav" | "ogg";

/** One way audio can leave the server. Always mono. Reading a vendor's name for it is a dialect's job. */
export interface AudioFormat {
  readonly encoding: AudioEncoding;
  readonly container: AudioContainer;
  readonly sampleRateHz: number;
  /** Only for the lossy codecs (`mp3`, `opus`). */
  readonly bitrateBps?: number;
}

/** Whether sound in one form has the other one, too. */
export function isSameFormat(one: AudioFormat, other: AudioFormat): boolean {
  return (
    one.encoding === other.encoding &&
    one.container === other.container &&
    one.sampleRateHz === other.sampleRateHz &&
    one.bitrateBps === other.bitrateBps
  );
}
