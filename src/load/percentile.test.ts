import { expect, it } from "vitest";
import { distribution, median, percentile } from "./percentile.ts";

const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);

it.each<[readonly number[], number, number]>([
  [[], 0.5, Number.NaN],
  [[7], 0.99, 7],
  [[3, 1, 2], 0.5, 2],
  [[4, 1, 3, 2], 0.5, 2],
  [hundred, 0.95, 95],
  [hundred, 0.99, 99],
  [hundred, 1, 100],
  [hundred, 0, 1],
  [[10, 9], 0.95, 10],
])("of %j the share %f is at most %f", (values, share, expected) => {
  expect(percentile(values, share)).toBe(expected);
});

it.each<[readonly number[], number]>([
  [[], Number.NaN],
  [[5], 5],
  [[10, 2], 6],
  [[9, 1, 5], 5],
])("the middle of %j is %f", (values, middle) => {
  expect(median(values)).toBe(middle);
});

it("a distribution has all that reports show, and none of nothing", () => {
  expect(distribution([])).toBeUndefined();
  expect(distribution(hundred)).toEqual({
    count: 100,
    min: 1,
    p50: 50,
    p95: 95,
    p99: 99,
    max: 100,
  });
});
