import type { HttpRequest, HttpRoute, SpeechAnswer } from "../../protocol/dialect.ts";
import { SpeechError } from "../../protocol/problems.ts";
import { bytesOf, planRequest } from "../request-plan.ts";
import { missingMember, readRequest, type WireRequest } from "./messages.ts";
import { defaultModelId, findModel, type WavesModel } from "./models.ts";
import type { WavesParts } from "./parts.ts";
import { encodeEvents } from "./speech-events.ts";
import { readVoicing } from "./voicing.ts";

/** One way of asking for speech over HTTP. */
interface SpeechRoute {
  readonly path: string;
  readonly delivery: "audio" | "events";
}

const speech: readonly SpeechRoute[] = [
  { path: "/v1/tts", delivery: "audio" },
  { path: "/v1/tts/live", delivery: "events" },
  { path: "/v1/:model/get_speech", delivery: "audio" },
  { path: "/v1/:model/get_speech_long_text", delivery: "audio" },
  { path: "/v1/:model/stream", delivery: "events" },
];

/** The vendor's, whatever the format is. */
const audioContentType = "audio/wav";

/** In base64 well below what clients take for one event. */
const maxFrameBytes = 32_768;

/** Text in, audio out: as bytes, or as server-sent events. */
export function speechRoutes(parts: WavesParts): HttpRoute[] {
  return speech.map(({ path, delivery }) => ({
    method: "POST",
    path,
    scope: "tts",
    async answer(request): Promise<SpeechAnswer> {
      const model = findModel(request.params["model"] ?? defaultModelId, parts.settings);
      const body = readRequest(request.body ?? {}, model, "body");
      const order = readOrder(body, model, delivery, parts);
      const headers = namesOf(request, body);
      if (delivery === "audio") {
        const isFile = order.plan.format.container === "wav";
        // The header of a file names its length.
        const how = isFile ? "whole" : "stream";
        return { ...order, headers, contentType: audioContentType, delivery: how, encode: bytesOf };
      }
      return {
        ...order,
        headers: { ...headers, "cache-control": "no-cache" },
        contentType: "text/event-stream",
        delivery: "stream",
        encode: (audio) => encodeEvents(audio, { requestId: request.id, isOlder: model.isRetired }),
      };
    },
  }));
}

/** @throws {SpeechError} what refuses the request */
function readOrder(
  body: WireRequest,
  routed: WavesModel,
  delivery: "audio" | "events",
  parts: WavesParts,
): Pick<SpeechAnswer, "type" | "plan" | "text" | "dictionaries"> {
  if (body.text === undefined) throw missingMember("text");
  if (body.text.trim() === "") throw new SpeechError("text_empty");
  const voicing = readVoicing(body, routed, parts);
  const { speaker, voice, model, format, dictionaries = [], warnings } = voicing;
  return {
    type: "speech",
    text: body.text,
    dictionaries,
    plan: planRequest({
      voice: speaker,
      model,
      format,
      settings: voice,
      retention: "usage",
      markup: "none",
      normalization: "auto",
      alignment: "utterance",
      playback: delivery === "audio" ? "file" : "live",
      maxFrameBytes,
      warnings,
    }),
  };
}

/** The names of a request, in the headers of its answer. */
function namesOf(
  { id }: HttpRequest,
  { session_id, request_id }: WireRequest,
): Record<string, string> {
  return {
    "x-request-id": id,
    "x-session-id": id,
    ...(session_id !== undefined && { "x-external-session-id": session_id }),
    ...(request_id !== undefined && { "x-external-request-id": request_id }),
  };
}
