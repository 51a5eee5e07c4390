import { createHash } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { VoiceFault } from "../protocol/engines.ts";
import type { Voice } from "../protocol/voice.ts";
import { parseLanguageTag } from "./language-tag.ts";

/** Another server that speaks, as `voice.json` names it. */
export interface UpstreamManifest {
  readonly engine: "openai" | "elevenlabs";
  readonly url: string;
  readonly voice: string;
  readonly model?: string | undefined;
  /** The environment variable that holds the key: keys do not belong in files. */
  readonly key_env?: string | undefined;
  readonly sample_rate?: number | undefined;
}

/** What `voice.json` says of a voice; all of it may be left out where a model says it. */
export interface VoiceManifest {
  readonly name?: string | undefined;
  /** BCP 47. */
  readonly language?: string | undefined;
  readonly sex?: Voice["sex"] | undefined;
  readonly description?: string | undefined;
  readonly licence?: string | undefined;
  /** Who speaks: the first one, and when it fails the next; `voice` is one that is there already. */
  readonly engines?: readonly (UpstreamManifest | { readonly voice: string })[] | undefined;
}

const upstreamSchema: z.ZodType<UpstreamManifest> = z.strictObject({
  engine: z.enum(["openai", "elevenlabs"]),
  url: z.url({ protocol: /^(?:https?|wss?)$/ }),
  voice: z.string().min(1),
  model: z.string().min(1).optional(),
  key_env: z.string().min(1).optional(),
  sample_rate: z.int().min(8000).max(48_000).optional(),
});

const languageSchema = z.string().transform((name, context) => {
  const tag = parseLanguageTag(name);
  if (tag !== undefined) return tag;
  context.addIssue("write a language as in en, en-US or zh-Hant");
  return z.NEVER;
});

const manifestSchema: z.ZodType<VoiceManifest> = z.strictObject({
  name: z.string().min(1).max(100).optional(),
  language: languageSchema.optional(),
  sex: z.enum(["male", "female", "neutral"]).optional(),
  description: z.string().max(500).optional(),
  licence: z.string().max(200).optional(),
  engines: z
    .array(z.union([upstreamSchema, z.strictObject({ voice: z.string().min(1) })]))
    .min(1)
    .optional(),
});

/** One folder in `voices/` of the data folder. */
export interface VoiceFolder {
  /** The folder's own name, which the voice's slug is made from. */
  readonly name: string;
  readonly path: string;
  /** Names of what lies in it, folders with a slash at the end. */
  readonly files: readonly string[];
  readonly manifest: VoiceManifest;
}

/** What was found in `voices/`, in the order of the names. */
export interface VoiceFolders {
  readonly folders: readonly VoiceFolder[];
  readonly faults: readonly VoiceFault[];
}

/** Where the voices of a data folder lie. */
export const voicesPath = (dataDir: string): string => join(dataDir, "voices");

/** Reads all voice folders; none if there is no such place. Hidden ones are left alone. */
export async function readVoiceFolders(path: string): Promise<VoiceFolders> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
  const names = entries
    .filter((entry) => !entry.name.startsWith(".") && !entry.isFile())
    .map(({ name }) => name)
    .toSorted();
  const read = await Promise.all(names.map((name) => readVoiceFolder(join(path, name), name)));
  const found = read.map((each, index) =>
    "reason" in each ? each : withNameOfItsOwn(each, names.slice(0, index)),
  );
  return {
    folders: found.flatMap((each) => ("reason" in each ? [] : [each])),
    faults: found.flatMap((each) => ("reason" in each ? [each] : [])),
  };
}

/** Voices are asked for by slugs, so no two folders may have the same. */
function withNameOfItsOwn(
  folder: VoiceFolder,
  others: readonly string[],
): VoiceFolder | VoiceFault {
  const { name } = folder;
  const slug = slugOf(name);
  if (slug === "") return { name, reason: "Its name has no Latin letter or digit; rename it." };
  const other = others.find((each) => slugOf(each) === slug);
  if (other === undefined) return folder;
  return {
    name,
    reason: `Its voices would be called as those of ${other}; rename one of the two.`,
  };
}

/** Reads one voice folder, or says why it cannot be one. */
export async function readVoiceFolder(
  path: string,
  name: string,
): Promise<VoiceFolder | VoiceFault> {
  const names = await readdir(path).catch(() => undefined);
  if (!names) return { name, reason: "It is not a folder that can be read." };
  const found = await Promise.all(names.map((file) => nameOfFile(path, file)));
  const files = found.filter((file) => file !== undefined);
  const manifest = await readManifest(path, files);
  return typeof manifest === "string"
    ? { name, reason: manifest }
    : { name, path, files, manifest };
}

/** Files and folders only: who opened a pipe would wait for ever. */
async function nameOfFile(path: string, file: string): Promise<string | undefined> {
  const stats = await stat(join(path, file)).catch(() => undefined);
  if (stats?.isDirectory()) return `${file}/`;
  return stats?.isFile() ? file : undefined;
}

/** A manifest is small: what is larger is something else. */
const maxManifestBytes = 64 * 1024;

/** The manifest, empty without a file, or what is wrong with it. */
async function readManifest(
  path: string,
  files: readonly string[],
): Promise<VoiceManifest | string> {
  if (!files.includes("voice.json")) return {};
  const { size } = await stat(join(path, "voice.json"));
  if (size > maxManifestBytes) return "Its voice.json is larger than 64 KiB.";
  let json: unknown;
  try {
    json = JSON.parse(await readFile(join(path, "voice.json"), "utf8"));
  } catch {
    return "Its voice.json is not JSON that can be read.";
  }
  const read = manifestSchema.safeParse(json);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const where = issue?.path.join(".") || "the top";
  return `Its voice.json is not as it must be at ${where}: ${issue?.message ?? "unreadable"}.`;
}

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** The id of a voice that has none of its own: always the same for a slug. */
export function voiceIdOf(slug: string): Voice["id"] {
  const digest = createHash("sha256").update(`syrinx voice ${slug}`).digest();
  return Array.from(digest.subarray(0, 20), (byte) => alphabet[byte % alphabet.length]).join("");
}

/** A name as it stands in slugs: lower case, with hyphens. */
export function slugOf(...names: readonly string[]): string {
  return names
    .join("-")
    .normalize("NFKD")
    .toLowerCase()
    .replaceAll(/[^a-z\d]+/g, "-")
    .replaceAll(/^-+|-+$/g, "");
}
