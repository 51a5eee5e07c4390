import type { HttpRequest, HttpRoute, JsonAnswer } from "../../protocol/dialect.ts";
import { SpeechError } from "../../protocol/problems.ts";
import { type Catalogue, neutralSettings, type Voice } from "../../protocol/voice.ts";
import { readBody } from "./body.ts";
import { formatModel, formatVoice, formatVoiceSettings } from "./catalogue-json.ts";
import { readVoiceSettings, speedRanges, voiceSettingsSchema } from "./messages.ts";
import type { ElevenLabsParts, ScopelessRoute } from "./parts.ts";
import { booleanParameter } from "../query.ts";
import { findSettings, voiceNotFound } from "./speech-request.ts";
import { searchVoices } from "./voice-search.ts";

/** A route that answers with JSON. */
export function jsonRoute(
  method: HttpRoute["method"],
  path: string,
  answer: (request: HttpRequest) => unknown,
): ScopelessRoute {
  return {
    method,
    path,
    answer: async (request): Promise<JsonAnswer> => ({ type: "json", body: await answer(request) }),
  };
}

/** The voice that a path names. @throws {SpeechError} voice_not_found */
export function findNamedVoice({ params }: HttpRequest, catalogue: Catalogue): Voice {
  const voiceId = params["voice_id"] ?? "";
  const voice = catalogue.findVoice(voiceId);
  if (voice) return voice;
  const { code, details } = voiceNotFound(voiceId, catalogue);
  throw new SpeechError(code, details);
}

/** Voices with their settings, and models. */
export function voiceRoutes({ catalogue, stores }: ElevenLabsParts): ScopelessRoute[] {
  const { models } = catalogue;
  const settingsOf = (voice: Voice) => findSettings(voice, stores.voiceSettings);
  const format = async (voice: Voice): Promise<unknown> =>
    formatVoice(voice, models, await settingsOf(voice));
  const formatAll = (voices: readonly Voice[]) => Promise.all(voices.map(format));

  return [
    jsonRoute("GET", "/v1/models", () => models.map(formatModel)),
    jsonRoute("GET", "/v1/voices", async ({ query }) => {
      // There are no legacy voices to be shown or not.
      booleanParameter(query, "show_legacy", false);
      return { voices: await formatAll(catalogue.voices) };
    }),
    jsonRoute("GET", "/v2/voices", async ({ query }) => {
      const page = searchVoices(catalogue.voices, query);
      return {
        voices: await formatAll(page.voices),
        has_more: page.hasMore,
        total_count: page.totalCount,
        next_page_token: page.nextPageToken ?? null,
      };
    }),
    jsonRoute("GET", "/v1/voices/:voice_id", async (request) => {
      const voice = findNamedVoice(request, catalogue);
      const withSettings = booleanParameter(request.query, "with_settings", true);
      return withSettings ? format(voice) : formatVoice(voice, models, undefined);
    }),
    jsonRoute("GET", "/v1/voices/settings/default", () => formatVoiceSettings(neutralSettings)),
    jsonRoute("GET", "/v1/voices/:voice_id/settings", async (request) =>
      formatVoiceSettings(await settingsOf(findNamedVoice(request, catalogue))),
    ),
    jsonRoute("POST", "/v1/voices/:voice_id/settings/edit", async (request) => {
      const voice = findNamedVoice(request, catalogue);
      const wire = readBody(voiceSettingsSchema, request.body);
      const settings = readVoiceSettings(wire, speedRanges.http, await settingsOf(voice));
      await stores.voiceSettings.save(voice.id, settings);
      return { status: "ok" };
    }),
  ];
}
