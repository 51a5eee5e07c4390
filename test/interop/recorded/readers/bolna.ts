import type { Frame } from "../../../support/stream-input.ts";
import { contextOf, nothingHeard, type Reader, sizeOf } from "./heard.ts";

interface BolnaFrame extends Frame {
  readonly contextId?: string;
}

/** One end per context; a final frame that names none would end the turn that is running. */
export const readBolna: Reader = (raw) => {
  const heard = nothingHeard();
  for (const message of raw) {
    const { contextId, audio, alignment, isFinal } = JSON.parse(message) as BolnaFrame;
    if (contextId === undefined) {
      if (isFinal) heard.complaints.push("end of a turn that has not ended");
      continue;
    }
    const context = contextOf(heard, contextId);
    if (audio) {
      context.audioBytes += sizeOf(audio);
      context.text = (context.text ?? "") + (alignment?.chars.join("") ?? "");
    }
    if (isFinal) context.endings += 1;
  }
  return heard;
};
