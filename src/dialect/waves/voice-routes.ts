import type { HttpRoute } from "../../protocol/dialect.ts";
import type { Voice } from "../../protocol/voice.ts";
import type { WavesParts } from "./parts.ts";

/** The voices, as clients list them: by the names they have built in, and by the voices' own. */
export function voiceRoutes({ catalogue: { voices, aliases } }: WavesParts): HttpRoute[] {
  const named = aliases.filter(([alias]) => isName(alias));
  const all: readonly (readonly [id: string, voice: Voice])[] = [
    ...named,
    ...voices.map((voice) => [voice.slug, voice] as const),
  ];
  return [
    {
      method: "GET",
      path: "/v1/:model/get_voices",
      // Every voice speaks with every model.
      answer: () =>
        Promise.resolve({
          type: "json",
          body: { voices: all.map(([id, voice]) => formatVoice(id, voice)) },
        }),
    },
    {
      method: "GET",
      path: "/v1/voice/get-all-models",
      // Only cloned voices are listed there, and there are none.
      answer: () => Promise.resolve({ type: "json", body: { voices: [] } }),
    },
  ];
}

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
