import { cp, mkdir, readdir, rename, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Clock } from "../clock.ts";
import { fliteVoices } from "../engine/flite/flite.ts";
import { checkModel } from "../engine/sherpa/check-model.ts";
import type { CheckedModel } from "../engine/sherpa/model.ts";
import { voicesOf } from "../engine/sherpa/voices.ts";
import {
  readVoiceFolder,
  readVoiceFolders,
  slugOf,
  type VoiceFolder,
} from "../engine/voice-folders.ts";
import type { VoiceFault } from "../protocol/engines.ts";
import type { Voice } from "../protocol/voice.ts";
import { type Download, download } from "./download.ts";
import type { OnProgress } from "./progress.ts";
import type { PublicVoice } from "./public-voices.ts";
import { archiveKindOf } from "./read-archive.ts";
import { findSource, nameOfSource, type Source } from "./source.ts";
import { withStaging } from "./staging.ts";
import { unpack } from "./unpack.ts";
import { VoiceError } from "./voice-error.ts";

/** What is to become a voice. */
export interface AddRequest {
  /** A folder, an archive, an `.onnx` with its `.onnx.json`, a `voice.json`, the address of one, or a known name. */
  readonly source: string;
  readonly voicesPath: string;
  /** Of the folder, and so of the voice; made from the source unless given. */
  readonly name?: string | undefined;
  /** Whether a voice that is called so may go. */
  readonly replace: boolean;
  /** What a download must be, in hexadecimal. */
  readonly sha256?: string | undefined;
}

/** What adding a voice needs besides. */
export interface AddingOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onProgress: OnProgress;
  /** Voices that are known by name, instead of the usual ones. */
  readonly catalogue?: readonly PublicVoice[];
}

/** What was added. */
export interface AddedVoice {
  readonly folder: VoiceFolder;
  /** Undefined for a voice that other servers speak. */
  readonly model: CheckedModel | undefined;
  /** Those that speak in a model. */
  readonly voices: readonly Voice[];
}

/**
 * Checks a voice without loading it and puts it among the others, in one step: if it fails,
 * nothing has changed. @throws {VoiceError}
 */
export async function addVoice(request: AddRequest, options: AddingOptions): Promise<AddedVoice> {
  const { voicesPath, replace } = request;
  const source = await findSource(request.source, options.catalogue);
  const name = request.name ?? nameOfSource(source);
  await requireFree(name, voicesPath, replace);
  return withStaging(voicesPath, async ({ workPath, voicePath, publish }) => {
    const content = join(workPath, "content");
    await mkdir(content);
    await fill(content, source, request.sha256, workPath, options);
    await rename(await findRoot(content), voicePath);
    if (source.kind === "public") await writeLicence(voicePath, source.voice);
    const found = await check(voicePath, name);
    if ("reason" in found) throw new VoiceError(`${name} cannot be added: ${found.reason}`);
    await requireFree(name, voicesPath, replace);
    options.signal.throwIfAborted();
    await publish(join(voicesPath, name));
    return found;
  });
}

/** Prefixes of voices that do not lie in folders. */
const builtIn = /^(?:flite|espeak)-/;

/** A name that can be asked for, and that no other voice has. */
async function requireFree(name: string, voicesPath: string, replace: boolean): Promise<void> {
  const slug = slugOf(name);
  if (!/^[\w][\w.-]{0,99}$/.test(name) || slug === "") {
    throw new VoiceError(
      "The name must be of letters, figures, hyphens, points and underscores, 100 at most: choose one with --name.",
    );
  }
  if (builtIn.test(slug) || fliteVoices.some((voice) => voice.slug === slug)) {
    throw new VoiceError(`${name} is the name of a voice that is built in: choose another --name.`);
  }
  const { folders, faults } = await readVoiceFolders(voicesPath);
  const names = [...folders, ...faults].map((folder) => folder.name);
  if (names.includes(name) && !replace) {
    throw new VoiceError(
      `There is a voice called ${name}: choose another --name, or --replace it.`,
    );
  }
  const other = names.find((each) => each !== name && slugOf(each) === slug);
  if (other === undefined) return;
  throw new VoiceError(`${other} could not be told apart from ${name}: choose another --name.`);
}

async function fill(
  content: string,
  source: Source,
  sha256: string | undefined,
  workPath: string,
  options: AddingOptions,
): Promise<void> {
  const hashes = sha256 === undefined ? [] : [sha256.toLowerCase()];
  const fetchTo = async (what: Download, name: string): Promise<void> => {
    const path = join(workPath, "download");
    await download(what, path, options);
    await take(path, name, content, options);
  };
  if (source.kind === "folder") {
    const filter = (path: string): boolean =>
      path === source.path || !basename(path).startsWith(".");
    await cp(source.path, content, { recursive: true, dereference: true, filter });
  } else if (source.kind === "file") {
    const { path } = source;
    await take(path, basename(path), content, options, true);
    if (path.endsWith(".onnx")) await copySettings(path, content);
  } else if (source.kind === "address") {
    const { url } = source;
    const name = nameOfFile(url);
    await fetchTo({ url: url.href, sha256: hashes }, name);
    if (name.endsWith(".onnx")) {
      const settings = new URL(url);
      settings.pathname += ".json";
      await fetchTo({ url: settings.href, sha256: [] }, `${name}.json`);
    }
  } else if (source.kind === "public") {
    const [archive, ...others] = source.voice.files;
    await fetchTo({ ...archive, sha256: hashes[0] ? hashes : archive.sha256 }, "");
    for (const other of others) {
      await download(other, join(await findRoot(content), nameOfFile(new URL(other.url))), options);
    }
  }
}

const nameOfFile = ({ pathname }: URL): string => basename(pathname).replaceAll(/[^\w.-]/g, "-");

/** Unpacks what is an archive; takes what is a part of a voice as it is. */
async function take(
  path: string,
  name: string,
  content: string,
  { signal, onProgress }: AddingOptions,
  isKept = false,
): Promise<void> {
  const kind = await archiveKindOf(path);
  if (kind !== undefined) {
    const report = (done: number, total: number): void => onProgress("unpacking", done, total);
    await unpack(path, kind, content, { signal, onProgress: report });
    return;
  }
  const target = name.endsWith(".onnx.json") || name.endsWith(".onnx") ? name : jsonName(name);
  if (target === undefined) {
    throw new VoiceError(
      `${name || "What was fetched"} is neither an archive (tar, tar.gz, tar.bz2, zip) nor an .onnx model nor a voice.json.`,
    );
  }
  if (isKept) await cp(path, join(content, target));
  else await rename(path, join(content, target));
}

const jsonName = (name: string): string | undefined =>
  name.endsWith(".json") ? "voice.json" : undefined;

async function copySettings(path: string, content: string): Promise<void> {
  const settings = `${path}.json`;
  await cp(settings, join(content, basename(settings))).catch(() => {
    throw new VoiceError(
      `${settings} is missing: a model of Piper needs its settings; others are added as a folder or archive.`,
    );
  });
}

/** Archives have a folder at their top that holds all the rest. */
async function findRoot(content: string): Promise<string> {
  const [only, ...others] = await readdir(content, { withFileTypes: true });
  if (!only?.isDirectory() || others.length > 0) return content;
  return findRoot(join(content, only.name));
}

async function writeLicence(path: string, { licence }: PublicVoice): Promise<void> {
  const manifest = join(path, "voice.json");
  // What the author says counts more.
  await writeFile(manifest, `${JSON.stringify({ licence }, null, 2)}\n`, { flag: "wx" }).catch(
    (error: unknown) => {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    },
  );
}

/** What a folder holds, under the name that it will have. */
async function check(path: string, name: string): Promise<AddedVoice | VoiceFault> {
  const folder = await readVoiceFolder(path, name);
  if ("reason" in folder) return folder;
  if (folder.manifest.engines) return { folder, model: undefined, voices: [] };
  const model = await checkModel(folder);
  return "reason" in model ? model : { folder, model, voices: voicesOf(folder, model) };
}
