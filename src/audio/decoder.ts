import type { AudioContainer, AudioEncoding, AudioFormat } from "../protocol/audio-format.ts";
import type { Decoder } from "./codec.ts";
import { concatBytes } from "./concat-bytes.ts";
import { decodeALaw, decodeMuLaw } from "./g711.ts";
import { createMp3Decoder } from "./mp3-decoder.ts";
import { createOggOpusDecoder } from "./ogg-opus-decoder.ts";
import { toInt16 } from "./pcm.ts";
import { wavHeaderBytes } from "./wav.ts";

type CreateDecoder = () => Decoder | Promise<Decoder>;

const nothing = (): void => {};

const decoders: Partial<Record<`${AudioEncoding}/${AudioContainer}`, CreateDecoder>> = {
  "pcm_s16le/raw": createPcmDecoder,
  "pcm_s16le/wav": () => withoutStart(wavHeaderBytes, createPcmDecoder()),
  "ulaw/raw": () => ({ decode: decodeMuLaw, close: nothing }),
  "alaw/raw": () => ({ decode: decodeALaw, close: nothing }),
  "mp3/raw": createMp3Reader,
  "opus/ogg": createOggOpusDecoder,
};

/**
 * A decoder of one stream, whose samples have the format's own rate and begin where the speech did.
 * Asynchronous only because MP3 and Opus load WebAssembly.
 *
 * @throws {RangeError} for a combination of encoding and container that has no codec
 */
export async function createDecoder({ encoding, container }: AudioFormat): Promise<Decoder> {
  const create = decoders[`${encoding}/${container}`];
  if (!create) throw new RangeError(`no codec for ${encoding} in ${container}`);
  return create();
}

/** Whole samples; half of one waits for its other half. */
function createPcmDecoder(): Decoder {
  let half: Uint8Array = new Uint8Array();
  return {
    decode(bytes) {
      // Copied, so that the samples begin at an even address.
      const joined = concatBytes([half, bytes]);
      const whole = joined.length - (joined.length % 2);
      half = joined.slice(whole);
      return new Int16Array(joined.buffer as ArrayBuffer, 0, whole / 2);
    },
    close: nothing,
  };
}

function withoutStart(startBytes: number, decoder: Decoder): Decoder {
  let left = startBytes;
  return {
    ...decoder,
    decode(bytes) {
      const skipped = Math.min(left, bytes.length);
      left -= skipped;
      return decoder.decode(bytes.subarray(skipped));
    },
  };
}

/** What LAME's filter bank and the decoder's add up to; see `mp3.ts`. */
const mp3DelaySamples = 1105;

async function createMp3Reader(): Promise<Decoder> {
  const mp3 = await createMp3Decoder();
  let left = mp3DelaySamples;
  return {
    decode(bytes) {
      const samples = mp3.decode(bytes);
      const skipped = Math.min(left, samples.length);
      left -= skipped;
      return toInt16(samples.subarray(skipped).map((sample) => sample * 32_768));
    },
    close: () => mp3.close(),
  };
}
