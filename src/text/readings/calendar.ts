const monthList: readonly string[] =
  "january february march april may june july august september october november december".split(
    " ",
  );

const shortMonths: ReadonlyMap<string, string> = shortNames(monthList, 3, [["sept", "september"]]);

const dayList: readonly string[] = "monday tuesday wednesday thursday friday saturday sunday".split(
  " ",
);

const shortDays: ReadonlyMap<string, string> = shortNames(dayList, 3, [
  ["tues", "tuesday"],
  ["weds", "wednesday"],
  ["thur", "thursday"],
  ["thurs", "thursday"],
]);

function shortNames(
  names: readonly string[],
  length: number,
  others: readonly (readonly [string, string])[],
): ReadonlyMap<string, string> {
  return new Map([...names.map((name) => [name.slice(0, length), name] as const), ...others]);
}

/** Whether a word names a month. */
export function isMonth(word: string): boolean {
  return monthList.includes(word.toLowerCase()) || shortMonths.has(word.toLowerCase());
}

/** The name of the month with this number, counted from 1. */
export const monthName = (month: number): string => monthList[month - 1] ?? "";

/** `Nov`: november. */
export const longMonth = (short: string): string | undefined =>
  shortMonths.get(short.toLowerCase());

/** `Mon`: monday. */
export const longDay = (short: string): string | undefined => shortDays.get(short.toLowerCase());

/** `Jan|Feb|...`: as they are written, for patterns. */
export const monthPattern: string = capitalized([...monthList, ...shortMonths.keys()]);
export const shortDayPattern: string = capitalized([...shortDays.keys()]);

function capitalized(names: readonly string[]): string {
  const longestFirst = names.toSorted((a, b) => b.length - a.length);
  return longestFirst.map((name) => name.charAt(0).toUpperCase() + name.slice(1)).join("|");
}
