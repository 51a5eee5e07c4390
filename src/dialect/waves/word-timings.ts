import type { AlignmentSlice } from "../../protocol/alignment.ts";

/** A word of the text as sent, and when it is heard, in seconds from the first audio of a request. */
export interface TimedWord {
  readonly word: string;
  readonly start: number;
  readonly end: number;
}

const seconds = (samples: number, rateHz: number): number =>
  Math.max(0, Math.round((samples * 1000) / rateHz) / 1000);

/** The words of a slice; `startSample` is where the request's audio begins. */
export function timeWords(slice: AlignmentSlice, startSample: number): TimedWord[] {
  const { sampleRateHz, pieceStartSample, original } = slice;
  const offset = pieceStartSample - startSample;
  const words: TimedWord[] = [];
  let word = "";
  let begin = 0;
  let end = original.startSample;
  const finish = (): void => {
    if (word === "") return;
    const start = seconds(offset + begin, sampleRateHz);
    words.push({ word, start, end: seconds(offset + end, sampleRateHz) });
    word = "";
  };
  for (const [index, char] of original.chars.entries()) {
    const charEnd = original.endsAtSample[index] ?? end;
    if (char.trim() === "") {
      finish();
    } else {
      if (word === "") begin = end;
      word += char;
    }
    end = charEnd;
  }
  finish();
  return words;
}
