/** Turns one MP3 stream into samples. */
export interface Mp3Decoder {
  /** Mono samples `[samples]`, -1..1, of the frames that end with these bytes; frames may be cut anywhere. */
  decode(bytes: Uint8Array): Float32Array;
  close(): void;
}

const noSamples = new Float32Array(0);

/** A decoder with a WebAssembly memory of its own. */
export async function createMp3Decoder(): Promise<Mp3Decoder> {
  // Where nothing is decoded its memory is not needed.
  const { MPEGDecoder } = await import("mpg123-decoder");
  const codec = new MPEGDecoder();
  await codec.ready;
  return {
    decode: (bytes) => codec.decode(bytes).channelData[0] ?? noSamples,
    close: () => codec.free(),
  };
}
