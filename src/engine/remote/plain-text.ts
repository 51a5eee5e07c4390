import { normalizeFor, type WrittenText } from "../../text/normalize-for.ts";
import { phonesSign, type Rewriting } from "../../text/rewrite.ts";

/**
 * A text as another server gets it: without markup and with the words of aliases, for not every
 * server knows either. Words given by their phones stay as they are written.
 */
export interface PlainText {
  /** Ends with white space. */
  readonly text: string;
  /** The code points of the source, with a space at the end. */
  readonly source: readonly string[];
  /** [source.length] code units of `text` that have been said when that much of the source has. */
  readonly saidUnits: Uint32Array;
  /** [source.length] 1 where a piece may end after that character. */
  readonly mayEnd: Uint8Array;
}

/** What is there to be heard in a text of `source`. */
export function plainTextOf(written: WrittenText, language: string): PlainText {
  const { text: source } = written;
  const rewriting = normalizeFor({ language, needs: "nothing" }, written);
  const { text, sourceAt } = rewriting ? writtenOut(source, rewriting) : unchanged(source);
  const spaced = source.endsWith(" ") ? source : `${source} `;
  const said = text.endsWith(" ") ? text : `${text} `;
  return { text: said, ...traceBack(spaced, said, sourceAt, rewriting) };
}

interface Written {
  readonly text: string;
  /** [text.length] where in the source each code unit begins. */
  readonly sourceAt: readonly number[];
}

const unchanged = (text: string): Written => ({
  text,
  sourceAt: Array.from({ length: text.length }, (_, at) => at),
});

/** Each sign for phones gives way to the word that they are written for. */
function writtenOut(source: string, { text, sourceAt, tags }: Rewriting): Written {
  let written = "";
  const places: number[] = [];
  for (let unit = 0; unit < text.length; unit += 1) {
    const start = sourceAt[unit] ?? 0;
    if (text[unit] !== phonesSign) {
      written += text.charAt(unit);
      places.push(start);
      continue;
    }
    const next = sourceAt[unit + 1] ?? source.length;
    const end = Math.min(next, tags.find((tag) => tag.start >= start)?.start ?? next);
    written += source.slice(start, end);
    for (let at = start; at < end; at += 1) places.push(at);
  }
  return { text: written, sourceAt: places };
}

function traceBack(
  source: string,
  text: string,
  sourceAt: readonly number[],
  rewriting: Rewriting | undefined,
): Pick<PlainText, "source" | "saidUnits" | "mayEnd"> {
  const chars = Array.from(source);
  const saidUnits = new Uint32Array(chars.length);
  const mayEnd = new Uint8Array(chars.length);
  const isInTag = (at: number): boolean =>
    rewriting?.tags.some(({ start, end }) => start <= at && at < end) ?? false;
  let at = 0;
  let units = 0;
  for (const [index, char] of chars.entries()) {
    const start = at;
    at += char.length;
    while (units < sourceAt.length && (sourceAt[units] ?? 0) < at) units += 1;
    saidUnits[index] = units;
    const next = chars[index + 1];
    const endsWord = isSpace(char) && next !== undefined && !isSpace(next);
    if (endsWord && isSpace(text[units - 1]) && !isInTag(start)) mayEnd[index] = 1;
  }
  saidUnits[chars.length - 1] = text.length;
  return { source: chars, saidUnits, mayEnd };
}

const isSpace = (char: string | undefined): boolean => char?.trim() === "";

const sounding = /[\p{L}\p{N}\p{Sc}&%@+=]/u;

/** Whether a text has anything that a voice could say. */
export const isSayable = (text: string): boolean => sounding.test(text);
