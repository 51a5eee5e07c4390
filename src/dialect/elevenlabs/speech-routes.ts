import type { SpeechAnswer } from "../../protocol/dialect.ts";
import type { AudioEvent, SessionPlan } from "../../protocol/speech.ts";
import { bytesOf } from "../request-plan.ts";
import type { ElevenLabsParts, ScopelessRoute } from "./parts.ts";
import { readSpeechOrder } from "./speech-request.ts";
import { formatTimestampLines, formatTimestamps } from "./timestamps.ts";

/** One way of answering `POST /v1/text-to-speech/{voice_id}`. */
interface SpeechRoute {
  readonly suffix: string;
  readonly delivery: SpeechAnswer["delivery"];
  readonly alignment: SessionPlan["alignment"];
  /** The content type of the audio itself unless given. */
  readonly contentType?: string;
  readonly encode: (
    audio: AsyncIterable<AudioEvent>,
    text: string,
  ) => AsyncIterable<Uint8Array | string>;
}

const speech: readonly SpeechRoute[] = [
  { suffix: "", delivery: "whole", alignment: "utterance", encode: bytesOf },
  { suffix: "/stream", delivery: "stream", alignment: "utterance", encode: bytesOf },
  {
    suffix: "/with-timestamps",
    delivery: "whole",
    alignment: "utterance",
    contentType: "application/json",
    encode: formatTimestamps,
  },
  {
    suffix: "/stream/with-timestamps",
    delivery: "stream",
    alignment: "frame",
    contentType: "application/json",
    encode: formatTimestampLines,
  },
];

/** Text in, audio out: whole or streamed, with or without timestamps. */
export function speechRoutes(parts: ElevenLabsParts): ScopelessRoute[] {
  return speech.map(({ suffix, delivery, alignment, contentType, encode }) => ({
    method: "POST",
    path: `/v1/text-to-speech/:voice_id${suffix}`,
    async answer(request): Promise<SpeechAnswer> {
      const { output, ...order } = await readSpeechOrder(request, delivery, alignment, parts);
      return {
        type: "speech",
        ...order,
        contentType: contentType ?? output.contentType,
        delivery,
        encode: (audio) => encode(audio, order.text),
      };
    },
  }));
}
