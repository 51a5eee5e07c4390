import {
  cardinalWords,
  decimalWords,
  digitWords,
  ordinalWords,
  pairWords,
  pluralWords,
} from "../numbers.ts";
import { after, type Before, type Reading, say, spell } from "./reading.ts";

/** `10:30`, `23:59:01`, `5:00 pm`. */
export function readTime(match: RegExpExecArray): Reading {
  const [, hours = "", minutes = "", seconds, half] = match;
  return say(match, [
    ...cardinalWords(hours),
    ...(minutes === "00" && seconds === undefined ? [] : pairWords(minutes)),
    ...(seconds === undefined ? [] : pairWords(seconds)),
    ...(half === undefined ? [] : spell(`${half}m`)),
  ]);
}

/** `2026-11-21`: november twenty first, twenty twenty six. */
export function readIsoDate(match: RegExpExecArray): Reading {
  const [, year = "", month = "", day = ""] = match;
  const isCounted = year.startsWith("200");
  return say(match, [
    monthNames[Number(month) - 1] ?? "",
    ...ordinalWords(String(Number(day))),
    ...(isCounted ? cardinalWords(year) : pairWords(year)),
  ]);
}

/** `5 p.m.`. */
export function readHour(match: RegExpExecArray): Reading {
  const [, hour = "", half = ""] = match;
  return say(match, [...cardinalWords(hour), ...spell(`${half}m`)]);
}

/**
 * `1990-2000`: with a hyphen, from small to large and of like length is a range; anything else is a
 * number of some kind, by digit. A dash between numbers always means a range.
 */
export function readRange(match: RegExpExecArray, before: Before): Reading | undefined {
  const [whole, from = "", to = ""] = match;
  const [low, high] = [from, to].map((number) => Number(number.replaceAll(",", "")));
  if (low === undefined || high === undefined) return undefined;
  if (/ /.test(whole) && !whole.includes("\u2013")) return undefined;
  const isRising = low < high && Math.abs(from.length - to.length) < 2;
  if (isRising || whole.includes("\u2013")) {
    const words = (number: string): string[] =>
      /^\d+$/.test(number) ? wholeWords(number, before, "") : decimalWords(number);
    return say(match, [...words(from), "to", ...words(to)]);
  }
  return /^\d+\D+\d+$/.test(whole) ? say(match, digitWords(whole)) : undefined;
}

/** `3/4`. */
export function readFraction(match: RegExpExecArray, before: Before): Reading {
  const [, over = "", under = ""] = match;
  const joined = /^\d+$/.test(before.previous) && !before.marked ? ["and"] : [];
  if (over === "1" && under === "2") return say(match, [...joined, "a", "half"]);
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

/** `½`. */
export function readVulgarFraction(match: RegExpExecArray): Reading {
  const words = { "½": "a half", "¼": "a quarter", "¾": "three quarters" }[match[0]] ?? "";
  const joined = /\d ?$/.test(match.input.slice(0, match.index)) ? ["and"] : [];
  return say(match, [...joined, words]);
}

/** `21st`. */
export function readOrdinal(match: RegExpExecArray): Reading {
  return say(match, ordinalWords((match[1] ?? "").replaceAll(",", "")));
}

/** `1880s`. */
export function readPlural(match: RegExpExecArray, before: Before): Reading {
  return say(match, pluralWords(wholeWords(match[1] ?? "", before, "")));
}

/** `1.2.3`. */
export function readVersion(match: RegExpExecArray): Reading {
  const words = match[0].split(".").flatMap((part) => ["point", ...plainWords(part)]);
  return say(match, words.slice(1));
}

function plainWords(digits: string): string[] {
  return /^0\d/.test(digits) ? digitWords(digits) : cardinalWords(digits);
}

/** A run of digits, alone or in a name such as `B2B`. */
export function readDigits(match: RegExpExecArray, before: Before): Reading {
  const [digits] = match;
  const { input, index } = match;
  const next = after(match);
  const inName = /[A-Za-z]/.test(input.charAt(index - 1)) || /^[A-Za-z]/.test(next);
  if (inName && !digits.startsWith("0")) return say(match, pairWords(digits));
  return say(match, wholeWords(digits, before, next));
}

/** A run of digits that stands alone; what it means depends on its size and its neighbours. */
function wholeWords(digits: string, before: Before, next: string): string[] {
  if (/^0\d/.test(digits)) return digitWords(digits);
  const value = Number(digits);
  if (value >= 1 && value <= 31) {
    const following = /^ ([A-Za-z]+)/.exec(next)?.[1] ?? "";
    if ((isMonth(before.previous) && !before.marked) || isMonth(following)) {
      return ordinalWords(digits);
    }
  }
  if (digits.length === 4) {
    const isYear = before.day || (value >= 1800 && value < 2000) || (value > 2009 && value < 3000);
    return isYear ? pairWords(digits) : cardinalWords(digits);
  }
  // Long numbers without separators are codes, unless they are round.
  const round = digits.length < 7 ? digits.endsWith("00") : digits.endsWith("000");
  return digits.length < 5 || round ? cardinalWords(digits) : digitWords(digits);
}

const monthNames: readonly string[] =
  "january february march april may june july august september october november december".split(
    " ",
  );

const months: ReadonlySet<string> = new Set([
  ...monthNames,
  ..."jan feb mar apr jun jul aug sep sept oct nov dec".split(" "),
]);

/** Whether a word names a month. */
export function isMonth(word: string): boolean {
  return months.has(word.toLowerCase());
}
