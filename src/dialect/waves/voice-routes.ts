import type { HttpRoute } from "../../protocol/dialect.ts";
import { SpeechError } from "../../protocol/problems.ts";
import type { Voice } from "../../protocol/voice.ts";
import type { WavesParts } from "./parts.ts";

/** The voices, as clients list them: by the names they have built in, and by the voices' own. */
export function voiceRoutes({ catalogue }: WavesParts): HttpRoute[] {
  const list = (): readonly (readonly [id: string, voice: Voice])[] => [
    ...catalogue.aliases.filter(([alias]) => isName(alias)),
    ...catalogue.voices.map((voice) => [voice.slug, voice] as const),
  ];
  return [
    {
      method: "GET",
      path: "/v1/:model/get_voices",
      scope: "voices:read",
      // Every voice speaks with every model.
      answer: () =>
        Promise.resolve({
          type: "json",
          body: { voices: list().map(([id, voice]) => formatVoice(id, voice)) },
        }),
    },
    ...clonedVoicesPaths.map(
      (path): HttpRoute => ({
        method: "GET",
        path,
        scope: "voices:read",
        answer: () => Promise.resolve({ type: "json", body: { voices: [] } }),
      }),
    ),
    ...cloning.map(
      ([method, path, action]): HttpRoute => ({
        method,
        path,
        scope: "voices:write",
        takes: "nothing",
        answer() {
          const reason = "its voices are part of its engines";
          throw new SpeechError("not_supported", { action, reason });
        },
      }),
    ),
  ];
}

/** Where cloned voices would be listed, of which there are none. */
const clonedVoicesPaths = [
  "/v1/voice/get-all-models",
  "/v1/voice-cloning",
  "/v1/lightning-large/get_cloned_voices",
] as const;

/** What the vendor does and this server does not. */
const cloning: readonly (readonly [HttpRoute["method"], path: string, action: string])[] = [
  ["POST", "/v1/voice-cloning", "clone a voice"],
  ["POST", "/v1/lightning-large/add_voice", "clone a voice"],
  ["DELETE", "/v1/lightning-large", "delete a voice"],
];

/** Ids of this protocol are first names; those of others are not worth showing. */
const isName = (alias: string): boolean => /^[a-z]+$/.test(alias);

const languageNames = new Intl.DisplayNames(["en"], { type: "language", fallback: "code" });
const regionNames = new Intl.DisplayNames(["en"], { type: "region", fallback: "code" });

function formatVoice(voiceId: string, { sex, language }: Voice): object {
  const { language: code, region } = new Intl.Locale(language);
  return {
    voiceId,
    displayName: voiceId.charAt(0).toUpperCase() + voiceId.slice(1),
    tags: {
      language: [languageNames.of(code)?.toLowerCase() ?? code],
      accent: (region && regionNames.of(region)?.toLowerCase()) ?? "",
      gender: sex,
      age: "",
      emotions: [],
      usecases: ["conversational"],
    },
  };
}
