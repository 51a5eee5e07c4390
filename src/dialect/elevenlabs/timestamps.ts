import type { AlignmentSlice } from "../../protocol/alignment.ts";
import type { AudioEvent } from "../../protocol/speech.ts";
import { HttpAlignmentFormatter } from "./wire-alignment.ts";

const toBase64 = (pieces: readonly Uint8Array[]): string =>
  Buffer.concat(pieces).toString("base64");

/** All audio and timings of a text as one JSON object. */
export async function* formatTimestamps(
  audio: AsyncIterable<AudioEvent>,
  text: string,
): AsyncGenerator<string> {
  const pieces: Uint8Array[] = [];
  const slices: AlignmentSlice[] = [];
  for await (const { bytes, alignment } of audio) {
    pieces.push(bytes);
    if (alignment) slices.push(alignment);
  }
  yield JSON.stringify(formatPart(pieces, slices, new HttpAlignmentFormatter(text)));
}

/** Each piece of audio with its own timings, as one line of JSON. Every line ends in a line feed. */
export async function* formatTimestampLines(
  audio: AsyncIterable<AudioEvent>,
  text: string,
): AsyncGenerator<string> {
  const formatter = new HttpAlignmentFormatter(text);
  for await (const { bytes, alignment } of audio) {
    yield `${JSON.stringify(formatPart([bytes], alignment ? [alignment] : [], formatter))}\n`;
  }
}

function formatPart(
  pieces: readonly Uint8Array[],
  slices: readonly AlignmentSlice[],
  formatter: HttpAlignmentFormatter,
): unknown {
  return {
    audio_base64: toBase64(pieces),
    alignment: formatter.format(slices, "original"),
    normalized_alignment: formatter.format(slices, "normalized"),
  };
}
