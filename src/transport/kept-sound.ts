import type { RecoderSource } from "../audio/stream-encoder.ts";
import { withWavLength } from "../audio/wav.ts";
import { type AudioFormat, isSameFormat } from "../protocol/audio-format.ts";
import type { SoundAnswer } from "../protocol/dialect.ts";

/** Sound that was kept, in the form that is asked for: byte for byte where it is the one it has. */
export async function* soundOf(
  answer: Pick<SoundAnswer, "kept" | "format" | "read">,
  recoders: RecoderSource,
): AsyncGenerator<Uint8Array> {
  if (isSameFormat(answer.kept, answer.format)) yield* answer.read();
  else if (answer.format.container !== "wav") yield* recode(answer, recoders);
  else {
    // The header of a WAV file names its length.
    const pieces: Uint8Array[] = [];
    for await (const piece of recode(answer, recoders)) pieces.push(piece);
    const [first, ...others] = pieces;
    if (!first) return;
    const fileBytes = pieces.reduce((sum, { length }) => sum + length, 0);
    yield withWavLength(first, fileBytes);
    yield* others;
  }
}

async function* recode(
  { kept, format, read }: Pick<SoundAnswer, "kept" | "format" | "read">,
  recoders: RecoderSource,
): AsyncGenerator<Uint8Array> {
  const recoder = recoders.openRecoder(kept, format);
  const sliceBytes = bytesPerSecond(kept);
  try {
    for await (const part of read()) {
      // More in one go would keep a thread from those who listen.
      for (let at = 0; at < part.length; at += sliceBytes) {
        const piece = await recoder.recode(part.subarray(at, at + sliceBytes));
        if (piece.length > 0) yield piece;
      }
    }
    const rest = await recoder.finish();
    if (rest.length > 0) yield rest;
  } finally {
    recoder.close();
  }
}

function bytesPerSecond({ encoding, sampleRateHz, bitrateBps }: AudioFormat): number {
  if (bitrateBps !== undefined) return Math.ceil(bitrateBps / 8);
  return sampleRateHz * (encoding === "pcm_s16le" ? 2 : 1);
}
