import { type ErrorCode, problems } from "../../protocol/problems.ts";
import type { WordsRow } from "./words-row.ts";

/** Close reasons are cut at 123 bytes; so much of a sentence is enough to know it. */
const knownChars = 70;
/** Shorter ones may be anybody's. */
const leastChars = 24;
/** What `websockets` shows at level DEBUG of the sentence of an error: the rest is cut out. */
const shownChars = 30;

const sentences = Object.entries(problems)
  .map(([code, { sentence }]) => ({ cause: code as ErrorCode, sentence }))
  .filter(({ sentence }) => sentence.length >= leastChars);

/** What this server says for each of its problems, whose sentences it sends. */
export const ownWords: readonly WordsRow[] = [
  ...sentences.map(({ cause, sentence }) => ({ cause, words: sentencePattern(sentence) })),
  ...sentences.flatMap(({ cause, sentence }) => {
    const beginning = sentence.slice(0, shownChars).replace(/[ '"]*\{[^]*$/, "");
    const isOnly = sentences.filter((other) => other.sentence.startsWith(beginning)).length === 1;
    const isEnough = beginning.length >= leastChars;
    return isOnly && isEnough
      ? [{ cause, words: new RegExp(String.raw`${escaped(beginning)}.{0,60}\.\.\.`) }]
      : [];
  }),
];

/** Fits what a sentence becomes when its details are filled in, which it gives as named groups. */
function sentencePattern(sentence: string): RegExp {
  const beginning = sentence.slice(0, knownChars).replace(/\{\w*$/, "");
  const parts = beginning.split(/\{(\w+)\}/);
  const sources = parts.map((part, index) => {
    if (index % 2 === 0) return escaped(part);
    // What is at the end has nothing behind it to stop at.
    return index === parts.length - 2 && parts.at(-1) === ""
      ? String.raw`(?<${part}>\S{1,40})`
      : `(?<${part}>.{1,40}?)`;
  });
  return new RegExp(sources.join(""));
}

/** A text as a pattern for itself. */
function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}
