import {
  isProblem,
  maxMessageBytes,
  type Query,
  type RequestHead,
  type SocketOpening,
} from "../../protocol/dialect.ts";
import { SpeechError } from "../../protocol/problems.ts";
import type { SessionPlan, SessionRules } from "../../protocol/speech.ts";
import { neutralSettings } from "../../protocol/voice.ts";
import type { Warning } from "../../protocol/warnings.ts";
import { extensionFrames, extensionMessages, readDetails, readPlayback } from "../extension.ts";
import { describeVoice } from "../heeded-settings.ts";
import { booleanParameter, clamp, textParameter, unknownParameters } from "../query.ts";
import { readSocketCredential } from "./credentials.ts";
import { formatOf } from "./formats.ts";
import { defaultModelId, findModel, type WavesModel } from "./models.ts";
import type { WavesParts, WavesSettings } from "./parts.ts";
import { createSocketCodec } from "./socket-codec.ts";
import { SpokenRequests } from "./spoken-requests.ts";
import { readVoicing, settingNames } from "./voicing.ts";

/** The newest first; the others are its older names, and one of a model that had its own. */
export const socketPaths = [
  "/v1/tts/live",
  "/v1/:model/get_speech/stream",
  "/v1/:model/stream",
  "/v1/streaming-tts/stream",
] as const;
export type SocketPath = (typeof socketPaths)[number];

/** Every time is honoured that a number tells to the second. */
const maxIdleSeconds = Number.MAX_SAFE_INTEGER;
const documentedSeconds = { min: 20, max: 60 } as const;

/** Buffered characters that start the 1st, 2nd, ... synthesis: early at first, then as documented. */
export const scheduleChars: readonly number[] = [50, 120, 240];
/** In base64 well below what clients take for one frame. */
export const maxFrameBytes = 32_768;
/** Some clients take 600 ms without a frame for the end. */
export const owedPingMs = 200;

export const rules: SessionRules = {
  maxContexts: 20,
  countedContexts: "unspoken",
  overflow: "context",
  failure: "context",
  expiry: "session",
  backgroundPace: "free",
  changedSettings: "apply",
  partialWords: "hold",
  closeRace: "none",
  shutdown: "told",
  closeDelayMs: 0,
};

export const knownParameters: ReadonlySet<string> = new Set([
  "timeout",
  "token",
  "api_key",
  "ext",
  "boundaries",
  "segments",
  "playback",
  "ping_keeps_alive",
]);

/** Reads the URL of a socket. @throws {SpeechError} what refuses the upgrade */
export function openSocket(
  path: SocketPath,
  head: RequestHead,
  traceId: string,
  parts: WavesParts,
): SocketOpening {
  const { query } = head;
  const { settings } = parts;
  const model = routedModel(path, head, settings);
  const isExtended = booleanParameter(query, "ext", false);
  const plan = planSocket(model, isExtended, head, parts);
  const requests = new SpokenRequests(traceId);
  const kind = path === "/v1/streaming-tts/stream" ? "streaming" : "current";
  const codec = createSocketCodec({
    requests,
    kind,
    completeMs: settings.completeMs,
    model,
    readVoicing: (message) => readVoicing(message, model, parts),
    style: {
      describesAudio: kind === "streaming",
      ready: isExtended ? describeSocket(requests.sessionId, plan, query) : undefined,
    },
  });
  return {
    plan,
    codec,
    pingsKeepAlive: isExtended && booleanParameter(query, "ping_keeps_alive", false),
    owedPingMs,
  };
}

function routedModel(path: SocketPath, head: RequestHead, settings: WavesSettings): WavesModel {
  const { model } = head.params;
  const isStreaming = path === "/v1/streaming-tts/stream";
  return findModel(model ?? (isStreaming ? streamingModelId : defaultModelId), settings);
}

/** What the streaming route spoke, before it was given up. */
const streamingModelId = "lightning-v2";

function planSocket(
  model: WavesModel,
  isExtended: boolean,
  head: RequestHead,
  { catalogue, settings }: WavesParts,
): SessionPlan {
  const idleSeconds = readIdleSeconds(head.query, model, settings);
  const [voice] = catalogue.voices;
  if (!voice) throw new SpeechError("voice_not_found", { voiceId: "" });
  return {
    credential: readSocketCredential(head),
    // Each request names its own.
    voice,
    model,
    format: formatOf("pcm", model.defaultRateHz),
    settings: neutralSettings,
    // A history is what clients of other protocols look at, and would not know these models.
    retention: "usage",
    dispatch: "schedule",
    scheduleChars,
    maxBufferDelayMs: undefined,
    markup: "none",
    normalization: "auto",
    alignment: "utterance",
    playback: isExtended ? readPlayback(head.query) : "live",
    idleMs: idleSeconds * 1000,
    maxFrameBytes,
    rules,
    details: isExtended ? readDetails(head.query) : undefined,
    warnings: queryWarnings(head.query, idleSeconds),
  };
}

function queryWarnings(query: Query, idleSeconds: number): Warning[] {
  const unknown = unknownParameters(query, knownParameters).map(
    (name): Warning => ({ code: "unknown_parameter", details: { name } }),
  );
  const asked = textParameter(query, "timeout");
  if (asked === undefined || Number(asked) === idleSeconds) return unknown;
  const details = { name: "timeout", value: `${idleSeconds} s` };
  return [...unknown, { code: "value_clamped", details }];
}

/** What is no positive whole number means the default. */
function readIdleSeconds(
  query: Query,
  { isRetired }: WavesModel,
  { idleSeconds, olderIdleSeconds, timeouts }: WavesSettings,
): number {
  const { min, max } = documentedSeconds;
  const asked = textParameter(query, "timeout");
  const isAny = timeouts === "any";
  const fallback = isAny ? (isRetired ? olderIdleSeconds : idleSeconds) : min;
  const seconds = asked !== undefined && /^\d+$/.test(asked) ? Number(asked) : 0;
  if (seconds < 1) return fallback;
  return isAny ? Math.min(seconds, maxIdleSeconds) : clamp(seconds, min, max);
}

function describeSocket(sessionId: string, plan: SessionPlan, query: Query): object {
  const { idleMs = 0, rules: own, voice, format } = plan;
  return {
    session_id: sessionId,
    status: "ext",
    type: "ready",
    protocol: "waves",
    ext: [...extensionFrames, "context_complete", ...extensionMessages],
    audio: {
      sample_rate: format.sampleRateHz,
      voice: isProblem(voice) ? undefined : voice.slug,
    },
    voice: isProblem(voice) ? null : describeVoice(voice, settingNames),
    limits: {
      inactivity_timeout_s: idleMs / 1000,
      max_contexts: own.maxContexts,
      max_message_bytes: maxMessageBytes,
    },
    unknown_params: unknownParameters(query, knownParameters),
  };
}
