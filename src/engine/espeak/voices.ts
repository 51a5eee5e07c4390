import type { Voice } from "../../protocol/voice.ts";
import { slugOf, voiceIdOf } from "../voice-folders.ts";
import type { ListedVoice } from "./job.ts";
import { sampleRateHz } from "./program.ts";

/** Tags of the package that mean something else, or nothing, as BCP 47 tags. */
const tags: Readonly<Record<string, string>> = {
  "ca-ba": "ca-x-balear",
  "ca-nw": "ca-x-nw",
  "ca-va": "ca-valencia",
  "chr-US-Qaaa-x-west": "chr-Qaaa-US-x-west",
  "en-gb-scotland": "en-GB-scotland",
  "en-us-nyc": "en-US-x-nyc",
  piqd: "tlh-Piqd",
  py: "art-x-pyash",
  "ru-cl": "ru-x-classic",
  xex: "art-x-xextan",
};

/** A voice of the package, by the tag the package has for its language: `espeak-en-us`. */
export function voiceOf({ name, identifier, language: listed, gender }: ListedVoice): Voice {
  const file = identifier.slice(identifier.lastIndexOf("/") + 1);
  // Voices of one language in two scripts are listed with the same tag.
  const language = file.split("-").length > listed.split("-").length ? file : listed;
  const slug = slugOf("espeak", language);
  return {
    id: voiceIdOf(slug),
    slug,
    name: `eSpeak ${name}`,
    engine: "espeak",
    sex: gender === 2 ? "female" : gender === 1 ? "male" : "neutral",
    language: canonical(tags[language] ?? language),
    description: "Clear and robotic, at once.",
    sampleRateHz,
    timings: "exact",
    heeds: [],
  };
}

/** The spelling that BCP 47 recommends; a tag that is none is undetermined. */
function canonical(tag: string): string {
  try {
    return Intl.getCanonicalLocales(tag)[0] ?? "und";
  } catch {
    return "und";
  }
}
