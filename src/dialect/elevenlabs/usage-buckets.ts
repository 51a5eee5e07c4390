const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** How usage can be cut into buckets of time. */
export const usageIntervals = ["hour", "day", "week", "month", "cumulative"] as const;
export type UsageInterval = (typeof usageIntervals)[number];

/** More buckets than this are refused. */
export const maxBuckets = 10_000;

interface Calendar {
  /** The beginning of the bucket that a moment lies in. */
  readonly floor: (ms: number) => number;
  /** The beginning of the bucket after the one that begins at `ms`. */
  readonly next: (ms: number) => number;
}

const every = (lengthMs: number, originMs = 0): Calendar => ({
  floor: (ms) => Math.floor((ms - originMs) / lengthMs) * lengthMs + originMs,
  next: (ms) => ms + lengthMs,
});

/** 5 January 1970, the first Monday of Unix time. */
const firstMondayMs = 4 * dayMs;

const calendars: Readonly<Record<Exclude<UsageInterval, "cumulative">, Calendar>> = {
  hour: every(hourMs),
  day: every(dayMs),
  week: every(7 * dayMs, firstMondayMs),
  month: {
    floor: (ms) => startOfMonth(ms, 0),
    next: (ms) => startOfMonth(ms, 1),
  },
};

function startOfMonth(ms: number, monthsLater: number): number {
  const date = new Date(ms);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + monthsLater);
}

/**
 * Where the buckets between two moments begin and, last, where the last one ends, in ms: whole
 * hours, days, weeks from Monday or months, all in UTC. A number is a bucket's length in hours,
 * counted from the hour of the first moment. Undefined when they are more than `maxBuckets`.
 */
export function bucketEdges(
  fromMs: number,
  untilMs: number,
  interval: UsageInterval | number,
): readonly number[] | undefined {
  if (interval === "cumulative") return [calendars.hour.floor(fromMs), ceilToHour(untilMs)];
  const firstHour = calendars.hour.floor(fromMs);
  const calendar =
    typeof interval === "number" ? every(interval * hourMs, firstHour) : calendars[interval];
  const edges = [calendar.floor(fromMs)];
  for (let edge = calendar.next(edges[0] ?? 0); ; edge = calendar.next(edge)) {
    edges.push(edge);
    if (edge >= untilMs) return edges;
    if (edges.length > maxBuckets) return undefined;
  }
}

const ceilToHour = (ms: number): number => Math.ceil(ms / hourMs) * hourMs;
