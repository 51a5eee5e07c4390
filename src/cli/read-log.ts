import { createReadStream } from "node:fs";
import type { Readable } from "node:stream";
import { CommandError } from "./errors.ts";

/** A log, or the end of a long one. */
export interface ReadLog {
  readonly bytes: Uint8Array;
  /** How many lines were left out before it. */
  readonly skippedLines: number;
}

/** What is looked at of a log: the fault is nearer to its end. */
export const maxLogBytes: number = 32 * 1024 * 1024;

const newline = 0x0a;

/** Reads a file, or standard input for `-`. Of what is too long, the end is kept. @throws {CommandError} */
export async function readLog(file: string): Promise<ReadLog> {
  try {
    return await readEnd(file === "-" ? process.stdin : createReadStream(file), maxLogBytes);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    throw new CommandError(
      `${file} ${readingFaults[code] ?? `cannot be read (${code || "unknown fault"})`}.`,
    );
  }
}

const readingFaults: Readonly<Record<string, string>> = {
  ENOENT: "is not there: name a file that is, or - for standard input",
  EISDIR: "is a folder: name a file in it",
  EACCES: "cannot be read: this user may not",
  EPERM: "cannot be read: this user may not",
};

/** Keeps the last `maxBytes` of a stream, from the beginning of a line on. */
export async function readEnd(stream: Readable, maxBytes: number): Promise<ReadLog> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  let skippedLines = 0;
  for await (const data of stream) {
    const chunk = Buffer.from(data as Uint8Array);
    chunks.push(chunk);
    sizeBytes += chunk.length;
    while (sizeBytes - (chunks[0]?.length ?? 0) >= maxBytes) {
      const dropped = chunks.shift();
      sizeBytes -= dropped?.length ?? 0;
      skippedLines += countLines(dropped);
    }
  }
  const bytes = Buffer.concat(chunks);
  if (skippedLines === 0 && bytes.length <= maxBytes) return { bytes, skippedLines };
  const from = bytes.indexOf(newline, Math.max(0, bytes.length - maxBytes)) + 1;
  return {
    bytes: bytes.subarray(from),
    skippedLines: skippedLines + countLines(bytes.subarray(0, from)),
  };
}

function countLines(bytes: Buffer | undefined): number {
  let count = 0;
  for (
    let at = bytes?.indexOf(newline) ?? -1;
    at !== -1;
    at = bytes?.indexOf(newline, at + 1) ?? -1
  ) {
    count += 1;
  }
  return count;
}
