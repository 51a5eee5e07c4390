import type { Pcm } from "../engine/synthesizer.ts";
import type { CharacterTimings } from "../protocol/alignment.ts";

/** The silence of a break. Its tag has its place in the text; what is spoken of it is a full stop. */
export function createBreak(text: string, breakMs: number, sampleRateHz: number): Pcm {
  const samples = new Int16Array(Math.max(1, Math.round((breakMs * sampleRateHz) / 1000)));
  // Tags take no time: the silence belongs to the space after them.
  const inTheLast = (characters: string): CharacterTimings => {
    const chars = Array.from(characters);
    const endsAtSample = new Uint32Array(chars.length);
    endsAtSample[chars.length - 1] = samples.length;
    return { chars, endsAtSample };
  };
  const original = inTheLast(text.endsWith(" ") ? text : `${text} `);
  return { samples, alignment: { sampleRateHz, original, normalized: inTheLast(" . ") } };
}
