import {
  isProblem,
  maxMessageBytes,
  type Query,
  type RequestHead,
  type SocketOpening,
} from "../../protocol/dialect.ts";
import { textNormalizations } from "../../protocol/normalization.ts";
import { SpeechError } from "../../protocol/problems.ts";
import type { Credential, SessionPlan, SessionRules } from "../../protocol/speech.ts";
import { neutralSettings, type Voice, type VoiceSettings } from "../../protocol/voice.ts";
import type { Warning } from "../../protocol/warnings.ts";
import { type Profile, rulesOf } from "./compatibility.ts";
import { extensionFrames, extensionMessages, readDetails, readPlayback } from "../extension.ts";
import { defaultFormatName } from "./formats.ts";
import { withoutScheme } from "../credentials.ts";
import {
  bufferDelayMs,
  createConfigurationReader,
  defaultScheduleChars,
  speedRanges,
  settingNames,
} from "./messages.ts";
import { MultiStreamReader } from "./multi-stream-input.ts";
import {
  booleanParameter,
  choiceParameter,
  clamp,
  clampedParameter,
  textParameter,
  unknownParameters,
} from "../query.ts";
import type { ElevenLabsParts } from "./parts.ts";
import { createSocketCodec } from "./socket-codec.ts";
import type { ExtensionStyle } from "./socket-frames.ts";
import {
  findModel,
  findSettings,
  findVoice,
  maxFrameBytes,
  readFormat,
  readHeaderCredential,
  readRetention,
} from "./speech-request.ts";
import { describeVoice } from "../heeded-settings.ts";
import { type AskedVoice, voiceWarnings } from "../voice-warnings.ts";
import { StreamInputReader } from "./stream-input.ts";
import type { TimeBase } from "./wire-alignment.ts";

export const socketKinds = ["stream-input", "multi-stream-input"] as const;
export type SocketKind = (typeof socketKinds)[number];

export const idleSeconds = { min: 1, max: 180, fallback: 20 } as const;
/** The vendor's, and what the profile `observed` keeps to. */
const hostedMaxContexts = 5;

/** Query parameters that mean something here, or would in the hosted service. */
export const knownParameters: ReadonlySet<string> = new Set([
  "model_id",
  "output_format",
  "language_code",
  "enable_logging",
  "enable_ssml_parsing",
  "inactivity_timeout",
  "sync_alignment",
  "auto_mode",
  "apply_text_normalization",
  "apply_language_text_normalization",
  "optimize_streaming_latency",
  "seed",
  "authorization",
  "single_use_token",
  "ext",
  "x_alignment_base",
  "x_discard_on_close",
  "x_close_race",
  "max_buffer_delay_ms",
  "audio_transport",
  "boundaries",
  "segments",
  "playback",
  "ping_keeps_alive",
]);

/**
 * Reads the URL of a socket, which `sessionId` names.
 * @throws {SpeechError} what refuses the upgrade
 */
export async function openSocket(
  kind: SocketKind,
  head: RequestHead,
  sessionId: string,
  parts: ElevenLabsParts,
): Promise<SocketOpening> {
  const { query } = head;
  const rules = rulesOf(parts.profile);
  const isMulti = kind === "multi-stream-input";
  const isExtended = booleanParameter(query, "ext", false);
  const plan = await planSocket(isMulti, isExtended, head, parts);
  const readConfiguration = createConfigurationReader(plan.settings, isExtended);
  const reader = isMulti
    ? new MultiStreamReader(readConfiguration, {
        emptyMessageOpens: rules.emptyMessageOpens,
        closeSocket: rules.closeSocket,
        closeGraceMs: parts.settings.closeGraceMs,
        discardsOnClose: booleanParameter(query, "x_discard_on_close", false),
      })
    : new StreamInputReader(readConfiguration);
  const style = {
    timeBase: readTimeBase(isMulti, plan, query, parts),
    namesContexts: isMulti,
    duplicateSpellings: isMulti && rules.duplicateSpellings,
    errorsNameContext: isMulti && rules.errorsNameContext,
    traceId: rules.errorsNameConnection ? sessionId : undefined,
    extension: isExtended ? extend(plan, query, sessionId) : undefined,
  };
  const voice = isProblem(plan.voice) ? undefined : plan.voice;
  const codec = createSocketCodec(reader, style, voice);
  const pingsKeepAlive = isExtended && booleanParameter(query, "ping_keeps_alive", false);
  return { plan, codec, pingsKeepAlive, owedPingMs: undefined };
}

async function planSocket(
  isMulti: boolean,
  isExtended: boolean,
  head: RequestHead,
  parts: ElevenLabsParts,
): Promise<SessionPlan> {
  const { catalogue, settings, profile } = parts;
  const { query } = head;
  const model = findModel(textParameter(query, "model_id"), catalogue, settings);
  if (!model.onSockets) throw new SpeechError("unsupported_model", { modelId: model.id });
  const seconds = clampedParameter(query, "inactivity_timeout", idleSeconds);
  const autoMode = booleanParameter(query, "auto_mode", false);
  const alignment = booleanParameter(query, "sync_alignment", false) ? "frame" : "utterance";
  const markup = booleanParameter(query, "enable_ssml_parsing", false) ? "ssml" : "none";
  const voice = findVoice(head, catalogue, settings);
  const delayMs = clampedParameter(query, "max_buffer_delay_ms", bufferDelayMs);
  return {
    credential: readSocketCredential(head),
    voice,
    model,
    format: readFormat(query, "stream").format,
    settings: isProblem(voice) ? neutralSettings : await socketSettings(voice, parts),
    retention: readRetention(query, settings),
    dispatch: autoMode ? "message" : "schedule",
    scheduleChars: defaultScheduleChars,
    maxBufferDelayMs: isExtended && delayMs > 0 ? delayMs : undefined,
    markup,
    normalization: choiceParameter(query, "apply_text_normalization", textNormalizations) ?? "auto",
    alignment,
    playback: isExtended ? readPlayback(query) : "live",
    idleMs: seconds * 1000,
    maxFrameBytes: maxFrameBytes[alignment],
    rules: sessionRules(isMulti, profile, query, settings.maxContexts),
    details: isExtended ? readDetails(query) : undefined,
    warnings: [
      ...(isProblem(voice) ? [] : voiceWarnings(voice, askedOf(head), catalogue)),
      ...queryWarnings(query, seconds, delayMs),
    ],
  };
}

/** The voice's own settings, as far as the sockets allow. */
async function socketSettings(voice: Voice, { stores }: ElevenLabsParts): Promise<VoiceSettings> {
  const stored = await findSettings(voice, stores.voiceSettings);
  const { min, max } = speedRanges.socket;
  return { ...stored, speed: clamp(stored.speed, min, max) };
}

/** Header first, then query; a first message comes later, if at all. */
export function readSocketCredential(head: RequestHead): Credential | undefined {
  const key = textParameter(head.query, "authorization");
  const token = textParameter(head.query, "single_use_token");
  return (
    readHeaderCredential(head) ??
    (key ? { kind: "key", value: withoutScheme(key) } : undefined) ??
    (token ? { kind: "token", value: token } : undefined)
  );
}

function sessionRules(
  isMulti: boolean,
  profile: Profile,
  query: Query,
  maxContexts: number,
): SessionRules {
  const asked = choiceParameter(query, "x_close_race", ["silent", "lost"]);
  const rules = rulesOf(profile);
  // Member by member, so that ten thousand of them are small.
  return {
    maxContexts: profile === "observed" ? hostedMaxContexts : maxContexts,
    countedContexts: rules.countedContexts,
    overflow: rules.overflow,
    failure: isMulti ? rules.contextFailure : "session",
    expiry: isMulti ? "context" : "session",
    shutdown: "closed",
    backgroundPace: rules.backgroundPace,
    changedSettings: rules.changedSettings,
    partialWords: rules.partialWords,
    closeRace: profile === "observed" && isMulti ? (asked ?? "none") : "none",
    closeDelayMs: rules.closeDelayMs,
  };
}

/**
 * `auto` counts as clients of each kind expect: those that ask for the alignment of every frame
 * of many contexts take the times as they are, all others add the chunks up.
 */
function readTimeBase(
  isMulti: boolean,
  { alignment }: SessionPlan,
  query: Query,
  { settings }: ElevenLabsParts,
): TimeBase {
  const asked = choiceParameter(query, "x_alignment_base", ["chunk", "context", "auto"]);
  const base = asked ?? settings.alignmentBase;
  if (base !== "auto") return base;
  return isMulti && alignment === "frame" ? "context" : "chunk";
}

function extend(plan: SessionPlan, query: Query, sessionId: string): ExtensionStyle {
  const audioTransport = choiceParameter(query, "audio_transport", ["json", "binary"]) ?? "json";
  const { format, rules, idleMs = 0, voice } = plan;
  const sampleRateHz = format.sampleRateHz;
  return {
    audioTransport,
    resampling: isProblem(voice) ? 1 : sampleRateHz / voice.sampleRateHz,
    ready: {
      type: "ready",
      session_id: sessionId,
      protocol: "elevenlabs",
      ext: [...extensionFrames, ...extensionMessages],
      audio: {
        format: textParameter(query, "output_format") ?? defaultFormatName,
        sample_rate: sampleRateHz,
        transport: audioTransport,
      },
      voice: isProblem(voice) ? null : describeVoice(voice, settingNames),
      limits: {
        inactivity_timeout_s: idleMs / 1000,
        max_contexts: rules.maxContexts,
        max_message_bytes: maxMessageBytes,
      },
      unknown_params: unknownParameters(query, knownParameters),
    },
  };
}

function queryWarnings(query: Query, idleS: number, delayMs: number): Warning[] {
  const unknown = unknownParameters(query, knownParameters).map(
    (name): Warning => ({ code: "unknown_parameter", details: { name } }),
  );
  const taken = [
    ["inactivity_timeout", idleS, "s"],
    ["max_buffer_delay_ms", delayMs, "ms"],
  ] as const;
  const clamped = taken.flatMap(([name, value, unit]): Warning[] => {
    const asked = textParameter(query, name);
    if (asked === undefined || Number(asked) === value) return [];
    return [{ code: "value_clamped", details: { name, value: `${value} ${unit}` } }];
  });
  return [...unknown, ...clamped];
}

const askedOf = ({ params, query }: RequestHead): AskedVoice => ({
  voiceId: params["voice_id"] ?? "",
  language: textParameter(query, "language_code"),
});
