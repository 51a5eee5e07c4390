import type { Frame, WireAlignment } from "../../../support/stream-input.ts";
import { contextOf, nothingHeard, type Reader, sizeOf, type TimedWord } from "./heard.ts";

interface PipecatFrame extends Frame {
  readonly contextId?: string;
}

/** One running clock for all contexts: it is put back when a context begins. */
interface WordClock {
  context: string;
  cumulativeMs: number;
  partial: TimedWord;
}

/** Final frames first, whatever else they carry; words end at spaces; times of alignments add up. */
export const readPipecat: Reader = (raw) => {
  const heard = nothingHeard();
  const clock: WordClock = { context: "", cumulativeMs: 0, partial: { word: "", startMs: 0 } };
  for (const message of raw) {
    const frame = JSON.parse(message) as PipecatFrame;
    const context = contextOf(heard, frame.contextId ?? "");
    if (frame.isFinal === true) {
      context.endings += 1;
      continue;
    }
    if (frame.audio) context.audioBytes += sizeOf(frame.audio);
    const alignment = frame.alignment ?? frame.normalizedAlignment;
    if (!alignment) continue;
    if (clock.context !== frame.contextId) {
      Object.assign(clock, { cumulativeMs: 0, partial: { word: "", startMs: 0 } });
      clock.context = frame.contextId ?? "";
      stripLeadingSpaces(alignment);
    }
    if (alignment.chars.length !== alignment.charStartTimesMs.length) {
      heard.complaints.push("length mismatch");
      continue;
    }
    const words = wordsOf(alignment, clock);
    context.words = [...(context.words ?? []), ...words];
    context.text = context.words.map(({ word }) => word).join(" ");
    if (words.length === 0) continue;
    const { charStartTimesMs, charDurationsMs } = alignment;
    clock.cumulativeMs += (charStartTimesMs.at(-1) ?? 0) + (charDurationsMs.at(-1) ?? 0);
  }
  return heard;
};

function stripLeadingSpaces({ chars, charStartTimesMs, charDurationsMs }: WireAlignment): void {
  while (chars[0] === " ")
    for (const each of [chars, charStartTimesMs, charDurationsMs]) each.shift();
}

function wordsOf({ chars, charStartTimesMs }: WireAlignment, clock: WordClock): TimedWord[] {
  const words: TimedWord[] = [];
  for (const [index, char] of chars.entries()) {
    const { word, startMs } = clock.partial;
    if (char !== " ") {
      const beginsMs = clock.cumulativeMs + (charStartTimesMs[index] ?? 0);
      clock.partial = { word: word + char, startMs: word === "" ? beginsMs : startMs };
    } else if (word !== "") {
      words.push(clock.partial);
      clock.partial = { word: "", startMs: 0 };
    }
  }
  return words;
}
