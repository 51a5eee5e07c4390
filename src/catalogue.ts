import type { Catalogue, Model, Voice } from "./protocol/voice.ts";

const model = (
  id: string,
  name: string,
  maxTextChars: number,
  costPerChar: number,
  onSockets = true,
): Model => ({
  id,
  name,
  description: `Accepted for compatibility; the voice decides which engine speaks.`,
  maxTextChars,
  onSockets,
  costPerChar,
});

/** The vendor's model ids that clients send. All of them are spoken by the voice asked for. */
export const models: readonly Model[] = [
  model("eleven_multilingual_v2", "Eleven Multilingual v2", 10_000, 1),
  model("eleven_flash_v2_5", "Eleven Flash v2.5", 40_000, 0.5),
  model("eleven_flash_v2", "Eleven Flash v2", 30_000, 0.5),
  model("eleven_turbo_v2_5", "Eleven Turbo v2.5", 40_000, 0.5),
  model("eleven_turbo_v2", "Eleven Turbo v2", 30_000, 0.5),
  model("eleven_multilingual_v1", "Eleven Multilingual v1", 10_000, 1),
  model("eleven_monolingual_v1", "Eleven Monolingual v1", 10_000, 1),
  model("eleven_v3", "Eleven v3", 5000, 1, false),
];

/** Ids that frameworks and samples have built in, as voices of fitting sex. */
export const voiceAliases: Readonly<Record<string, string>> = {
  "21m00Tcm4TlvDq8ikWAM": "flite-slt",
  hpp4J3VqNfWAUOO0d1Us: "flite-slt",
  EXAVITQu4vr4xnSDxMaL: "flite-slt",
  Xb7hH8MSUJpSbSDYk0k2: "flite-slt",
  JBFqnCBsd6RMkjVDRZzb: "flite-rms",
  bIHbv24MWmeRgasZH58o: "flite-rms",
  pNInz6obpgDQGcFmaJgB: "flite-rms",
  // Those of Waves are names.
  meher: "flite-slt",
  sophia: "flite-slt",
  emily: "flite-slt",
  irisha: "flite-slt",
  maithili: "flite-slt",
  avery: "flite-slt",
  magnus: "flite-rms",
  devansh: "flite-rms",
  kartik: "flite-rms",
  liam: "flite-rms",
};

/** A catalogue whose voices can be replaced. */
export interface LiveCatalogue extends Catalogue {
  /** From now on there are these. */
  replaceVoices(voices: readonly Voice[]): void;
}

/** What a server with these voices can be asked for. */
export function createCatalogue(
  voices: readonly Voice[],
  aliases: Readonly<Record<string, string>> = voiceAliases,
): LiveCatalogue {
  const byId = new Map(models.map((each) => [each.id, each]));
  let current = nameVoices(voices, aliases);
  return {
    get voices() {
      return current.voices;
    },
    get aliases() {
      return current.aliases;
    },
    models,
    findVoice: (name) => current.byName.get(name.toLowerCase()),
    findModel: (id) => byId.get(id),
    replaceVoices(next) {
      current = nameVoices(next, aliases);
    },
  };
}

interface NamedVoices extends Pick<Catalogue, "voices" | "aliases"> {
  readonly byName: ReadonlyMap<string, Voice>;
}

/** Of several voices with the same name the first one has it. */
function nameVoices(
  voices: readonly Voice[],
  aliasesBySlug: Readonly<Record<string, string>>,
): NamedVoices {
  const byName = new Map<string, Voice>();
  const aliases: (readonly [alias: string, voice: Voice])[] = [];
  for (const voice of voices.toReversed()) {
    for (const name of [voice.id, voice.slug, voice.name]) byName.set(name.toLowerCase(), voice);
  }
  for (const [alias, slug] of Object.entries(aliasesBySlug)) {
    const voice = byName.get(slug);
    if (!voice) continue;
    byName.set(alias.toLowerCase(), voice);
    aliases.push([alias, voice]);
  }
  return { voices, aliases, byName };
}
