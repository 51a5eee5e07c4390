import type { Model, Voice } from "../../protocol/voice.ts";
import { clamp } from "./query.ts";

const defaultSettings = {
  stability: 0.5,
  use_speaker_boost: true,
  similarity_boost: 0.75,
  style: 0,
  speed: 1,
} as const;

/** A voice as `/v1/voices` shows it, with every member some client cannot do without. */
export function formatVoice(
  voice: Voice,
  models: readonly Model[],
  withSettings: boolean,
): unknown {
  const [language = voice.language] = voice.language.split("-");
  return {
    voice_id: voice.id,
    name: voice.name,
    samples: null,
    category: "premade",
    fine_tuning: null,
    labels: {
      language,
      accent: voice.language,
      gender: voice.sex,
      engine: voice.engine,
      slug: voice.slug,
    },
    description: voice.description,
    preview_url: null,
    available_for_tiers: [],
    settings: withSettings ? defaultSettings : null,
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

/** What `GET /v2/voices` can be asked for. */
export interface VoicePage {
  readonly search: string | undefined;
  readonly voiceIds: readonly string[];
  readonly sort: string | undefined;
  readonly descending: boolean;
  readonly category: string | undefined;
  readonly pageSize: number;
  readonly pageToken: string | undefined;
  readonly withTotalCount: boolean;
}

/** One page of voices. The token of the next page is the id of the last voice of this one. */
export function formatVoicePage(
  voices: readonly Voice[],
  models: readonly Model[],
  page: VoicePage,
): unknown {
  const words = page.search?.toLowerCase();
  const found = voices.filter(
    ({ id, name, slug, description }) =>
      (page.voiceIds.length === 0 || page.voiceIds.includes(id)) &&
      (page.category === undefined || page.category === "premade") &&
      (!words || `${name} ${slug} ${description}`.toLowerCase().includes(words)),
  );
  if (page.sort === "name") found.sort((a, b) => a.name.localeCompare(b.name));
  if (page.descending) found.reverse();
  const from = found.findIndex(({ id }) => id === page.pageToken) + 1;
  const shown = found.slice(from, from + clamp(page.pageSize, 1, 100));
  const hasMore = from + shown.length < found.length;
  return {
    voices: shown.map((voice) => formatVoice(voice, models, true)),
    has_more: hasMore,
    total_count: page.withTotalCount ? found.length : 0,
    next_page_token: hasMore ? (shown.at(-1)?.id ?? null) : null,
  };
}
