import {
  cardinalWords,
  decimalWords,
  digitWords,
  ordinalWords,
  pairWords,
  pluralWords,
} from "../numbers.ts";
import { isMonth } from "./calendar.ts";
import { after, type Before, type Reading, type Rule, say } from "./reading.ts";

/** What is neither a fraction nor a range although it looks like one. */
const pairs: Readonly<Record<string, string>> = {
  "24/7": "twenty four seven",
  "9/11": "nine eleven",
  "50/50": "fifty fifty",
  "50-50": "fifty fifty",
  "20/20": "twenty twenty",
};

/**
 * `1990-2000`: from small to large and of like length is a range, and so are small numbers, as
 * hours and scores are; anything else with a hyphen is a number of some kind, by digit. A dash
 * between numbers always means a range.
 */
function readRange(match: RegExpExecArray, before: Before): Reading | undefined {
  const [whole, from = "", to = ""] = match;
  const pair = pairs[whole];
  if (pair !== undefined) return say(match, [pair]);
  const [low, high] = [from, to].map((number) => Number(number.replaceAll(",", "")));
  if (low === undefined || high === undefined) return undefined;
  if (/ /.test(whole) && !whole.includes("\u2013")) return undefined;
  const isRising = low < high && Math.abs(from.length - to.length) < 2;
  const isSmall = /^(?:0|[1-9]\d?)-(?:0|[1-9]\d?)$/.test(whole);
  if (isRising || isSmall || whole.includes("\u2013")) {
    const words = (number: string): string[] =>
      /^\d+$/.test(number) ? wholeWords(number, before, "") : decimalWords(number);
    return say(match, [...words(from), "to", ...words(to)]);
  }
  return /^\d+\D+\d+$/.test(whole) ? say(match, digitWords(whole)) : undefined;
}

/** `3/4`, `10/10`. */
function readFraction(match: RegExpExecArray, before: Before): Reading {
  const [whole, over = "", under = ""] = match;
  const pair = pairs[whole];
  if (pair !== undefined) return say(match, [pair]);
  const joined = /^\d+$/.test(before.previous) && !before.marked ? ["and"] : [];
  if (over === "1" && under === "2") return say(match, [...joined, "a", "half"]);
  if (over === under && /^(?:5|10+)$/.test(over)) {
    return say(match, [...cardinalWords(over), "out", "of", ...cardinalWords(under)]);
  }
  if (Number(over) >= Number(under)) {
    return say(match, [...joined, ...cardinalWords(over), "slash", ...cardinalWords(under)]);
  }
  const part = ordinalWords(under);
  return say(match, [
    ...joined,
    ...cardinalWords(over),
    ...(Number(over) > 1 ? pluralWords(part) : part),
  ]);
}

const vulgarFractions: Readonly<Record<string, string>> = {
  "½": "a half",
  "¼": "a quarter",
  "¾": "three quarters",
  "⅓": "a third",
  "⅔": "two thirds",
  "⅛": "an eighth",
  "⅜": "three eighths",
  "⅝": "five eighths",
  "⅞": "seven eighths",
};

function readVulgarFraction(match: RegExpExecArray): Reading {
  const words = vulgarFractions[match[0]] ?? "";
  const joined = /\d ?$/.test(match.input.slice(0, match.index)) ? ["and"] : [];
  return say(match, [...joined, words]);
}

/** `21st`. */
function readOrdinal(match: RegExpExecArray): Reading {
  return say(match, ordinalWords((match[1] ?? "").replaceAll(",", "")));
}

/** `1880s`, `'80s`. */
function readPlural(match: RegExpExecArray, before: Before): Reading {
  return say(match, pluralWords(wholeWords(match[1] ?? "", before, "")));
}

/** `1.2.3`. */
function readVersion(match: RegExpExecArray): Reading {
  const parts = match[0].split(".");
  const isAddress = parts.length === 4 && parts.every((part) => Number(part) < 256);
  const words = parts.flatMap((part) => [isAddress ? "dot" : "point", ...plainWords(part)]);
  return say(match, words.slice(1));
}

function plainWords(digits: string): string[] {
  return /^0\d/.test(digits) ? digitWords(digits) : cardinalWords(digits);
}

/** `1920x1080`. */
function readSize(match: RegExpExecArray, before: Before): Reading {
  const sides = (match[0].match(/\d+(?:\.\d+)?/g) ?? []).flatMap((side) => [
    "by",
    ...(side.includes(".") ? decimalWords(side) : wholeWords(side, before, "")),
  ]);
  return say(match, sides.slice(1));
}

/** A run of digits that stands alone. */
function readDigits(match: RegExpExecArray, before: Before): Reading {
  return say(match, wholeWords(match[0], before, after(match)));
}

/** Words before numbers that are said by digit: "code 4821", "the PIN is 4821". */
const codes = /^(?:call|dial|ext|extension|code|codes|passcode|pin|otp|zip)$/i;

/** A run of digits that stands alone; what it means depends on its size and its neighbours. */
function wholeWords(digits: string, before: Before, next: string): string[] {
  const { previous, beforePrevious, marked } = before;
  if (/^0\d/.test(digits)) return digitWords(digits);
  const label = /^(?:is|was|number)$/i.test(previous) ? beforePrevious : previous;
  if (digits.length > 2 && codes.test(label)) return digitWords(digits);
  const value = Number(digits);
  if (value >= 1 && value <= 31) {
    const following = /^ ([A-Za-z]+)/.exec(next)?.[1] ?? "";
    if ((isMonth(previous) && !marked) || isMonth(following)) return ordinalWords(digits);
  }
  if (digits.length === 4)
    return isYear(value, before, next) ? pairWords(digits) : cardinalWords(digits);
  // Long numbers without separators are codes, unless they are round.
  const round = digits.length < 7 ? digits.endsWith("00") : digits.endsWith("000");
  return digits.length < 5 || round ? cardinalWords(digits) : digitWords(digits);
}

function isYear(value: number, before: Before, next: string): boolean {
  if (before.day || (value >= 1800 && value < 2000) || (value > 2009 && value < 3000)) return true;
  if (value >= 2000 || value < 1010) return false;
  const isNamed = /^(?:in|since|year|circa|until)$/i.test(before.previous) && !before.marked;
  return isNamed || /^ (?:AD|BC|BCE|CE)\b/.test(next);
}

export const figureRules: readonly Rule[] = [
  [
    /(?<![\w.-])(\d+(?:,\d{3})*(?:\.\d+)?) ?[-\u2013] ?(\d+(?:,\d{3})*(?:\.\d+)?)(?![\w-]|\.\d)/y,
    readRange,
  ],
  [/(?<![\w.])\d+(?:-+\d+)+(?![\w])/y, (match) => say(match, digitWords(match[0]))],
  [/(?<![\w/.])(\d+)\/(\d+)(?![\w/])/y, readFraction],
  [/(\d[\d,]*)(?:st|nd|rd|th|ST|ND|RD|TH)(?![A-Za-z\d])/y, readOrdinal],
  [/(?<![A-Za-z\d])'?(\d+)'?s(?![A-Za-z\d])/y, readPlural],
  [/(?<![\w.,])\d+(?:\.\d+)?(?: ?[x×] ?\d+(?:\.\d+)?){1,2}(?![\w.,]*\d|[A-Za-z])/y, readSize],
  [/\d+(?:\.\d+){2,}/y, readVersion],
  [/(?<![A-Za-z])\d+(?![A-Za-z\d]|,\d{3}|\.\d)/y, readDigits],
];

/** A run of digits in a name, such as `B2B`. */
function readDigitsInName(match: RegExpExecArray): Reading {
  const [digits] = match;
  return say(match, digits.startsWith("0") ? plainWords(digits) : pairWords(digits));
}

/** Numbers that are only numbers. */
export const plainFigureRules: readonly Rule[] = [
  [/[½¼¾⅓⅔⅛⅜⅝⅞]/y, readVulgarFraction],
  [/(?<![\w)\].%])[-](?=[$£€¥]?\.?\d)/y, (match) => say(match, ["minus"])],
  [/\d{1,3}(?:,\d{3})+(?:\.\d+)?(?![\d,]*\d)|\d+\.\d+/y, (m) => say(m, decimalWords(m[0]))],
  [/(?<!\d)\.\d+/y, (match) => say(match, decimalWords(match[0]))],
  [/(?<=[A-Za-z])\d+|\d+(?=[A-Za-z])/y, readDigitsInName],
  [/\d+/y, (match) => say(match, plainWords(match[0]))],
];
