import type { Query, RequestHead, SocketOpening } from "../../protocol/dialect.ts";
import { SpeechError } from "../../protocol/problems.ts";
import { choiceParameter, clampedParameter, textParameter } from "../query.ts";
import { readSocketCredential } from "./credentials.ts";
import type { WireRequest } from "./messages.ts";
import { turnsModel } from "./models.ts";
import type { WavesParts } from "./parts.ts";
import { createTurnsCodec } from "./turns-codec.ts";
import { maxFrameBytes, owedPingMs, rules, scheduleChars } from "./socket-request.ts";
import { readVoicing } from "./voicing.ts";

/** Where Lightning v4 speaks a protocol of its own. */
export const turnsPath = "/v1/lightning-v4/live";

export const rates = ["8000", "16000", "24000", "44100", "48000"] as const;

/** Reads the URL of a socket. @throws {SpeechError} what refuses the upgrade */
export function openTurns(head: RequestHead, traceId: string, parts: WavesParts): SocketOpening {
  const model = turnsModel;
  const { speaker, voice, format, warnings } = readVoicing(readQuery(head.query), model, parts);
  return {
    plan: {
      credential: readSocketCredential(head),
      voice: speaker,
      model,
      format,
      settings: voice,
      retention: "usage",
      dispatch: "schedule",
      scheduleChars,
      maxBufferDelayMs: undefined,
      markup: "none",
      normalization: "auto",
      alignment: "utterance",
      playback: "live",
      idleMs: parts.settings.idleSeconds * 1000,
      maxFrameBytes,
      rules,
      // Its clients wait to be told that they may speak, and that they have interrupted.
      details: { segments: false, boundaries: [] },
      warnings,
    },
    codec: createTurnsCodec({
      sessionId: `ws_${traceId}`,
      sampleRateHz: format.sampleRateHz,
      model,
    }),
    pingsKeepAlive: false,
    owedPingMs,
  };
}

/** @throws {SpeechError} invalid_parameter */
function readQuery(query: Query): WireRequest {
  const { min, max } = turnsModel.speedRange;
  if ((textParameter(query, "output_format") ?? "pcm") !== "pcm") {
    throw new SpeechError("invalid_parameter", { parameter: "output_format", expected: "pcm" });
  }
  const rate = choiceParameter(query, "sample_rate", rates);
  return {
    voice_id: textParameter(query, "voice_id"),
    language: textParameter(query, "language"),
    sample_rate: rate === undefined ? undefined : Number(rate),
    speed: clampedParameter(query, "speed", { min, max, fallback: 1 }),
  };
}
