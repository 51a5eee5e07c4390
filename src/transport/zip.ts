import { Zip, ZipPassThrough } from "fflate";

export interface ZipEntry {
  readonly name: string;
  readonly modifiedAtUnix: number;
  /** Its first bytes are there before anything of it is in the archive. */
  readonly bytes: AsyncIterable<Uint8Array>;
}

/** So much is checksummed at a time, and other work gets its turn in between. */
const pieceBytes = 256 * 1024;

/** The earliest date a zip archive can hold: 1 January 1980, a day later for any time zone. */
const earliestUnix = 315_619_200;

/** A zip archive of the entries, as they come. Audio is small already, so nothing is compressed. */
export async function* zip(entries: AsyncIterable<ZipEntry>): AsyncGenerator<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let failure: Error | null = null;
  const archive = new Zip((error, piece) => {
    failure ??= error;
    pieces.push(piece);
  });
  const flush = function* (): Generator<Uint8Array> {
    if (failure) throw failure;
    yield* pieces.splice(0);
  };
  for await (const { name, modifiedAtUnix, bytes } of entries) {
    const file = new ZipPassThrough(name);
    file.mtime = Math.max(modifiedAtUnix, earliestUnix) * 1000;
    let isAdded = false;
    for await (const piece of bytes) {
      if (!isAdded) archive.add(file);
      isAdded = true;
      for (let from = 0; from < piece.length; from += pieceBytes) {
        file.push(piece.subarray(from, from + pieceBytes));
        yield* flush();
      }
    }
    if (!isAdded) archive.add(file);
    file.push(new Uint8Array(), true);
    yield* flush();
  }
  archive.end();
  yield* flush();
}
