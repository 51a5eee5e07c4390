import { expect, it } from "vitest";
import { periodAt } from "./quota-period.ts";

const at = (text: string): number => Date.parse(text);

it.each([
  ["hour", "2026-11-21T09:59:59.999Z", "2026-11-21T09:00:00Z", "2026-11-21T10:00:00Z"],
  ["hour", "2026-12-31T23:00:00Z", "2026-12-31T23:00:00Z", "2027-01-01T00:00:00Z"],
  ["day", "2026-11-21T00:00:00Z", "2026-11-21T00:00:00Z", "2026-11-22T00:00:00Z"],
  ["month", "2028-02-29T12:00:00Z", "2028-02-01T00:00:00Z", "2028-03-01T00:00:00Z"],
  ["month", "2026-12-31T23:59:59Z", "2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z"],
] as const)("a period of a %s that holds %s", (period, moment, start, end) => {
  expect(periodAt(period, at(moment))).toEqual({
    startUnix: at(start) / 1000,
    endUnix: at(end) / 1000,
  });
});

it("one that never ends began before all", () => {
  expect(periodAt("never", at("2026-11-21T00:00:00Z"))).toEqual({
    startUnix: 0,
    endUnix: undefined,
  });
});
