import { z } from "zod";
import { wakefulClock } from "../clock.ts";
import { createDirectory } from "../engine/directory.ts";
import { readVoiceFolders, voicesPath } from "../engine/voice-folders.ts";
import type { Engine } from "../engine/synthesizer.ts";
import { createEngines } from "../engines.ts";
import type { VoiceFault } from "../protocol/engines.ts";
import type { Voice } from "../protocol/voice.ts";
import { readSettings, type Settings } from "../settings.ts";
import { CommandError } from "./errors.ts";
import { openServer } from "./server-api.ts";
import { readConfigFile } from "./serve.ts";

/** A voice as commands show it; a server does not tell all of it. */
export type ListedVoice = Omit<Voice, "sampleRateHz" | "heeds"> &
  Partial<Pick<Voice, "sampleRateHz" | "heeds">>;

/** Settings for commands that run no server: from the environment, the file and `--data-dir`. */
export async function readVoiceSettings(dataDir: string | undefined): Promise<Settings> {
  const flags = dataDir === undefined ? {} : { dataDir };
  return readSettings({ file: await readConfigFile(undefined), env: process.env, flags });
}

/** What lies in voice folders and those of all engines that are here. */
export interface KnownVoices {
  readonly voices: readonly Voice[];
  readonly faults: readonly VoiceFault[];
}

/** Lets `work` have all engines; nothing is loaded until it is spoken with. */
export async function withEngines<Result>(
  settings: Settings,
  work: (engines: readonly Engine[], known: KnownVoices) => Promise<Result>,
): Promise<Result> {
  const parts = { clock: wakefulClock, threads: 1, env: process.env };
  const engines = await createEngines(settings, parts);
  try {
    let voices: readonly Voice[] = [];
    const directory = createDirectory(
      engines,
      (after) => (voices = after),
      () => readVoiceFolders(voicesPath(settings.dataDir)),
    );
    const { faults } = await directory.refresh();
    return await work(engines, { voices, faults });
  } finally {
    await Promise.all(engines.map((engine) => engine.close()));
  }
}

/** As far as a server tells it. */
const voicesSchema = z.object({
  voices: z.array(
    z.object({
      voice_id: z.string(),
      name: z.string(),
      description: z.string().nullish(),
      labels: z.record(z.string(), z.string()).default({}),
    }),
  ),
});

/** The voices of a running server. */
export async function readServerVoices(server: string): Promise<readonly ListedVoice[]> {
  const response = await openServer(server).request("GET", "/v1/voices");
  const read = voicesSchema.safeParse(await response.json().catch(() => undefined));
  if (!read.success) throw new CommandError(`What answers at ${server} is no server with voices.`);
  return read.data.voices.map(({ voice_id, name, description, labels }) => ({
    id: voice_id,
    slug: labels["slug"] ?? voice_id,
    name,
    engine: labels["engine"] ?? "",
    sex:
      labels["gender"] === "male" || labels["gender"] === "female" ? labels["gender"] : "neutral",
    language: labels["accent"] ?? labels["language"] ?? "und",
    description: description ?? "",
    ...(labels["licence"] !== undefined && { licence: labels["licence"] }),
    timings: labels["timings"] === "exact" ? "exact" : "estimated",
  }));
}

/** By id, slug or name, case aside, as requests name voices. */
export function findVoice<Listed extends ListedVoice>(
  voices: readonly Listed[],
  wanted: string,
): Listed {
  const key = wanted.toLowerCase();
  const found = voices.find(({ id, slug, name }) =>
    [id, slug, name].some((each) => each.toLowerCase() === key),
  );
  if (found) return found;
  throw new CommandError(`There is no voice called ${wanted}: see syrinx voices list.`);
}
