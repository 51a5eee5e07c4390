import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { pipeline, Readable, Transform } from "node:stream";
import { createGunzip } from "node:zlib";
import bunzip2 from "unbzip2-stream";
import type { ArchiveEntry } from "./archive-entry.ts";
import { readTar } from "./read-tar.ts";
import { readZip } from "./read-zip.ts";

/** Archives that can be read, told apart by how they begin and not by what they are called. */
export type ArchiveKind = "tar" | "tar.gz" | "tar.bz2" | "zip";

/** How an archive is read; `take` is told of all that comes out of the packing, before it is used. */
export interface ReadingOptions {
  readonly take: (bytes: number) => void;
  /** Told how much of the archive has been read. */
  readonly onRead: (bytes: number) => void;
  readonly signal: AbortSignal;
}

const beginnings: readonly (readonly [ArchiveKind, at: number, bytes: string])[] = [
  ["tar.gz", 0, "\x1f\x8b"],
  ["tar.bz2", 0, "BZh"],
  ["zip", 0, "PK\x03\x04"],
  ["tar", 257, "ustar"],
];
const longestBeginning = 512;

/** What kind of archive a file is; nothing if it is none. */
export async function archiveKindOf(path: string): Promise<ArchiveKind | undefined> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(longestBeginning), 0);
    const text = buffer.toString("latin1", 0, bytesRead);
    return beginnings.find(([, at, bytes]) => text.startsWith(bytes, at))?.[0];
  } finally {
    await file.close();
  }
}

/** The entries of an archive, one after the other. @throws {Error} when it is not whole */
export function readArchive(
  path: string,
  kind: ArchiveKind,
  options: ReadingOptions,
): AsyncGenerator<ArchiveEntry> {
  return kind === "zip" ? readZip(path) : readTar(openTar(path, kind, options));
}

function openTar(path: string, kind: ArchiveKind, options: ReadingOptions): Readable {
  const { take, onRead, signal } = options;
  const packed = createReadStream(path, { highWaterMark: 256 * 1024, signal });
  const counted = new Transform({
    transform(piece: Buffer, _encoding, done) {
      onRead(packed.bytesRead);
      try {
        take(piece.length);
        done(null, piece);
      } catch (error) {
        done(error as Error);
      }
    },
  });
  // Whoever reads `counted` is told of failures: it fails with them.
  const end = (): void => {};
  if (kind === "tar.gz") pipeline(packed, createGunzip(), counted, end);
  else if (kind === "tar.bz2") pipeline(unpackBzip2(packed), counted, end);
  else pipeline(packed, counted, end);
  return counted;
}

/** The library's streams are of Node's first kind, which pipelines lose the end of. */
function unpackBzip2(packed: Readable): Readable {
  const old = bunzip2();
  const unpacked = new Readable().wrap(old);
  old.on("error", (error) => unpacked.destroy(error));
  packed.on("error", (error) => unpacked.destroy(error));
  unpacked.on("close", () => packed.destroy());
  packed.pipe(old);
  return unpacked;
}
