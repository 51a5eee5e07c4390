import type { Engine, Pcm, Utterance } from "../../src/engine/synthesizer.ts";
import { neutralSettings } from "../../src/protocol/voice.ts";

/** What came of an utterance, and what ended it if it did not end by itself. */
export interface Heard {
  readonly pieces: readonly Pcm[];
  /** The text that was heard. */
  readonly text: string;
  readonly samples: Int16Array;
  readonly failure: unknown;
}

/** Speaks with the first voice of an engine and hears all there is, whatever happens. */
export async function hear(
  engine: Engine,
  text: string,
  more: Partial<Utterance> = {},
  signal: AbortSignal = new AbortController().signal,
): Promise<Heard> {
  const [voice] = engine.voices;
  if (!voice) throw new Error("the engine has no voice");
  const utterance: Utterance = { text, voice, settings: neutralSettings, markup: "none", ...more };
  const pieces: Pcm[] = [];
  let failure: unknown;
  try {
    for await (const piece of engine.synthesize(utterance, signal)) pieces.push(piece);
  } catch (error) {
    failure = error;
  }
  return { pieces, text: textOf(pieces), samples: samplesOf(pieces), failure };
}

const textOf = (pieces: readonly Pcm[]): string =>
  pieces.flatMap(({ alignment }) => alignment.original.chars).join("");

function samplesOf(pieces: readonly Pcm[]): Int16Array {
  const all = new Int16Array(pieces.reduce((sum, { samples }) => sum + samples.length, 0));
  let at = 0;
  for (const { samples } of pieces) {
    all.set(samples, at);
    at += samples.length;
  }
  return all;
}
