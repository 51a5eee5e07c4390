import { cardinalWords, ordinalWords, pairWords } from "../numbers.ts";
import { longDay, monthName, shortDayPattern } from "./calendar.ts";
import { type Before, type Reading, type Rule, say } from "./reading.ts";

/** `2026-11-21`, and with a time as computers write it: `2026-11-21T10:30:00Z`. */
function readIsoDate(match: RegExpExecArray): Reading | undefined {
  const [, year = "", month = "", day = "", hours, minutes = ""] = match;
  const date = dateWords(day, month, year);
  if (date === undefined) return undefined;
  return say(match, hours === undefined ? date : [...date, ...clockWords(hours, minutes)]);
}

/** `14:00`: what a clock shows. */
export function clockWords(hours: string, minutes: string): string[] {
  if (minutes !== "00") return [...cardinalWords(hours), ...pairWords(minutes)];
  if (Number(hours) === 0) return ["midnight"];
  return Number(hours) > 12 ? [...cardinalWords(hours), "hundred"] : cardinalWords(hours);
}

/** `11/21/2026`, `21/11/2026`, `11/21/26`. */
function readSlashDate(match: RegExpExecArray, { dayFirst }: Before): Reading | undefined {
  const [, first = "", second = "", year = ""] = match;
  const isDayFirst = Number(first) > 12 || (dayFirst && Number(second) <= 12);
  const [day, month] = isDayFirst ? [first, second] : [second, first];
  const words = dateWords(day, month, fullYear(year));
  return words && say(match, words);
}

/** `21.11.2026`. */
function readDottedDate(match: RegExpExecArray): Reading | undefined {
  const [, day = "", month = "", year = ""] = match;
  const words = dateWords(day, month, year);
  return words && say(match, words);
}

/** `on 11/21`: without a year, where a date is expected. */
function readDayOfYear(match: RegExpExecArray, before: Before): Reading | undefined {
  if (!/^(?:on|until|since|dated|due)$/i.test(before.previous) || before.marked) return undefined;
  const [, first = "", second = ""] = match;
  const [day, month] = before.dayFirst ? [first, second] : [second, first];
  const words = dateWords(day, month, "");
  return words && say(match, words);
}

/** `Mon-Fri`. */
function readDays(match: RegExpExecArray): Reading {
  const [, from = "", to = ""] = match;
  return say(match, [longDay(from) ?? from, "to", longDay(to) ?? to]);
}

/** The closer one of the two centuries. */
function fullYear(year: string): string {
  if (year.length !== 2) return year;
  return Number(year) < 60 ? `20${year}` : `19${year}`;
}

/** Nothing if there is no such day. */
function dateWords(day: string, month: string, year: string): string[] | undefined {
  const isDay = Number(day) >= 1 && Number(day) <= 31;
  const isMonth = Number(month) >= 1 && Number(month) <= 12;
  if (!isDay || !isMonth) return undefined;
  return [
    monthName(Number(month)),
    ...ordinalWords(String(Number(day))),
    ...(year === "" ? [] : yearWords(year)),
  ];
}

function yearWords(year: string): string[] {
  return year.startsWith("200") ? cardinalWords(year) : pairWords(year);
}

const shortDays = `(?:${shortDayPattern})`;

export const dateRules: readonly Rule[] = [
  [
    /(?<![\w.-])(\d{4})-(\d\d)-(\d\d)(?:T([01]\d|2[0-3]):([0-5]\d)(?::\d\d(?:\.\d+)?)?Z?)?(?![\w-]|\.\d)/y,
    readIsoDate,
  ],
  [/(?<![\w./])(\d{4})\/(\d\d)\/(\d\d)(?![\w/]|\.\d)/y, readIsoDate],
  [/(?<![\w./])(\d\d?)\/(\d\d?)\/(\d{4}|\d\d)(?![\w/]|\.\d)/y, readSlashDate],
  [/(?<![\w.])(\d\d?)\.(\d\d?)\.(\d{4})(?!\w|\.\d)/y, readDottedDate],
  [/(?<![\w./])(\d\d?)\/(\d\d?)(?![\w/]|\.\d)/y, readDayOfYear],
  [new RegExp(`(?<![A-Za-z])(${shortDays})[-\u2013](${shortDays})(?![A-Za-z])`, "y"), readDays],
];
