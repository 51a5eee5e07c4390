import type { CharacterTimings } from "../protocol/alignment.ts";

interface SpokenUtterance {
  readonly text: string;
  readonly startSample: number;
  readonly timings: CharacterTimings;
  readonly lead: number;
}

/** Remembers which text the audio of a context speaks, to say how far a listener has come. */
export class SpokenText {
  readonly #utterances: SpokenUtterance[] = [];

  /** The first `lead` characters were heard before it and are not in `timings`. */
  add(text: string, startSample: number, timings: CharacterTimings, lead = 0): void {
    this.#utterances.push({ text, startSample, timings, lead });
  }

  /** The text before and after a sample; a character that has begun counts as spoken. */
  splitAt(sample: number): { readonly spoken: string; readonly rest: string } {
    let spoken = "";
    let rest = "";
    for (const { text, startSample, timings, lead } of this.#utterances) {
      const chars = Array.from(text);
      const isReached = sample > 0 && sample >= startSample;
      const heard = isReached ? lead + charactersBefore(timings, sample - startSample) : 0;
      spoken += chars.slice(0, heard).join("");
      rest += chars.slice(heard).join("");
    }
    return { spoken, rest };
  }
}

function charactersBefore({ endsAtSample }: CharacterTimings, sample: number): number {
  if (sample <= 0) return 0;
  const last = endsAtSample.findIndex((end) => end >= sample);
  if (last < 0) return endsAtSample.length;
  // Characters that take no time, such as those of a tag, go with the one before them.
  let count = last + 1;
  while (endsAtSample[count] === endsAtSample[last]) count += 1;
  return count;
}
