import type { Voice } from "../protocol/voice.ts";
import { slugOf, type VoiceFolder, voiceIdOf } from "./voice-folders.ts";

/** What a voice is called, whoever speaks it. */
export type VoiceIdentity = Pick<
  Voice,
  "id" | "slug" | "name" | "sex" | "language" | "description"
>;

/** How the voice of a folder is called: as its `voice.json` says, else as `usual`, else by the folder's name. */
export function identify(folder: VoiceFolder, usual: Partial<VoiceIdentity> = {}): VoiceIdentity {
  const { name, manifest } = folder;
  const slug = slugOf(name);
  return {
    id: voiceIdOf(slug),
    slug,
    name: manifest.name ?? name,
    sex: manifest.sex ?? usual.sex ?? "neutral",
    language: manifest.language ?? usual.language ?? "en-US",
    description: manifest.description ?? usual.description ?? "",
  };
}
