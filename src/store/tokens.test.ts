import { describe, expect, it } from "vitest";
import { ManualClock } from "../clock.ts";
import { SingleUseTokens } from "./tokens.ts";

const minuteMs = 60_000;

describe("single-use tokens", () => {
  it("are good once", async () => {
    const tokens = new SingleUseTokens(new ManualClock());
    const token = await tokens.mint();
    expect(await tokens.use(token)).toBe(true);
    expect(await tokens.use(token)).toBe(false);
  });

  it("are good for 15 minutes", async () => {
    const clock = new ManualClock();
    const tokens = new SingleUseTokens(clock);
    const early = await tokens.mint();
    clock.advance(5 * minuteMs);
    const late = await tokens.mint();
    clock.advance(10 * minuteMs - 1);
    const another = await tokens.mint();
    expect(await tokens.use(early)).toBe(true);
    clock.advance(5 * minuteMs + 1);
    expect(await tokens.use(late)).toBe(false);
    expect(await tokens.use(another)).toBe(true);
  });

  it("are over at the end of the last minute", async () => {
    const clock = new ManualClock();
    const tokens = new SingleUseTokens(clock);
    const token = await tokens.mint();
    clock.advance(15 * minuteMs);
    expect(await tokens.use(token)).toBe(false);
  });

  it("cannot be guessed, and fit a query as they are", async () => {
    const tokens = new SingleUseTokens(new ManualClock());
    const minted = await Promise.all(Array.from({ length: 100 }, () => tokens.mint()));
    expect(new Set(minted).size).toBe(100);
    expect(minted.every((token) => /^[\w-]{30,}$/.test(token))).toBe(true);
    expect(await tokens.use("")).toBe(false);
    expect(await tokens.use("sutkn_")).toBe(false);
  });
});
