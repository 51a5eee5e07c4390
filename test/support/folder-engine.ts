import { expect } from "vitest";
import { createFolderEngines, type FolderEngineOptions } from "../../src/engine/folder-engines.ts";
import type { Engine } from "../../src/engine/synthesizer.ts";
import type { VoiceManifest } from "../../src/engine/voice-folders.ts";
import { voiceFolder } from "./voice-folder.ts";

/** The engine that speaks a `voice.json`, which has to be without fault. */
export async function engineOf(
  manifest: VoiceManifest,
  options: Omit<FolderEngineOptions, "engines" | "env"> & Partial<FolderEngineOptions>,
): Promise<Engine> {
  const engines = createFolderEngines({ env: {}, engines: [], ...options });
  const found = { folders: [voiceFolder("other", manifest)], faults: [] };
  for (const engine of engines) expect(await engine.refresh?.(found)).toEqual([]);
  const engine = engines.find(({ voices }) => voices.length > 0);
  if (!engine) throw new Error("no engine speaks this");
  return engine;
}
