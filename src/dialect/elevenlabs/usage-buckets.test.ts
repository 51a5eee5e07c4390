import { describe, expect, it } from "vitest";
import { bucketEdges, maxBuckets, type UsageInterval } from "./usage-buckets.ts";

const at = (iso: string): number => Date.parse(`${iso}Z`);
const edges = (from: string, until: string, interval: UsageInterval | number) =>
  bucketEdges(at(from), at(until), interval)?.map((edge) =>
    new Date(edge).toISOString().slice(0, 16),
  );

describe("the buckets of", () => {
  it("hours are whole, and the last one has the end in it", () => {
    expect(edges("2026-03-01T10:30", "2026-03-01T12:00", "hour")).toEqual([
      "2026-03-01T10:00",
      "2026-03-01T11:00",
      "2026-03-01T12:00",
    ]);
  });

  it("days begin at midnight", () => {
    expect(edges("2026-02-27T00:00", "2026-03-01T23:59", "day")).toEqual([
      "2026-02-27T00:00",
      "2026-02-28T00:00",
      "2026-03-01T00:00",
      "2026-03-02T00:00",
    ]);
  });

  it("weeks begin on Monday", () => {
    expect(edges("2026-03-01T10:00", "2026-03-02T00:01", "week")).toEqual([
      "2026-02-23T00:00",
      "2026-03-02T00:00",
      "2026-03-09T00:00",
    ]);
  });

  it("months are as long as they are", () => {
    expect(edges("2025-12-31T23:59", "2026-02-28T00:00", "month")).toEqual([
      "2025-12-01T00:00",
      "2026-01-01T00:00",
      "2026-02-01T00:00",
      "2026-03-01T00:00",
    ]);
  });

  it("all time are one", () => {
    expect(edges("2026-01-01T00:30", "2026-02-01T00:30", "cumulative")).toEqual([
      "2026-01-01T00:00",
      "2026-02-01T01:00",
    ]);
  });

  it("a length of its own begin with the first hour", () => {
    expect(edges("2026-01-01T01:30", "2026-01-01T06:00", 3)).toEqual([
      "2026-01-01T01:00",
      "2026-01-01T04:00",
      "2026-01-01T07:00",
    ]);
  });
});

it("there are at most so many", () => {
  const hourMs = 3_600_000;
  expect(bucketEdges(0, maxBuckets * hourMs, "hour")).toHaveLength(maxBuckets + 1);
  expect(bucketEdges(0, maxBuckets * hourMs + 1, "hour")).toBeUndefined();
  for (const interval of ["hour", "day", "week", "month", 1] as const) {
    expect(bucketEdges(0, 8.64e15, interval)).toBeUndefined();
  }
});
