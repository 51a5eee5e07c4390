import { type ErrorCode, problems } from "../../protocol/problems.ts";
import type { WordsRow } from "./words-row.ts";

/** Close reasons are cut at 123 bytes; so much of a sentence is enough to know it. */
const knownChars = 70;
/** Shorter ones may be anybody's. */
const leastChars = 24;

/** What this server says for each of its problems, whose sentences it sends. */
export const ownWords: readonly WordsRow[] = Object.entries(problems)
  .filter(([, { sentence }]) => sentence.length >= leastChars)
  .map(([code, { sentence }]) => ({ cause: code as ErrorCode, words: sentencePattern(sentence) }));

/** Fits what a sentence becomes when its details are filled in, which it gives as named groups. */
function sentencePattern(sentence: string): RegExp {
  const beginning = sentence.slice(0, knownChars).replace(/\{\w*$/, "");
  const parts = beginning.split(/\{(\w+)\}/);
  const sources = parts.map((part, index) => {
    if (index % 2 === 0) return part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
    // What is at the end has nothing behind it to stop at.
    return index === parts.length - 2 && parts.at(-1) === ""
      ? `(?<${part}>\\S{1,40})`
      : `(?<${part}>.{1,40}?)`;
  });
  return new RegExp(sources.join(""));
}
