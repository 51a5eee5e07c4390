import type { Pcm } from "../engine/synthesizer.ts";
import type { CharacterTimings } from "../protocol/alignment.ts";

/** The silence of a break. Its tag has its place in the text; what is spoken of it is a full stop. */
export function createBreak(text: string, breakMs: number, sampleRateHz: number): Pcm {
  const samples = new Int16Array(Math.max(1, Math.round((breakMs * sampleRateHz) / 1000)));
  const allAtOnce = (characters: string): CharacterTimings => {
    const chars = Array.from(characters);
    return { chars, endsAtSample: new Uint32Array(chars.length).fill(samples.length) };
  };
  const original = allAtOnce(text.endsWith(" ") ? text : `${text} `);
  return { samples, alignment: { sampleRateHz, original, normalized: allAtOnce(" . ") } };
}
