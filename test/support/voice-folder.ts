import type {
  UpstreamManifest,
  VoiceFolder,
  VoiceManifest,
} from "../../src/engine/voice-folders.ts";

/** A folder with nothing in it but a `voice.json` that says this. */
export function voiceFolder(name: string, manifest: VoiceManifest): VoiceFolder {
  return { name, path: `/nowhere/${name}`, files: ["voice.json"], manifest };
}

/** A voice of another server. */
export function upstream(
  engine: UpstreamManifest["engine"],
  url: string,
  more: Partial<UpstreamManifest> = {},
): UpstreamManifest {
  return { engine, url, voice: "tone", ...more };
}
