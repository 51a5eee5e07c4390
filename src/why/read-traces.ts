import { isHar, readHar } from "./read-har.ts";
import { isJsonTrace, readJsonTraces } from "./read-json-trace.ts";
import { readLogLines } from "./read-log-lines.ts";
import type { Trace } from "./trace.ts";

/**
 * Reads a log of any kind, known by its content: a HAR file, traces of this project, or lines of
 * whatever was logged. Gives one trace for each connection; none where nothing tells of any.
 */
export function readTraces(log: string | Uint8Array): Trace[] {
  const text = typeof log === "string" ? log : decode(log);
  const document = readDocument(text);
  if (document !== undefined) {
    if (isJsonTrace(document)) return readJsonTraces(document);
    if (typeof document === "object" && document !== null && isHar(document as HarLike)) {
      return readHar(document as HarLike);
    }
  }
  return readLogLines(text);
}

type HarLike = Readonly<Record<string, unknown>>;

function readDocument(text: string): unknown {
  const start = /^\uFEFF?\s*[[{]/.exec(text.slice(0, 200));
  if (!start || !/"syrinxTrace"|"entries"/.test(text)) return undefined;
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch {
    return undefined;
  }
}

/** UTF-8, or UTF-16 as PowerShell writes it. What is neither is read as far as it can be. */
function decode(bytes: Uint8Array): string {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return new TextDecoder("utf-16le").decode(bytes);
  if (first === 0xfe && second === 0xff) return new TextDecoder("utf-16be").decode(bytes);
  return new TextDecoder().decode(bytes);
}
