import { createWriteStream } from "node:fs";
import { mkdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type ArchiveEntry, placeOf } from "./archive-entry.ts";
import { type ArchiveKind, readArchive } from "./read-archive.ts";
import { codeOf, VoiceError } from "./voice-error.ts";

/** How an archive is unpacked. */
export interface UnpackingOptions {
  readonly signal: AbortSignal;
  readonly onProgress: (doneBytes: number, totalBytes: number) => void;
}

/** Models hardly shrink when they are packed: what grows more than this was made to do harm. */
const maxGrowth = 20;
const alwaysAllowedBytes = 64 * 1024 * 1024;
const maxEntries = 20_000;

/**
 * Unpacks an archive into a folder that is there and empty: files and folders, with nothing of
 * their modes or owners. @throws {VoiceError} when it is not whole, too big or meant to do harm;
 * what was unpacked by then is left to the caller
 */
export async function unpack(
  path: string,
  kind: ArchiveKind,
  into: string,
  { signal, onProgress }: UnpackingOptions,
): Promise<void> {
  const { size } = await stat(path);
  const maxBytes = alwaysAllowedBytes + maxGrowth * size;
  const allow = (bytes: number): void => {
    if (bytes > maxBytes) throw new VoiceError(tooBig);
  };
  let unpackedBytes = 0;
  const take = (bytes: number): void => allow((unpackedBytes += bytes));
  const onRead = (bytes: number): void => onProgress(bytes, size);
  let entries = 0;
  let declaredBytes = 0;
  try {
    for await (const entry of readArchive(path, kind, { take, onRead, signal })) {
      signal.throwIfAborted();
      allow((declaredBytes += entry.sizeBytes));
      if ((entries += 1) > maxEntries) throw new VoiceError(tooBig);
      await place(entry, into, signal);
      if (kind === "zip") onProgress(Math.min(size, declaredBytes), size);
    }
  } catch (error) {
    signal.throwIfAborted();
    throw explain(error, kind);
  }
  if (entries === 0) throw new VoiceError("The archive is empty: get it again.");
}

const tooBig =
  "The archive would unpack to far more than a model is. Nothing of it was added: get it from somewhere else.";

async function place(entry: ArchiveEntry, into: string, signal: AbortSignal): Promise<void> {
  const parts = placeOf(entry);
  if (!parts) return;
  const target = join(into, ...parts);
  if (entry.kind === "folder") {
    await mkdir(target, { recursive: true });
    return;
  }
  await mkdir(dirname(target), { recursive: true });
  const file = createWriteStream(target, { mode: 0o644 });
  await pipeline(Readable.from(entry.content()), file, { signal });
  if (file.bytesWritten !== entry.sizeBytes) throw new Error("an entry is not whole");
}

/** Failed writes are the caller's; all else lies in the archive. */
function explain(error: unknown, kind: ArchiveKind): unknown {
  if (error instanceof VoiceError || writeFailures.has(codeOf(error) ?? "")) return error;
  if (/encrypt/.test(String(error))) {
    return new VoiceError("The archive is encrypted: unpack it yourself and add the folder.");
  }
  return new VoiceError(`The ${kind} archive is damaged or not whole: get it again.`);
}

const writeFailures: ReadonlySet<string> = new Set([
  ...["ENOSPC", "EDQUOT", "EACCES", "EPERM", "EROFS", "EMFILE", "EIO", "ENAMETOOLONG"],
]);
