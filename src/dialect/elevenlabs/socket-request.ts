import type { Query, RequestHead, SocketOpening } from "../../protocol/dialect.ts";
import { type Problem, SpeechError } from "../../protocol/problems.ts";
import type { Credential, SessionPlan } from "../../protocol/speech.ts";
import { type Catalogue, neutralSettings } from "../../protocol/voice.ts";
import { defaultScheduleChars, withoutScheme } from "./messages.ts";
import { booleanParameter, clampedParameter, textParameter } from "./query.ts";
import {
  type ElevenLabsSettings,
  findModel,
  findVoice,
  maxFrameBytes,
  orProblem,
  readFormat,
  readHeaderCredential,
} from "./speech-request.ts";
import { StreamInputCodec } from "./stream-input.ts";
import type { TimeBase } from "./wire-alignment.ts";

const idleSeconds = { min: 1, max: 180, fallback: 20 } as const;

/** Header first, then query; a first message comes later, if at all. */
function readSocketCredential(head: RequestHead): Credential | undefined {
  const key = textParameter(head.query, "authorization");
  const token = textParameter(head.query, "single_use_token");
  return (
    readHeaderCredential(head) ??
    (key ? { kind: "key", value: withoutScheme(key) } : undefined) ??
    (token ? { kind: "token", value: token } : undefined)
  );
}

/** Reads the URL of a `stream-input` socket; a problem refuses the upgrade. */
export function openStreamInput(
  head: RequestHead,
  catalogue: Catalogue,
  settings: ElevenLabsSettings,
): SocketOpening | Problem {
  return orProblem(() => ({
    plan: planSocket(head, catalogue, settings),
    codec: new StreamInputCodec(readTimeBase(head.query, settings)),
  }));
}

/** `auto` counts from each chunk on this socket, as its clients expect. */
function readTimeBase(query: Query, settings: ElevenLabsSettings): TimeBase {
  const base = textParameter(query, "x_alignment_base") ?? settings.alignmentBase;
  if (base === "auto" || base === "chunk") return "chunk";
  if (base === "context") return "context";
  const expected = "chunk, context or auto";
  throw new SpeechError("invalid_parameter", { parameter: "x_alignment_base", expected });
}

/** @throws {SpeechError} what refuses the upgrade */
function planSocket(
  head: RequestHead,
  catalogue: Catalogue,
  settings: ElevenLabsSettings,
): SessionPlan {
  const { query } = head;
  const model = findModel(textParameter(query, "model_id"), catalogue, settings);
  if (!model.onSockets) throw new SpeechError("unsupported_model", { modelId: model.id });
  const seconds = clampedParameter(query, "inactivity_timeout", idleSeconds);
  const autoMode = booleanParameter(query, "auto_mode", false);
  const alignment = booleanParameter(query, "sync_alignment", false) ? "frame" : "utterance";
  const markup = booleanParameter(query, "enable_ssml_parsing", false) ? "ssml" : "none";
  return {
    credential: readSocketCredential(head),
    voice: findVoice(head, catalogue, settings),
    model,
    format: readFormat(query, "stream").format,
    settings: neutralSettings,
    dispatch: autoMode ? "message" : "schedule",
    scheduleChars: defaultScheduleChars,
    markup,
    alignment,
    idleMs: seconds * 1000,
    maxFrameBytes: maxFrameBytes[alignment],
  };
}
