/** A line without its time, and the time. */
export interface TimedLine {
  /**
   * In ms; of the epoch where the line has a date, and of the day where it has none. Only differences
   * of times of one source mean anything.
   */
  readonly atMs: number | undefined;
  readonly rest: string;
}

const dayMs = 86_400_000;
const months = "JanFebMarAprMayJunJulAugSepOctNovDec";

/** Reads what stands before the time: brackets, a word such as `ts=`, the sign of a log level. */
const before = String.raw`^[[("<\s]*(?:[A-Z]\b|[\w.-]{1,24}=|(?:DEBUG?|INFO|WARN(?:ING)?|ERROR?|CRITICAL|FATAL?|TRACE)[\s:|[-]+)?["[(\s]*`;
const clock = String.raw`(?<hour>\d{1,2}):(?<minute>\d{2}):(?<second>\d{2})(?:[.,](?<fraction>\d{1,9}))?`;
const half = String.raw`(?:\s?(?<half>[AP]M))?`;
const after = String.raw`\s?(?<zone>Z|UTC|[+-]\d{2}:?\d{2})?["\])>]*`;

const forms: readonly RegExp[] = [
  new RegExp(
    String.raw`${before}(?<year>\d{4})[-/](?<month>\d{2})[-/](?<day>\d{2})[T\s_]\s?${clock}${after}`,
  ),
  new RegExp(
    String.raw`${before}(?<month>\d{1,2})/(?<day>\d{1,2})/(?<year>\d{4}),?\s+${clock}${half}${after}`,
  ),
  new RegExp(String.raw`${before}(?<month>\d{2})-(?<day>\d{2})\s+${clock}${after}`),
  new RegExp(String.raw`${before}(?<monthName>[A-Z][a-z]{2})\s+(?<day>\d{1,2})\s+${clock}${after}`),
  new RegExp(String.raw`${before}${clock}${half}${after}(?=\s|$|\||-|:)`),
];
const epochSeconds = /^[[(\s]*(1[5-9]\d{8}|2\d{9})\.(\d{1,9})[\])]?(?=\s|:|$)/;
const epochMs = /^[[(\s]*(1[5-9]\d{11}|2\d{12})[\])]?(?=\s|:|$)/;

/** Finds the time that a line of a log begins with. */
export function readLineTime(line: string): TimedLine {
  const head = line.slice(0, 120);
  for (const form of forms) {
    const match = form.exec(head);
    if (match?.groups) return { atMs: toMs(match.groups), rest: line.slice(match[0].length) };
  }
  const seconds = epochSeconds.exec(head);
  if (seconds) {
    return {
      atMs: Number(`${seconds[1]}.${seconds[2]}`) * 1000,
      rest: line.slice(seconds[0].length),
    };
  }
  const ms = epochMs.exec(head);
  if (ms) return { atMs: Number(ms[1]), rest: line.slice(ms[0].length) };
  return { atMs: undefined, rest: line };
}

/** A time as JSON logs have it: a text, or seconds, milliseconds or nanoseconds of the epoch. */
export function readTimeValue(value: unknown): number | undefined {
  if (typeof value === "string") return readLineTime(value).atMs;
  if (typeof value !== "number" || !Number.isFinite(value) || value <= 0) return undefined;
  if (value > 1e17) return value / 1e6;
  if (value > 1e14) return value / 1e3;
  return value > 1e11 ? value : value * 1000;
}

function toMs(groups: Readonly<Record<string, string | undefined>>): number {
  const {
    year,
    month,
    monthName,
    day,
    hour,
    minute,
    second,
    fraction = "",
    half: noon,
    zone,
  } = groups;
  const hours = noon === undefined ? Number(hour) : (Number(hour) % 12) + (noon === "PM" ? 12 : 0);
  const ofDay =
    (hours * 3600 + Number(minute) * 60 + Number(second)) * 1000 +
    Number(`0.${fraction || "0"}`) * 1000;
  if (day === undefined) return ofDay;
  const monthIndex =
    monthName === undefined ? Number(month) - 1 : Math.max(0, months.indexOf(monthName) / 3);
  // A year that is not told is any: only differences count.
  return Date.UTC(Number(year ?? 2024), monthIndex, Number(day)) + ofDay - offsetMs(zone);
}

function offsetMs(zone: string | undefined): number {
  const match = /([+-])(\d{2}):?(\d{2})/.exec(zone ?? "");
  if (!match) return 0;
  const minutes = Number(match[2]) * 60 + Number(match[3]);
  return (match[1] === "-" ? -minutes : minutes) * 60_000;
}

const halfYearMs = 182 * dayMs;

/**
 * Puts the times of one log on one line: those without a date go on over midnight, and those without
 * a year are of the year of the others.
 */
export function createTimeline(): (atMs: number | undefined) => number | undefined {
  let days = 0;
  let lastOfDay: number | undefined;
  let last: number | undefined;
  return (atMs) => {
    if (atMs === undefined) return undefined;
    if (atMs < dayMs) {
      if (lastOfDay !== undefined && atMs < lastOfDay - dayMs / 2) days += 1;
      lastOfDay = atMs;
      return atMs + days * dayMs;
    }
    last = last !== undefined && Math.abs(atMs - last) > halfYearMs ? inYearOf(atMs, last) : atMs;
    return last;
  };
}

function inYearOf(atMs: number, otherMs: number): number {
  const date = new Date(atMs);
  const year = new Date(otherMs).getUTCFullYear();
  return date.setUTCFullYear(Number.isNaN(year) ? date.getUTCFullYear() : year);
}
