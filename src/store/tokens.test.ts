import { describe, expect, it } from "vitest";
import { ManualClock } from "../clock.ts";
import { SingleUseTokens } from "./tokens.ts";

const minuteMs = 60_000;

describe("single-use tokens", () => {
  it("are good once", () => {
    const tokens = new SingleUseTokens(new ManualClock());
    const token = tokens.mint();
    expect(tokens.use(token)).toBe(true);
    expect(tokens.use(token)).toBe(false);
  });

  it("are good for 15 minutes", () => {
    const clock = new ManualClock();
    const tokens = new SingleUseTokens(clock);
    const early = tokens.mint();
    clock.advance(5 * minuteMs);
    const late = tokens.mint();
    clock.advance(10 * minuteMs - 1);
    const another = tokens.mint();
    expect(tokens.use(early)).toBe(true);
    clock.advance(5 * minuteMs + 1);
    expect(tokens.use(late)).toBe(false);
    expect(tokens.use(another)).toBe(true);
  });

  it("are over at the end of the last minute", () => {
    const clock = new ManualClock();
    const tokens = new SingleUseTokens(clock);
    const token = tokens.mint();
    clock.advance(15 * minuteMs);
    expect(tokens.use(token)).toBe(false);
  });

  it("cannot be guessed, and fit a query as they are", () => {
    const tokens = new SingleUseTokens(new ManualClock());
    const minted = Array.from({ length: 100 }, () => tokens.mint());
    expect(new Set(minted).size).toBe(100);
    expect(minted.every((token) => /^[\w-]{30,}$/.test(token))).toBe(true);
    expect(tokens.use("")).toBe(false);
    expect(tokens.use("sutkn_")).toBe(false);
  });
});
