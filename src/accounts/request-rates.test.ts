import { expect, it } from "vitest";
import { ManualClock } from "../clock.ts";
import { RequestRates } from "./request-rates.ts";

it("lets as many requests in at once as in a second, and then as they come back", () => {
  const clock = new ManualClock();
  const rates = new RequestRates(clock);
  const take = (): number => rates.take("key", 4);
  expect([1, 2, 3, 4].map(take)).toEqual([0, 0, 0, 0]);
  expect(take()).toBe(0.25);
  clock.advance(250);
  expect(take()).toBe(0);
  expect(take()).toBe(0.25);
  clock.advance(60_000);
  expect([1, 2, 3, 4, 5].map(take)).toEqual([0, 0, 0, 0, 0.25]);
});

it("counts each key for itself", () => {
  const rates = new RequestRates(new ManualClock());
  expect(rates.take("one", 1)).toBe(0);
  expect(rates.take("other", 1)).toBe(0);
  expect(rates.take("one", 1)).toBe(1);
});

it("forgets whom it has not seen for longest, and remembers the others", () => {
  const rates = new RequestRates(new ManualClock());
  rates.take("first", 1);
  for (let index = 0; index < 10_000; index += 1) rates.take(`key ${index}`, 1);
  expect(rates.take("key 9999", 1)).toBe(1);
  expect(rates.take("first", 1)).toBe(0);
});
