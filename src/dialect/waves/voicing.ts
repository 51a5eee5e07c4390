import { missingVoice } from "../../protocol/optional-engines.ts";
import { SpeechError } from "../../protocol/problems.ts";
import type { AudioFormat } from "../../protocol/audio-format.ts";
import type { DictionaryLocator } from "../../protocol/pronunciation.ts";
import {
  type Catalogue,
  neutralSettings,
  type Voice,
  type VoiceSettings,
} from "../../protocol/voice.ts";
import type { Warning } from "../../protocol/warnings.ts";
import { ignoredSettings, type SettingNames } from "../heeded-settings.ts";
import { clamp } from "../query.ts";
import { shorten } from "../short-text.ts";
import { voiceWarnings } from "../voice-warnings.ts";
import { formatOf } from "./formats.ts";
import { missingMember, type WireRequest } from "./messages.ts";
import { findModel, type WavesModel } from "./models.ts";
import type { WavesParts } from "./parts.ts";

/** How a request wants to be spoken. */
export interface Voicing {
  readonly speaker: Voice;
  readonly model: WavesModel;
  readonly format: AudioFormat;
  readonly voice: VoiceSettings;
  readonly dictionaries?: readonly DictionaryLocator[];
  /** What of the request is not done as it asks. */
  readonly warnings: readonly Warning[];
}

/**
 * How a request on the route of the model `routed` wants to be spoken.
 * @throws {SpeechError} invalid_parameter, voice_not_found, engine_not_installed, model_not_found, model_retired
 */
export function readVoicing(
  request: WireRequest,
  routed: WavesModel,
  { catalogue, settings }: WavesParts,
): Voicing {
  const { voice_id: voiceId, pronunciation_dicts: dictionaries } = request;
  if (voiceId === undefined) throw missingMember("voice_id");
  const speaker = findSpeaker(voiceId, catalogue, settings.fallbackVoice);
  const model = request.model === undefined ? routed : findModel(request.model, settings);
  const name = request.output_format ?? (request.add_wav_header ? "wav" : "pcm");
  const voice = readSettings(request, model);
  // A client that leaves the language to the server has got what it asked for.
  const language = request.language === "auto" ? undefined : request.language;
  return {
    speaker,
    model,
    // The route decides, not the model that is named on it.
    format: formatOf(name, request.sample_rate ?? routed.defaultRateHz),
    voice,
    ...(dictionaries && {
      dictionaries: dictionaries
        .slice(0, maxDictionaries)
        .map((dictionaryId) => ({ dictionaryId, versionId: undefined })),
    }),
    warnings: [
      ...voiceWarnings(speaker, { voiceId, language }, catalogue),
      ...clampedSettings(request, voice),
      ...ignoredSettings(speaker, askedOf(request), vendorSettings, settingNames),
    ],
  };
}

/** The settings besides speed, by their names on the wire. */
export const settingNames: SettingNames = {
  stability: "consistency",
  similarityBoost: "similarity",
};

/** What the vendor documents as what everybody gets who does not ask for it. */
const vendorSettings: Partial<VoiceSettings> = { stability: 0.5, similarityBoost: 0 };

const askedOf = ({ consistency, similarity }: WireRequest): Partial<VoiceSettings> => ({
  ...(consistency !== undefined && { stability: consistency }),
  ...(similarity !== undefined && { similarityBoost: clamp(similarity, 0, 1) }),
});

function readSettings(
  { speed = 1, consistency, similarity }: WireRequest,
  { speedRange: { min, max } }: WavesModel,
): VoiceSettings {
  const { stability, similarityBoost } = neutralSettings;
  return {
    ...neutralSettings,
    speed: clamp(speed, min, max),
    stability: clamp(consistency ?? stability, 0, 1),
    similarityBoost: clamp(similarity ?? similarityBoost, 0, 1),
  };
}

function clampedSettings(request: WireRequest, voice: VoiceSettings): Warning[] {
  const count = request.pronunciation_dicts?.length;
  const pairs: readonly (readonly [name: string, given: number | undefined, taken: number])[] = [
    ["speed", request.speed, voice.speed],
    ["consistency", request.consistency, voice.stability],
    ["similarity", request.similarity, voice.similarityBoost],
    ["pronunciation_dicts", count, Math.min(count ?? 0, maxDictionaries)],
  ];
  return pairs
    .filter(([, given, taken]) => given !== undefined && given !== taken)
    .map(([name, , taken]) => ({ code: "value_clamped", details: { name, value: String(taken) } }));
}

const maxDictionaries = 3;

function findSpeaker(
  voiceId: string,
  catalogue: Catalogue,
  fallbackVoice: string | undefined,
): Voice {
  const voice =
    catalogue.findVoice(voiceId) ??
    (fallbackVoice === undefined ? undefined : catalogue.findVoice(fallbackVoice));
  if (voice) return voice;
  const { code, details } = missingVoice(shorten(voiceId), catalogue);
  throw new SpeechError(code, details);
}
