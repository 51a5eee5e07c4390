import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../src/clock.ts";
import { openRecords, type Records } from "../../src/open-records.ts";

/** Records that are kept in a folder of their own. */
export interface DataFolder {
  readonly path: string;
  readonly records: Records;
  /** All files below it, read now. */
  read(): Promise<readonly Buffer[]>;
  close(): Promise<void>;
}

export async function openDataFolder(): Promise<DataFolder> {
  const path = await mkdtemp(join(tmpdir(), "syrinx-data-"));
  const records = await openRecords(
    { database: undefined, dataDir: path },
    {
      clock: systemClock,
      wallClock: Date.now,
      onFault: (error) => {
        throw error;
      },
    },
  );
  return {
    path,
    records,
    async read() {
      const entries = await readdir(path, { recursive: true, withFileTypes: true });
      const files = entries.filter((entry) => entry.isFile());
      return Promise.all(files.map(({ parentPath, name }) => readFile(join(parentPath, name))));
    },
    async close() {
      await records.close();
      await rm(path, { recursive: true, force: true });
    },
  };
}

/** A word as it may be written down. */
export function formsOfWord(word: string): Buffer[] {
  const utf16 = Buffer.from(word, "utf16le");
  return [Buffer.from(word), utf16, Buffer.from(utf16).swap16(), ...inBase64(Buffer.from(word))];
}

const windowBytes = 32;
/** Silence looks the same everywhere. */
const minDistinctBytes = 12;

/** Pieces of audio, one of which is in every stretch of 64 bytes of it that is not quiet, bare or in base64. */
export function piecesOfAudio(audio: Buffer): Buffer[] {
  const windows = Array.from({ length: Math.floor(audio.length / windowBytes) }, (_, index) =>
    audio.subarray(index * windowBytes, (index + 1) * windowBytes),
  ).filter((window) => new Set(window).size >= minDistinctBytes);
  return windows.flatMap((window) => [window, ...inBase64(window)]);
}

/** What bytes are in base64, wherever in a longer text they begin; without what depends on their neighbours. */
function inBase64(bytes: Buffer): Buffer[] {
  return [0, 1, 2].map((before) => {
    const coded = Buffer.concat([Buffer.alloc(before), bytes]).toString("base64");
    const known = coded.slice(Math.ceil((before * 4) / 3), coded.replace(/=+$/, "").length - 1);
    return Buffer.from(known);
  });
}

/** Which of the needles are in any of the files. */
export function findIn(files: readonly Buffer[], needles: readonly Buffer[]): string[] {
  const wanted = new Set(needles.map((needle) => needle.toString("latin1")));
  const lengths = new Set(needles.map(({ length }) => length));
  const found = new Set<string>();
  for (const file of files) {
    const text = file.toString("latin1");
    // One look at each place for all needles of a length: audio has thousands of them.
    for (const length of lengths) {
      for (let at = 0; at + length <= text.length; at += 1) {
        const piece = text.slice(at, at + length);
        if (wanted.has(piece)) found.add(piece);
      }
    }
  }
  return [...found];
}
