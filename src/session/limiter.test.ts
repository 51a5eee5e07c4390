import { expect, it } from "vitest";
import { createLimiter } from "./limiter.ts";

it("a limiter gives as many leases as its limit, and a lease counts back once", async () => {
  const limiter = createLimiter(2);
  const first = await limiter.acquire();
  expect(await limiter.acquire()).toBeDefined();
  expect(await limiter.acquire()).toBeUndefined();
  first?.();
  first?.();
  expect(limiter.active).toBe(1);
  expect(await limiter.acquire()).toBeDefined();
  expect(await limiter.acquire()).toBeUndefined();
});
