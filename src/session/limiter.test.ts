import { expect, it } from "vitest";
import { Limiter } from "./limiter.ts";

it("a limiter gives as many leases as its limit, and a lease counts back once", () => {
  const limiter = new Limiter(2);
  const first = limiter.acquire();
  expect(limiter.acquire()).toBeDefined();
  expect(limiter.acquire()).toBeUndefined();
  first?.();
  first?.();
  expect(limiter.active).toBe(1);
  expect(limiter.acquire()).toBeDefined();
  expect(limiter.acquire()).toBeUndefined();
});
