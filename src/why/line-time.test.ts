import { expect, it } from "vitest";
import { createTimeline, readLineTime, readTimeValue } from "./line-time.ts";

const noon = Date.UTC(2026, 0, 2, 12, 0, 1, 250);

it.each<[string, number, string]>([
  ["2026-01-02T12:00:01.250Z closed", noon, "closed"],
  ["2026-01-02T12:00:01.250000000Z closed", noon, "closed"],
  ["2026-01-02T13:00:01.250+01:00 closed", noon, "closed"],
  ["2026-01-02 12:00:01,250 - DEBUG asyncio - x", noon, "- DEBUG asyncio - x"],
  ["2026-01-02 12:00:01.250 | ERROR | pipecat", noon, "| ERROR | pipecat"],
  ["[2026-01-02 12:00:01.250] x", noon, "x"],
  ["INFO 2026-01-02 12:00:01.250 x", noon, "x"],
  ["time=2026-01-02T12:00:01.250Z level=info", noon, "level=info"],
  ["2026/01/02 12:00:01.250 go", noon, "go"],
  ["1/2/2026, 12:00:01.250 PM browser", noon, "browser"],
  ["1767355201.250 x", noon, "x"],
  ["1767355201250 x", noon, "x"],
  ["12:00:01.250 | INFO | x", 43_201_250, "| INFO | x"],
  ["[14:20:06.066] WARN (51915): x", 51_606_066, "WARN (51915): x"],
  ["12:00:01,250 x", 43_201_250, "x"],
])("reads the time of %s", (line, atMs, rest) => {
  const timed = readLineTime(line);
  expect(timed.atMs).toBeCloseTo(atMs, 3);
  expect(timed.rest.trim()).toBe(rest);
});

it("reads the dates of syslog, whose year is any", () => {
  const first = readLineTime("Jan  2 12:00:01 host agent[1]: a").atMs ?? Number.NaN;
  const second = readLineTime("Jan  2 12:00:21 host agent[1]: b").atMs ?? Number.NaN;
  expect(second - first).toBe(20_000);
});

it.each([
  "closed at 12:00:01",
  "Traceback (most recent call last):",
  "",
  "1008",
  "10.5 s",
  "127.0.0.1:8080 x",
])("finds no time in %j", (line) => {
  expect(readLineTime(line)).toEqual({ atMs: undefined, rest: line });
});

it.each<[unknown, number | undefined]>([
  ["2026-01-02T12:00:01.250Z", noon],
  [1_767_355_201_250, noon],
  [1_767_355_201.25, noon],
  [1_767_355_201_250_000, noon],
  [Number.NaN, undefined],
  [null, undefined],
  ["soon", undefined],
])("reads %j as a time", (value, atMs) => {
  expect(readTimeValue(value)).toEqual(atMs);
});

it("goes on over midnight", () => {
  const count = createTimeline();
  expect(count(86_390_000)).toBe(86_390_000);
  expect(count(5000)).toBe(86_405_000);
  expect(count(6000)).toBe(86_406_000);
  expect(count(undefined)).toBeUndefined();
});

it("takes dates without a year for those of the year of the others", () => {
  const timeline = createTimeline();
  const first = timeline(readLineTime("2025/08/19 10:12:31 INFO ping").atMs) ?? Number.NaN;
  const second = timeline(readLineTime("08-19 10:12:33.402 3512(3530) I x").atMs) ?? Number.NaN;
  expect(second - first).toBe(2402);
});
