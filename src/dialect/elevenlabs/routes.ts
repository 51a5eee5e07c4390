import type { HttpRequest, HttpRoute, JsonAnswer, SpeechAnswer } from "../../protocol/dialect.ts";
import { type Problem, SpeechError } from "../../protocol/problems.ts";
import type { AudioEvent, SessionPlan } from "../../protocol/speech.ts";
import type { Catalogue } from "../../protocol/voice.ts";
import type { Profile } from "./compatibility.ts";
import { formatModel, formatVoice, formatVoicePage } from "./catalogue-json.ts";
import { booleanParameter, clampedParameter, textParameter } from "./query.ts";
import {
  type ElevenLabsSettings,
  orProblem,
  readSpeechOrder,
  voiceNotFound,
} from "./speech-request.ts";
import { formatTimestampLines, formatTimestamps } from "./timestamps.ts";

/** What the dialect works with. */
export interface ElevenLabsParts {
  readonly profile: Profile;
  readonly catalogue: Catalogue;
  readonly settings: ElevenLabsSettings;
  /** Makes a token that opens one socket. */
  readonly mintToken: () => string;
}

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
export function speechRoutes({ catalogue, settings }: ElevenLabsParts): HttpRoute[] {
  return speech.map(({ suffix, delivery, alignment, contentType, encode }) => ({
    method: "POST",
    path: `/v1/text-to-speech/:voice_id${suffix}`,
    answer: (request) =>
      orProblem((): SpeechAnswer => {
        const order = readSpeechOrder(request, delivery, alignment, catalogue, settings);
        return {
          type: "speech",
          plan: order.plan,
          text: order.text,
          headers: order.headers,
          contentType: contentType ?? order.output.contentType,
          delivery,
          encode: (audio) => encode(audio, order.text),
        };
      }),
  }));
}

async function* bytesOf(audio: AsyncIterable<AudioEvent>): AsyncGenerator<Uint8Array> {
  for await (const { bytes } of audio) yield bytes;
}

/** Voices and models. */
export function catalogueRoutes({ catalogue }: ElevenLabsParts): HttpRoute[] {
  const { voices, models } = catalogue;
  const get = (path: string, answer: (request: HttpRequest) => unknown): HttpRoute => ({
    method: "GET",
    path,
    answer: (request) => orProblem((): JsonAnswer => ({ type: "json", body: answer(request) })),
  });
  return [
    get("/v1/models", () => models.map(formatModel)),
    get("/v1/voices", () => ({ voices: voices.map((voice) => formatVoice(voice, models, true)) })),
    get("/v2/voices", ({ query }) =>
      formatVoicePage(voices, models, {
        search: textParameter(query, "search"),
        voiceIds: query.getAll("voice_ids"),
        category: textParameter(query, "category"),
        sort: textParameter(query, "sort"),
        descending: textParameter(query, "sort_direction") === "desc",
        pageSize: clampedParameter(query, "page_size", { min: 1, max: 100, fallback: 10 }),
        pageToken: textParameter(query, "next_page_token"),
        withTotalCount: booleanParameter(query, "include_total_count", true),
      }),
    ),
    get("/v1/voices/:voice_id", ({ params, query }) => {
      const voiceId = params["voice_id"] ?? "";
      const voice = catalogue.findVoice(voiceId);
      if (!voice) throw new SpeechError("voice_not_found", voiceNotFound(voiceId).details);
      return formatVoice(voice, models, booleanParameter(query, "with_settings", true));
    }),
  ];
}

const tokenTypes: readonly string[] = ["tts_websocket"];

/** Single-use tokens, for browsers that must not see a key. */
export function tokenRoutes({ mintToken }: ElevenLabsParts): HttpRoute[] {
  return [
    {
      method: "POST",
      path: "/v1/single-use-token/:token_type",
      answer({ params }): JsonAnswer | Problem {
        if (tokenTypes.includes(params["token_type"] ?? "")) {
          return { type: "json", body: { token: mintToken() } };
        }
        const details = { parameter: "token_type", expected: tokenTypes.join(" or ") };
        return { code: "invalid_parameter", details };
      },
    },
  ];
}
