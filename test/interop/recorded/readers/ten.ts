import type { Frame } from "../../../support/stream-input.ts";
import { contextOf, nothingHeard, type Reader, sizeOf } from "./heard.ts";

/** Joins the characters of alignments, stops at isFinal, and takes code 1008 for fatal. */
export const readTen: Reader = (raw) => {
  const heard = nothingHeard();
  const stream = contextOf(heard, "");
  stream.text = "";
  for (const message of raw) {
    const frame = JSON.parse(message) as Frame;
    stream.text += frame.alignment?.chars?.join("") ?? "";
    if (frame.audio) stream.audioBytes += sizeOf(frame.audio);
    if (frame.isFinal) {
      stream.endings += 1;
      break;
    }
    if (frame.error) heard.complaints.push(`${frame.code === 1008 ? "fatal: " : ""}${frame.error}`);
  }
  return heard;
};
