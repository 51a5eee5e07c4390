import { concatBytes } from "./concat-bytes.ts";
import type { Encoder } from "./codec.ts";
import { encodePcm } from "./pcm.ts";

export const wavHeaderBytes = 44;

const riffLengthAt = 4;
const dataLengthAt = 40;
const unknownLength = 0xffffffff;

/**
 * A RIFF/WAVE header for mono signed 16-bit PCM; `dataBytes` is the length of the samples, left out when
 * they are still to come. Readers take the length 0xFFFFFFFF as "until the end".
 * Multimedia Programming Interface and Data Specifications 1.0 (IBM, Microsoft, 1991).
 */
export function wavHeader(sampleRateHz: number, dataBytes?: number): Uint8Array {
  const header = new Uint8Array(wavHeaderBytes);
  const view = new DataView(header.buffer);
  const ascii = (at: number, text: string) => header.set(new TextEncoder().encode(text), at);
  ascii(0, "RIFF");
  ascii(8, "WAVEfmt ");
  view.setUint32(16, 16, true); // length of the fmt chunk
  view.setUint16(20, 1, true); // plain PCM
  view.setUint16(22, 1, true); // channels
  view.setUint32(24, sampleRateHz, true);
  view.setUint32(28, sampleRateHz * 2, true); // bytes per second
  view.setUint16(32, 2, true); // bytes per sample of all channels
  view.setUint16(34, 16, true); // bits per sample
  ascii(36, "data");
  writeLengths(view, dataBytes ?? unknownLength);
  return header;
}

/**
 * A copy of a finished file of ours, or of its beginning, with its two length fields filled in; `fileBytes` is how long all of it is.
 * A file over 4 GiB keeps the streaming lengths, as 32 bits cannot say more.
 *
 * @throws {RangeError} when the bytes do not start with a header as {@link wavHeader} writes it
 */
export function withWavLength(
  beginning: Uint8Array,
  fileBytes: number = beginning.length,
): Uint8Array {
  const mark = new TextDecoder("latin1").decode(beginning.subarray(36, 40));
  if (beginning.length < wavHeaderBytes || mark !== "data") {
    throw new RangeError("not a WAV file with a 44-byte header");
  }
  const patched = new Uint8Array(beginning);
  writeLengths(new DataView(patched.buffer), fileBytes - wavHeaderBytes);
  return patched;
}

function writeLengths(view: DataView, dataBytes: number): void {
  const riffBytes = dataBytes + wavHeaderBytes - 8;
  view.setUint32(riffLengthAt, Math.min(riffBytes, unknownLength), true);
  view.setUint32(dataLengthAt, riffBytes < unknownLength ? dataBytes : unknownLength, true);
}

/** An encoder of a WAV stream; the header, with its lengths left open, travels with the first samples. */
export function createWavEncoder(sampleRateHz: number): Encoder {
  let started = false;
  const headed = (bytes: Uint8Array): Uint8Array => {
    if (started) return bytes;
    started = true;
    return concatBytes([wavHeader(sampleRateHz), bytes]);
  };
  return {
    encode: (samples) => (samples.length > 0 ? headed(encodePcm(samples)) : new Uint8Array()),
    finish: () => headed(new Uint8Array()),
  };
}
