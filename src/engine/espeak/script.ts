import { phonesSign, type Rewriting } from "../../text/rewrite.ts";
import { espeakPhonemes } from "./phonemes.ts";

/** One character of a text as espeak-ng is asked for it. */
export interface ScriptChar {
  /** What it is asked for: the character in SSML, phonemes, or white space for what has no sound. */
  readonly asked: string;
  /** What it says it has said. */
  readonly spoken: string;
  readonly isSpace: boolean;
  /** Whether it is a letter, a figure or a word given by its phones. */
  readonly isSounding: boolean;
  /** Where it begins in the text as sent. */
  readonly sourceStart: number;
  /** Where the text before it may end, if it begins a word; in the text as sent. */
  readonly pieceStart?: number;
}

const space = /^\s$/u;
const sounding = /[\p{L}\p{N}\p{M}]/u;
/** The package would name them, which is not what somebody means who writes one. */
const pictures =
  /[\p{Emoji_Presentation}\p{Regional_Indicator}\p{Emoji_Modifier}\u{fe0e}\u{fe0f}\u{20e3}]|(?=[\u{2190}-\u{10ffff}])\p{Extended_Pictographic}/u;
const unsayable = /[\p{Cc}\p{Cs}\p{Co}\p{Cn}\u{feff}]/u;
/** What would be markup, or phonemes, to the package. */
const escapes: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  "[": "(",
  "]": ")",
};

/**
 * The characters to be spoken of a text from `from` on, and at the end a space that holds the
 * silence there.
 */
export function createScript(
  text: string,
  from: number,
  rewriting: Rewriting | undefined,
): ScriptChar[] {
  const chars = [...charactersOf(text, rewriting)].filter(({ sourceStart }) => sourceStart >= from);
  if (!text.endsWith(" ")) {
    const end = { asked: "", spoken: " ", isSpace: true, isSounding: false };
    chars.push({ ...end, sourceStart: text.length });
  }
  return withPieceStarts(chars, text, from);
}

function* charactersOf(text: string, rewriting: Rewriting | undefined): Generator<ScriptChar> {
  const phones = rewriting?.phones.values();
  let at = 0;
  for (const char of rewriting?.text ?? text) {
    const sourceStart = rewriting ? (rewriting.sourceAt[at] ?? 0) : at;
    at += char.length;
    const isPhones = rewriting !== undefined && char === phonesSign;
    const word = isPhones ? phones?.next().value : undefined;
    yield word ? phonesChar(word, sourceStart) : plainChar(char, sourceStart);
  }
}

const phonesChar = (phones: readonly string[], sourceStart: number): ScriptChar => ({
  asked: `[[${espeakPhonemes(phones)}]]`,
  spoken: phones.join(" "),
  isSpace: false,
  isSounding: true,
  sourceStart,
});

function plainChar(char: string, sourceStart: number): ScriptChar {
  const isSpace = space.test(char);
  const isSilent = isSpace || pictures.test(char) || unsayable.test(char);
  return {
    asked: isSilent ? " " : (escapes[char] ?? char),
    spoken: isSpace ? " " : isSilent ? "" : char,
    isSpace,
    isSounding: !isSilent && sounding.test(char),
    sourceStart,
  };
}

/** Pieces end where white space does, in the text as sent and as it is spoken. */
function withPieceStarts(chars: readonly ScriptChar[], text: string, from: number): ScriptChar[] {
  const starts = new Map<number, number>();
  let index = 0;
  for (let at = from + 1; at < text.length; at += 1) {
    if (!space.test(text.charAt(at - 1)) || space.test(text.charAt(at))) continue;
    while ((chars[index]?.sourceStart ?? Infinity) < at) index += 1;
    const isStart = chars[index - 1]?.isSpace === true && chars[index]?.isSpace === false;
    if (isStart && !starts.has(index)) starts.set(index, at);
  }
  return chars.map((char, place) => {
    const pieceStart = starts.get(place);
    return pieceStart === undefined ? char : { ...char, pieceStart };
  });
}

const maxWholeChars = 400;
const maxPartChars = 300;
/** Characters of what is asked: a word given by its phones is one of the script and many of these. */
const maxAskedChars = 10_000;
const sentenceEnd = /[.!?\u{2026}\u{3002}\u{ff01}\u{ff1f}\u{0964}\u{061f}]/u;

/**
 * Where a long script is cut, since espeak-ng does not listen while it speaks: the ends of its
 * parts. Behind a sentence if there is one, else behind a word.
 */
export function cutScript(chars: readonly ScriptChar[]): number[] {
  const ends: number[] = [];
  let start = 0;
  while (start < chars.length) {
    start += endOfPart(chars.slice(start, start + maxWholeChars + 1));
    ends.push(start);
  }
  return ends;
}

function endOfPart(chars: readonly ScriptChar[]): number {
  let asked = 0;
  const tooMuch = chars.findIndex((char) => (asked += char.asked.length) > maxAskedChars);
  if (tooMuch > 0) return tooMuch;
  if (chars.length <= maxWholeChars) return chars.length;
  const part = chars.slice(0, maxPartChars);
  const isSentenceEnd = (place: number): boolean =>
    part[place]?.isSpace === true && sentenceEnd.test(part[place - 1]?.spoken ?? "");
  const sentence = part.findLastIndex((_, place) => isSentenceEnd(place));
  const word = part.findLastIndex(({ isSpace }) => isSpace);
  return 1 + (sentence >= 0 ? sentence : word >= 0 ? word : part.length - 1);
}
