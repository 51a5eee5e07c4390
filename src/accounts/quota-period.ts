import type { QuotaPeriod } from "../protocol/accounts.ts";

/** When each kind of period began that holds a moment, and when it ends, in UTC. */
const bounds: Readonly<Record<QuotaPeriod, (at: Date) => readonly [start: number, end?: number]>> =
  {
    hour: (at) => {
      const [year, month, day, hour] = partsOf(at);
      return [Date.UTC(year, month, day, hour), Date.UTC(year, month, day, hour + 1)];
    },
    day: (at) => {
      const [year, month, day] = partsOf(at);
      return [Date.UTC(year, month, day), Date.UTC(year, month, day + 1)];
    },
    month: (at) => {
      const [year, month] = partsOf(at);
      return [Date.UTC(year, month), Date.UTC(year, month + 1)];
    },
    never: () => [0],
  };

const partsOf = (at: Date): readonly [number, number, number, number] => [
  at.getUTCFullYear(),
  at.getUTCMonth(),
  at.getUTCDate(),
  at.getUTCHours(),
];

export interface PeriodBounds {
  readonly startUnix: number;
  /** Undefined for one that never ends. */
  readonly endUnix: number | undefined;
}

/** The period of a quota that holds a moment. */
export function periodAt(period: QuotaPeriod, atUnixMs: number): PeriodBounds {
  const [start, end] = bounds[period](new Date(atUnixMs));
  return { startUnix: start / 1000, endUnix: end === undefined ? undefined : end / 1000 };
}
