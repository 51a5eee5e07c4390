import { z } from "zod";
import {
  type HttpRequest,
  isProblem,
  type Query,
  type RequestHead,
  type SpeechAnswer,
} from "../../protocol/dialect.ts";
import { textNormalizations } from "../../protocol/normalization.ts";
import { missingVoice } from "../../protocol/optional-engines.ts";
import { type Problem, SpeechError } from "../../protocol/problems.ts";
import { costOf, countCharacters, type Retention } from "../../protocol/records.ts";
import type { Credential, SessionPlan } from "../../protocol/speech.ts";
import type { Stores, VoiceSettingsStore } from "../../protocol/stores.ts";
import {
  type Catalogue,
  type Model,
  neutralSettings,
  type Voice,
  type VoiceSettings,
} from "../../protocol/voice.ts";
import { readBody } from "./body.ts";
import { locatorsSchema, readLocators } from "./dictionary-locators.ts";
import { allowedFormats, defaultFormatName, findFormat, type OutputFormat } from "./formats.ts";
import { withoutScheme } from "../credentials.ts";
import { readVoiceSettings, speedRanges, voiceSettingsSchema } from "./messages.ts";
import { booleanParameter, textParameter } from "../query.ts";
import { planRequest } from "../request-plan.ts";
import { shorten } from "../short-text.ts";
import type { TimeBase } from "./wire-alignment.ts";

/** What an operator can choose about this dialect. */
export interface ElevenLabsSettings {
  readonly defaultModelId: string;
  /** The voice that speaks when a request names one that does not exist. */
  readonly fallbackVoice: string | undefined;
  readonly alignmentBase: "auto" | TimeBase;
  /** Contexts that may speak at the same time on one socket, in the profile `kind`. */
  readonly maxContexts: number;
  /** How long contexts may still be finished after `close_socket`. */
  readonly closeGraceMs: number;
  /** Whether there is a history. */
  readonly keepsHistory: boolean;
}

/**
 * Largest piece of coded audio in a frame or line: in base64, with its alignment, under 64 KiB.
 * The alignment of a whole utterance needs more room than that of the piece itself.
 */
export const maxFrameBytes = { utterance: 36_000, frame: 44_000 } as const;

/** The key in the headers. A token opens sockets only: over HTTP it could make more of its kind. */
export function readHeaderCredential(head: RequestHead): Credential | undefined {
  const key = head.header("xi-api-key") || head.header("authorization");
  return key ? { kind: "key", value: withoutScheme(key) } : undefined;
}

const textOrNull = z.string().nullish();

const speechBodySchema = z.looseObject({
  text: z.string(),
  model_id: textOrNull,
  language_code: textOrNull,
  voice_settings: voiceSettingsSchema.nullish(),
  seed: z
    .number()
    .min(0)
    .max(4_294_967_295)
    .refine(Number.isInteger, "expected a whole number")
    .nullish(),
  previous_text: textOrNull,
  next_text: textOrNull,
  apply_text_normalization: z.enum(textNormalizations).nullish(),
  pronunciation_dictionary_locators: locatorsSchema.nullish(),
});

type SpeechBody = z.infer<typeof speechBodySchema>;

/** What an HTTP request asks to be spoken. */
export type SpeechOrder = Pick<SpeechAnswer, "plan" | "text" | "dictionaries" | "headers"> & {
  readonly output: OutputFormat;
};

/** What requests are read with. */
export interface SpeechOrderParts {
  readonly catalogue: Catalogue;
  readonly settings: ElevenLabsSettings;
  readonly stores: Pick<Stores, "voiceSettings">;
}

/** Reads an HTTP synthesis request. @throws {SpeechError} what refuses it */
export async function readSpeechOrder(
  request: HttpRequest,
  delivery: "whole" | "stream",
  alignment: SessionPlan["alignment"],
  { catalogue, settings, stores }: SpeechOrderParts,
): Promise<SpeechOrder> {
  const { query } = request;
  const voice = findVoice(request, catalogue, settings);
  if (isProblem(voice)) throw SpeechError.of(voice);
  const body = readBody(speechBodySchema, request.body);
  const output = readFormat(query, delivery);
  const modelId = body.model_id ?? textParameter(query, "model_id");
  const model = findModel(modelId, catalogue, settings);
  refuseUnsupported(query, body, model);
  const length = countCharacters(body.text);
  if (body.text.trim() === "") throw new SpeechError("text_empty");
  if (length > model.maxTextChars) {
    const { id: modelId, maxTextChars: limit } = model;
    throw new SpeechError("text_too_long", { length, limit, modelId });
  }
  const stored = await findSettings(voice, stores.voiceSettings);
  const own = body.voice_settings;
  return {
    plan: planSpeech({
      voice,
      model,
      output,
      alignment,
      playback: delivery === "whole" ? "file" : "live",
      markup: "none",
      normalization: body.apply_text_normalization ?? "auto",
      retention: readRetention(query, settings),
      settings: own ? readVoiceSettings(own, speedRanges.http, stored) : stored,
    }),
    text: body.text,
    dictionaries: readLocators(body.pronunciation_dictionary_locators ?? []),
    headers: { "character-cost": String(costOf(length, model)) },
    output,
  };
}

/** What a client lets be kept, as far as anything is. */
export function readRetention(
  query: Query,
  { keepsHistory }: Pick<ElevenLabsSettings, "keepsHistory">,
): Retention {
  if (!booleanParameter(query, "enable_logging", true)) return "private";
  return keepsHistory ? "history" : "usage";
}

/** How a voice speaks when a request does not say. */
export async function findSettings(
  voice: Voice,
  store: VoiceSettingsStore,
): Promise<VoiceSettings> {
  return (await store.find(voice.id)) ?? neutralSettings;
}

/** The plan of a session that speaks one text, all of which is there. */
export function planSpeech({
  output,
  ...order
}: Pick<
  SessionPlan,
  | "voice"
  | "model"
  | "settings"
  | "markup"
  | "normalization"
  | "alignment"
  | "retention"
  | "playback"
> & {
  readonly output: OutputFormat;
}): SessionPlan {
  const { format } = output;
  return planRequest({ ...order, format, maxFrameBytes: maxFrameBytes[order.alignment] });
}

/** `eleven_v3` alone refuses some parameters that all the others take. */
function refuseUnsupported(query: Query, body: SpeechBody, model: Model): void {
  if (model.id !== "eleven_v3") return;
  const refused = [
    textParameter(query, "optimize_streaming_latency") && "optimize_streaming_latency",
    body.previous_text && "previous_text",
    body.next_text && "next_text",
  ].find(Boolean);
  if (refused) {
    throw new SpeechError("unsupported_parameter", { modelId: model.id, parameter: refused });
  }
}

export function readFormat(query: Query, delivery: "whole" | "stream"): OutputFormat {
  return findFormatNamed(textParameter(query, "output_format") ?? defaultFormatName, delivery);
}

/** @throws {SpeechError} invalid_output_format */
export function findFormatNamed(name: string, delivery: "whole" | "stream"): OutputFormat {
  const found = findFormat(name, delivery);
  if (found) return found;
  const allowed = allowedFormats(delivery).map((format) => format.name);
  throw new SpeechError("invalid_output_format", {
    format: shorten(name),
    allowed: `[${allowed.map((each) => `'${each}'`).join(", ")}]`,
  });
}

export function findModel(
  name: string | undefined,
  catalogue: Catalogue,
  settings: ElevenLabsSettings,
): Model {
  const modelId = name ?? settings.defaultModelId;
  const model = catalogue.findModel(modelId);
  if (!model) throw new SpeechError("model_not_found", { modelId: shorten(modelId) });
  return model;
}

export function findVoice(
  head: RequestHead,
  catalogue: Catalogue,
  settings: ElevenLabsSettings,
): SessionPlan["voice"] {
  const voiceId = head.params["voice_id"] ?? "";
  const voice =
    catalogue.findVoice(voiceId) ??
    (settings.fallbackVoice === undefined
      ? undefined
      : catalogue.findVoice(settings.fallbackVoice));
  return voice ?? voiceNotFound(voiceId, catalogue);
}

export function voiceNotFound(voiceId: string, catalogue: Catalogue): Problem {
  return missingVoice(shorten(voiceId), catalogue);
}
