import { expect, it } from "vitest";
import { slices } from "./slices.ts";

const lengths = (count: number, ...rest: [number, number?]) =>
  [...slices(new Int16Array(count), ...rest)].map((slice) => slice.length);

it.each([
  [0, []],
  [1, [1]],
  [1600, [1600]],
  [1601, [1600, 1]],
  [4000, [1600, 1600, 800]],
])("cuts %i samples into 100 ms at 16 kHz", (count, expected) => {
  expect(lengths(count, 16_000)).toEqual(expected);
});

it("never goes over the limit when it is no whole number of samples", () => {
  expect(lengths(3000, 22_050, 50)).toEqual([1102, 1102, 796]);
});

it("keeps the order and the samples", () => {
  const samples = Int16Array.from({ length: 999 }, (_, index) => index);
  expect([...slices(samples, 1000)].flatMap((slice) => [...slice])).toEqual([...samples]);
});

it("refuses slices without a sample, which would never end", () => {
  expect(() => lengths(10, 8000, 0.1)).toThrow(RangeError);
  expect(() => lengths(10, Number.NaN)).toThrow(RangeError);
});
