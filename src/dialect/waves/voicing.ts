import { SpeechError } from "../../protocol/problems.ts";
import type { AudioFormat } from "../../protocol/audio-format.ts";
import type { DictionaryLocator } from "../../protocol/pronunciation.ts";
import {
  type Catalogue,
  neutralSettings,
  type Voice,
  type VoiceSettings,
} from "../../protocol/voice.ts";
import { clamp } from "../query.ts";
import { shorten } from "../short-text.ts";
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
}

/**
 * How a request on the route of the model `routed` wants to be spoken.
 * @throws {SpeechError} invalid_parameter, voice_not_found, model_not_found
 */
export function readVoicing(
  request: WireRequest,
  routed: WavesModel,
  { catalogue, settings }: WavesParts,
): Voicing {
  if (request.voice_id === undefined) throw missingMember("voice_id");
  const speaker = findSpeaker(request.voice_id, catalogue, settings.fallbackVoice);
  const model = request.model === undefined ? routed : findModel(request.model);
  const { min, max } = model.speedRange;
  const name = request.output_format ?? (request.add_wav_header ? "wav" : "pcm");
  const share = (value: number | undefined, fallback: number): number =>
    clamp(value ?? fallback, 0, 1);
  return {
    speaker,
    model,
    // The route decides, not the model that is named on it.
    format: formatOf(name, request.sample_rate ?? routed.defaultRateHz),
    voice: {
      ...neutralSettings,
      speed: clamp(request.speed ?? 1, min, max),
      stability: share(request.consistency, neutralSettings.stability),
      similarityBoost: share(request.similarity, neutralSettings.similarityBoost),
    },
    ...(request.pronunciation_dicts && {
      dictionaries: request.pronunciation_dicts
        .slice(0, maxDictionaries)
        .map((dictionaryId) => ({ dictionaryId, versionId: undefined })),
    }),
  };
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
  throw new SpeechError("voice_not_found", { voiceId: shorten(voiceId) });
}
