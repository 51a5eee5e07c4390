import { expect, it } from "vitest";
import { ManualClock } from "../clock.ts";
import type { Account } from "../protocol/accounts.ts";
import type { Problem } from "../protocol/problems.ts";
import { GuessGuard, guessLimits, slowGuesses } from "./guess-guard.ts";

const fail = (guard: GuessGuard, times: number, address = "192.0.2.7"): number[] =>
  Array.from({ length: times }, () => guard.onFailure(address));

it("answers ten failures at once and each further one twice as late, up to ten seconds", () => {
  const guard = new GuessGuard(new ManualClock());
  expect(fail(guard, 10)).toEqual(Array.from({ length: 10 }, () => 0));
  expect(fail(guard, 8)).toEqual([250, 500, 1000, 2000, 4000, 8000, 10_000, 10_000]);
});

it("forgives one failure every six seconds, however many there were", () => {
  const clock = new ManualClock();
  const guard = new GuessGuard(clock);
  fail(guard, 1000);
  clock.advance(6000);
  expect(guard.onFailure("192.0.2.7")).toBe(10_000);
  clock.advance(60_000);
  // Of the seventeen that count at most, seven are left.
  expect(fail(guard, 4)).toEqual([0, 0, 0, 250]);
  clock.advance(120_000);
  expect(fail(guard, 11)).toEqual([...Array.from({ length: 10 }, () => 0), 250]);
});

it("never delays who fails ten times a minute, evenly", () => {
  const clock = new ManualClock();
  const guard = new GuessGuard(clock);
  for (let minute = 0; minute < 50; minute += 1) {
    clock.advance(6000);
    expect(guard.onFailure("192.0.2.7")).toBe(0);
  }
});

it("tells addresses apart, but not those of one IPv6 network", () => {
  const guard = new GuessGuard(new ManualClock());
  fail(guard, 10, "2001:db8:0:1::1");
  expect(guard.onFailure("2001:db8:0:1:ffff::2")).toBe(250);
  expect(guard.onFailure("2001:db8:0:2::1")).toBe(0);
  expect(guard.onFailure("192.0.2.7")).toBe(0);
});

it("forgets the address that failed the longest ago when there are too many", () => {
  const clock = new ManualClock();
  const guard = new GuessGuard(clock, { ...guessLimits, maxAddresses: 3 });
  for (const address of ["192.0.2.1", "192.0.2.2", "192.0.2.3"]) fail(guard, 10, address);
  expect(guard.onFailure("192.0.2.1")).toBe(250);
  guard.onFailure("192.0.2.4");
  expect(guard.size).toBe(3);
  expect(guard.onFailure("192.0.2.2")).toBe(0);
  expect(guard.onFailure("192.0.2.1")).toBe(500);
});

it("delays the answer to a bad credential, and no other", async () => {
  const clock = new ManualClock();
  const account = { keyId: "good" } as Account;
  const answers: Readonly<Record<string, Account | Problem>> = {
    good: account,
    bad: { code: "invalid_api_key", details: {} },
    spent: { code: "invalid_token", details: {} },
    fast: { code: "rate_limited", details: {} },
  };
  const none: Problem = { code: "authentication_required", details: {} };
  const admit = slowGuesses(
    (credential) => Promise.resolve(answers[credential?.value ?? ""] ?? none),
    new GuessGuard(clock),
    clock,
  );
  const told: string[] = [];
  const ask = async (value: string): Promise<void> => {
    const found = await admit({ kind: "key", value }, "192.0.2.7");
    told.push("keyId" in found ? found.keyId : found.code);
  };
  for (let count = 0; count < 5; count += 1) await Promise.all([ask("bad"), ask("spent")]);
  expect(told).toHaveLength(10);
  const delayed = ask("bad");
  await Promise.all([ask("good"), ask("fast"), ask("")]);
  expect(told.slice(10)).toEqual(["good", "rate_limited", "authentication_required"]);
  clock.advance(249);
  await Promise.resolve();
  expect(told).toHaveLength(13);
  clock.advance(1);
  await delayed;
  expect(told.at(-1)).toBe("invalid_api_key");
  expect(clock.pending).toBe(0);
});
