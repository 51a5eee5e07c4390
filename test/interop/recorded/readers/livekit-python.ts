import type { Frame } from "../../../support/stream-input.ts";
import { contextOf, nothingHeard, type Reader, sizeOf } from "./heard.ts";

interface LiveKitFrame extends Frame {
  readonly contextId?: string;
  readonly context_id?: string;
}

/** Times as they are; a frame for an id it does not know, or no longer knows, is a warning. */
export const readLiveKitPython: Reader = (raw) => {
  const heard = nothingHeard();
  const finished = new Set<string>();
  for (const message of raw) {
    const frame = JSON.parse(message) as LiveKitFrame;
    const id = frame.contextId ?? frame.context_id;
    if (frame.error) heard.complaints.push(`elevenlabs tts returned error ${frame.error}`);
    if (id === undefined || finished.has(id)) {
      heard.complaints.push(`unexpected message: ${Object.keys(frame).join(", ")}`);
      continue;
    }
    const context = contextOf(heard, id);
    if (frame.normalizedAlignment) {
      const { chars, charStartTimesMs, charDurationsMs } = frame.normalizedAlignment;
      if (charStartTimesMs.length !== chars.length || charDurationsMs.length !== chars.length) {
        heard.complaints.push("alignment of uneven lengths");
      }
      for (const [index, char] of chars.entries()) {
        const begins = char !== " " && (chars[index - 1] ?? " ") === " ";
        if (begins)
          (context.words ??= []).push({ word: "", startMs: charStartTimesMs[index] ?? 0 });
        const last = context.words?.at(-1);
        if (last && char !== " ") context.words?.splice(-1, 1, { ...last, word: last.word + char });
      }
    }
    if (frame.audio) context.audioBytes += sizeOf(frame.audio);
    if (frame.isFinal) {
      context.endings += 1;
      finished.add(id);
    }
  }
  return heard;
};
