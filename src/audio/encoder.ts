import type { AudioContainer, AudioEncoding, AudioFormat } from "../protocol/audio-format.ts";
import type { Encoder } from "./codec.ts";
import { concatBytes } from "./concat-bytes.ts";
import { createALawEncoder, createMuLawEncoder } from "./g711.ts";
import { createMp3Encoder } from "./mp3.ts";
import { createOpusEncoder } from "./opus.ts";
import { createPcmEncoder, toInt16 } from "./pcm.ts";
import { createResampler } from "./resampler.ts";
import { createWavEncoder } from "./wav.ts";

type CreateCodec = (format: AudioFormat, inputRateHz: number) => Encoder | Promise<Encoder>;

/** Codecs take samples at the format's own rate. */
const codecs: Partial<Record<`${AudioEncoding}/${AudioContainer}`, CreateCodec>> = {
  "pcm_s16le/raw": createPcmEncoder,
  "pcm_s16le/wav": (format) => createWavEncoder(format.sampleRateHz),
  "ulaw/raw": createMuLawEncoder,
  "alaw/raw": createALawEncoder,
  "mp3/raw": createMp3Encoder,
  "opus/ogg": createOpusEncoder,
};

/**
 * An encoder of one stream from `inputRateHz` to `format`, resampling where the two rates differ.
 * Asynchronous only because MP3 and Opus load WebAssembly, once per thread.
 *
 * @throws {RangeError} for a combination of encoding, container, rates and bit rate that has no codec
 */
export async function createEncoder(format: AudioFormat, inputRateHz: number): Promise<Encoder> {
  const createCodec = codecs[`${format.encoding}/${format.container}`];
  if (!createCodec) throw new RangeError(`no codec for ${format.encoding} in ${format.container}`);
  const openResampler = () =>
    inputRateHz === format.sampleRateHz
      ? undefined
      : createResampler(inputRateHz, format.sampleRateHz);
  let resampler = openResampler();
  const codec = await createCodec(format, inputRateHz);
  let finished = false;
  return {
    encode(samples, endsUtterance = false) {
      // A finished codec may already serve another stream.
      if (finished) throw new Error("the encoder is finished");
      if (!resampler) return codec.encode(samples);
      const bytes = codec.encode(toInt16(resampler.resample(samples)));
      if (!endsUtterance) return bytes;
      const rest = codec.encode(toInt16(resampler.finish()));
      resampler = openResampler();
      return concatBytes([bytes, rest]);
    },
    finish() {
      if (finished) return new Uint8Array();
      finished = true;
      if (!resampler) return codec.finish();
      const tail = codec.encode(toInt16(resampler.finish()));
      return concatBytes([tail, codec.finish()]);
    },
  };
}
