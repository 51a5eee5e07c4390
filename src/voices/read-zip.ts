import { type Entry, getFileNameLowLevel, openPromise, type ZipFile } from "yauzl";
import type { ArchiveEntry } from "./archive-entry.ts";

/** The entries of a zip archive in the order of its list. @throws {Error} for what is no archive, or not whole */
export async function* readZip(path: string): AsyncGenerator<ArchiveEntry> {
  // Names are judged by who unpacks, in one way for all archives.
  const archive = await openPromise(path, { decodeStrings: false, lazyEntries: true });
  for await (const entry of archive.eachEntry()) {
    const { generalPurposeBitFlag, fileNameRaw, extraFields } = entry;
    const name = getFileNameLowLevel(generalPurposeBitFlag, fileNameRaw, extraFields, true);
    yield {
      name,
      kind: kindOf(entry, name),
      sizeBytes: entry.uncompressedSize,
      content: () => contentOf(archive, entry),
    };
  }
}

async function* contentOf(archive: ZipFile, entry: Entry): AsyncGenerator<Uint8Array> {
  yield* await archive.openReadStreamPromise(entry);
}

/** Made on Unix, an entry has the file's mode in the upper half of its attributes. */
function kindOf(
  { versionMadeBy, externalFileAttributes }: Entry,
  name: string,
): ArchiveEntry["kind"] {
  const type = versionMadeBy >>> 8 === unix ? (externalFileAttributes >>> 16) & typeMask : 0;
  if (type === 0) return name.endsWith("/") ? "folder" : "file";
  return type === regularFile ? "file" : type === folder ? "folder" : "other";
}

const unix = 3;
/** As in stat(2). */
const typeMask = 0o170000;
const regularFile = 0o100000;
const folder = 0o040000;
