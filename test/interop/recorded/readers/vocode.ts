import { z } from "zod";
import { contextOf, nothingHeard, type Reader, sizeOf } from "./heard.ts";

const alignment = z.object({
  chars: z.array(z.string()),
  charStartTimesMs: z.array(z.int()),
  charDurationsMs: z.array(z.int()),
});
const response = z.object({
  audio: z.string().nullish(),
  isFinal: z.boolean().nullish(),
  normalizedAlignment: alignment.nullish(),
  alignment: alignment.nullish(),
});

/** Looks for the word "audio" in the raw text before it parses, strictly, and stops at isFinal. */
export const readVocode: Reader = (raw) => {
  const heard = nothingHeard();
  const stream = contextOf(heard, "");
  stream.text = "";
  for (const message of raw) {
    if (!message.includes("audio")) continue;
    const parsed = response.safeParse(JSON.parse(message));
    if (!parsed.success) {
      heard.complaints.push(z.prettifyError(parsed.error));
      continue;
    }
    const { audio, alignment: spoken, isFinal } = parsed.data;
    if (audio) {
      stream.audioBytes += sizeOf(audio);
      if (spoken) stream.text += `${spoken.chars.join("")} `;
    }
    if (isFinal) {
      stream.endings += 1;
      break;
    }
  }
  return heard;
};
