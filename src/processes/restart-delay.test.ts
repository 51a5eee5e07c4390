import { expect, it } from "vitest";
import { RestartDelay } from "./restart-delay.ts";

it("waits longer after each process that dies early, and not after one that has lived", () => {
  const delay = new RestartDelay();
  expect(delay.after(60_000)).toBe(0);
  expect([1, 2, 3].map(() => delay.after(100))).toEqual([250, 500, 1000]);
  expect(Array.from({ length: 2000 }, () => delay.after(100)).at(-1)).toBe(30_000);
  expect(delay.after(60_000)).toBe(0);
  expect(delay.after(100)).toBe(250);
});
