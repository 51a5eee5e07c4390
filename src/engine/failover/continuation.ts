import { findMarks } from "../../text/markup/marks.ts";
import { compilePronunciations } from "../../text/pronunciations.ts";
import type { Pcm, Utterance } from "../synthesizer.ts";

/** What there is to say of an utterance, once so many code units of its text were said. */
export function restOf(utterance: Utterance, saidUnits: number): Utterance {
  return { ...utterance, text: utterance.text.slice(saidUnits) };
}

/** The text that is heard in a piece. */
export const textOf = ({ alignment }: Pcm): string => alignment.original.chars.join("");

/**
 * Tells of each place in an utterance, in code units, whether another engine can go on from there.
 * It cannot within what is spoken as a whole: an element, a tag, or words that a rule replaces.
 */
export function placesToGoOn(utterance: Utterance): (at: number) => boolean {
  const { text, markup, pronunciations = [] } = utterance;
  const wholes = [
    ...(markup === "ssml" ? findMarks(text) : []),
    ...(pronunciations.length > 0 ? compilePronunciations(pronunciations).matchesIn(text) : []),
  ];
  return (at) => !wholes.some(({ start, end }) => start < at && at < end);
}

/** Two pieces that follow one another, as one. */
export function joinPieces(first: Pcm, second: Pcm): Pcm {
  const samples = new Int16Array(first.samples.length + second.samples.length);
  samples.set(first.samples);
  samples.set(second.samples, first.samples.length);
  const join = (which: "original" | "normalized"): Pcm["alignment"]["original"] => {
    const [one, two] = [first.alignment[which], second.alignment[which]];
    const endsAtSample = new Uint32Array(one.endsAtSample.length + two.endsAtSample.length);
    endsAtSample.set(one.endsAtSample);
    endsAtSample.set(
      two.endsAtSample.map((end) => end + first.samples.length),
      one.endsAtSample.length,
    );
    return { chars: [...one.chars, ...two.chars], endsAtSample };
  };
  const { sampleRateHz } = first.alignment;
  const alignment = { sampleRateHz, original: join("original"), normalized: join("normalized") };
  const times = [first.synthesisMs, second.synthesisMs].filter((ms) => ms !== undefined);
  const synthesisMs = times.reduce((sum, ms) => sum + ms, 0);
  const isOfChild = second.isOfChild ?? first.isOfChild;
  return {
    samples,
    alignment,
    ...(times.length > 0 && { synthesisMs }),
    ...(isOfChild !== undefined && { isOfChild }),
  };
}
