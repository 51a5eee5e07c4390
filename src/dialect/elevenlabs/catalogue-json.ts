import type { Model, Voice, VoiceSettings } from "../../protocol/voice.ts";
import { heededNames } from "../heeded-settings.ts";
import { settingNames } from "./messages.ts";

/** Every voice there is came with its engine. */
export const voiceCategory = "premade";

/** A voice as `/v1/voices` shows it, with every member some client cannot do without. */
export function formatVoice(
  voice: Voice,
  models: readonly Model[],
  settings: VoiceSettings | undefined,
): unknown {
  return {
    voice_id: voice.id,
    name: voice.name,
    samples: null,
    category: voiceCategory,
    fine_tuning: null,
    labels: labelsOf(voice),
    description: voice.description,
    preview_url: null,
    available_for_tiers: [],
    settings: settings ? formatVoiceSettings(settings) : null,
    sharing: null,
    high_quality_base_model_ids: models.map(({ id }) => id),
    safety_control: null,
    voice_verification: null,
    permission_on_resource: null,
    is_owner: false,
    is_legacy: false,
    is_mixed: false,
    created_at_unix: null,
  };
}

/** What a voice can be found by. */
export function labelsOf(voice: Voice): Readonly<Record<string, string>> {
  const [language = voice.language] = voice.language.split("-");
  return {
    language,
    accent: voice.language,
    gender: voice.sex,
    engine: voice.engine,
    slug: voice.slug,
    timings: voice.timings,
    ...(voice.licence !== undefined && { licence: voice.licence }),
    settings: heededNames(voice, settingNames).join(","),
  };
}

/** `VoiceSettings` on the wire. */
export function formatVoiceSettings(settings: VoiceSettings): Readonly<Record<string, unknown>> {
  return {
    stability: settings.stability,
    use_speaker_boost: settings.useSpeakerBoost,
    similarity_boost: settings.similarityBoost,
    style: settings.style,
    speed: settings.speed,
  };
}

/** A model as `/v1/models` shows it. */
export function formatModel(model: Model): unknown {
  return {
    model_id: model.id,
    name: model.name,
    can_be_finetuned: false,
    can_do_text_to_speech: true,
    can_do_voice_conversion: false,
    can_use_style: false,
    can_use_speaker_boost: false,
    serves_pro_voices: false,
    token_cost_factor: model.costPerChar,
    description: model.description,
    requires_alpha_access: false,
    max_characters_request_free_user: model.maxTextChars,
    max_characters_request_subscribed_user: model.maxTextChars,
    maximum_text_length_per_request: model.maxTextChars,
    languages: [{ language_id: "en", name: "English" }],
    model_rates: { character_cost_multiplier: model.costPerChar },
    concurrency_group: model.costPerChar < 1 ? "turbo" : "standard",
  };
}
