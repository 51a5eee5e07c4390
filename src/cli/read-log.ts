import { createReadStream } from "node:fs";
import type { Readable } from "node:stream";
import { CommandError } from "./errors.ts";
import { formatBytes } from "./table.ts";

/** A log, or the end of a long one. */
export interface ReadLog {
  readonly bytes: Uint8Array;
  /** How many lines were left out before it. */
  readonly skippedLines: number;
}

/** How much is looked at. */
export interface LogLimits {
  /** Of a log: the fault is nearer to its end. */
  readonly linesBytes: number;
  /** Of what begins as JSON does, such as a HAR file: without its beginning it cannot be read. */
  readonly jsonBytes: number;
}

const limits: LogLimits = { linesBytes: 32 * 1024 * 1024, jsonBytes: 256 * 1024 * 1024 };

const newline = 0x0a;

/** Reads a file, or standard input for `-`. Of what is too long, the end is kept. @throws {CommandError} */
export async function readLog(file: string): Promise<ReadLog> {
  try {
    return await readEnd(file === "-" ? process.stdin : createReadStream(file), limits);
  } catch (error) {
    if (error instanceof CommandError) throw error;
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

/**
 * Keeps as much of a stream's end as may be read, from the beginning of a line on.
 * @throws {CommandError} where that is not even one line
 */
export async function readEnd(
  stream: Readable,
  { linesBytes, jsonBytes }: LogLimits,
): Promise<ReadLog> {
  const chunks: Buffer[] = [];
  let maxBytes = linesBytes;
  let sizeBytes = 0;
  let skippedLines = 0;
  for await (const data of stream) {
    const chunk = Buffer.from(data as Uint8Array);
    if (sizeBytes === 0 && beginsAsJson(chunk)) maxBytes = jsonBytes;
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
  if (from === 0 || from === bytes.length) {
    throw new CommandError(
      `The log's last line is longer than ${formatBytes(maxBytes)}. Save only the requests of the socket in question, or cut the log around its end.`,
    );
  }
  return {
    bytes: bytes.subarray(from),
    skippedLines: skippedLines + countLines(bytes.subarray(0, from)),
  };
}

/** Whether it begins as a HAR file or one of our traces does; a log may begin with a bracket, too. */
const beginsAsJson = (chunk: Buffer): boolean =>
  /^\uFEFF?\s*[[{][^]*"(?:log|syrinxTrace)"\s*:/.test(chunk.subarray(0, 1000).toString());

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
