import { randomBytes } from "node:crypto";
import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { checkModel } from "../engine/sherpa/check-model.ts";
import { voicesOf } from "../engine/sherpa/voices.ts";
import { readVoiceFolders, slugOf, voiceIdOf, type VoiceFolder } from "../engine/voice-folders.ts";
import { explainWrite, VoiceError } from "./voice-error.ts";

/** What was removed. */
export interface RemovedVoice {
  /** The folder's name. */
  readonly name: string;
  /** Slugs of the voices that have gone with it; none if it could not be used. */
  readonly slugs: readonly string[];
}

/** Removes the folder of a voice, named by itself or by one that speaks in it. @throws {VoiceError} */
export async function removeVoice(wanted: string, voicesPath: string): Promise<RemovedVoice> {
  const { folders, faults } = await readVoiceFolders(voicesPath);
  const readable = await Promise.all(
    folders.map(async (folder) => ({ name: folder.name, slugs: await slugsOf(folder) })),
  );
  const all = [...readable, ...faults.map(({ name }) => ({ name, slugs: [] }))];
  const key = wanted.toLowerCase();
  const isMeant = (slug: string): boolean => slug === key || voiceIdOf(slug) === wanted;
  const found =
    all.find(({ name }) => name === wanted) ?? all.find(({ slugs }) => slugs.some(isMeant));
  if (!found) {
    throw new VoiceError(
      `There is no voice called ${wanted} in ${voicesPath}: see syrinx voices list; only those in folders can be removed.`,
    );
  }
  const path = join(voicesPath, found.name);
  // What a server reads at this moment is the whole folder or none.
  const hidden = join(voicesPath, `.adding-removed-${randomBytes(6).toString("hex")}`);
  try {
    await rename(path, hidden);
    await rm(hidden, { recursive: true, force: true });
  } catch (error) {
    throw explainWrite(error, voicesPath) ?? error;
  }
  return found;
}

async function slugsOf(folder: VoiceFolder): Promise<string[]> {
  if (folder.manifest.engines) return [slugOf(folder.name)];
  const model = await checkModel(folder);
  return "reason" in model ? [] : voicesOf(folder, model).map(({ slug }) => slug);
}
