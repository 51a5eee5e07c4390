import { expect, it } from "vitest";
import { findOnset } from "./onset.ts";

const rateHz = 8000;
const silence = (ms: number): number[] => Array.from({ length: ms * 8 }, () => 0);
const tone = (ms: number, level: number): number[] =>
  Array.from({ length: ms * 8 }, (_, index) => (index % 2 === 0 ? level : -level));

it.each<[string, readonly number[][], number | undefined]>([
  ["no samples", [], undefined],
  ["silence", [silence(500)], undefined],
  ["sound at once", [tone(10, 8000)], 0],
  ["sound after silence", [silence(100), tone(10, 8000)], 100],
  ["silence in many stretches", [silence(33), silence(34), silence(33), tone(10, 8000)], 100],
  ["noise below -50 dB", [tone(100, 80), tone(10, 8000)], 100],
  ["sound just above -50 dB", [silence(20), tone(10, 120)], 20],
  ["one click", [silence(20), [0, 120, 0, 0], silence(10)], undefined],
])("in %s", (_what, stretches, onsetMs) => {
  expect(findOnset(stretches, rateHz, 32_768)).toBe(onsetMs);
});

it("takes no more than it needs", () => {
  let taken = 0;
  function* stretches(): Generator<number[]> {
    for (;;) {
      taken += 1;
      yield taken < 3 ? silence(5) : tone(5, 8000);
    }
  }
  expect(findOnset(stretches(), rateHz, 32_768)).toBe(10);
  expect(taken).toBe(3);
});
