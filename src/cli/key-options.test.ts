import { describe, expect, it } from "vitest";
import { UsageError } from "./errors.ts";
import { type KeyOptions, readDuration, readKeyOptions } from "./key-options.ts";

const nowMs = Date.UTC(2026, 10, 21, 9, 30);
const nowUnix = nowMs / 1000;

const unix = (...date: [number, number, number, number?]): number => Date.UTC(...date) / 1000;

it.each<[KeyOptions, object]>([
  [{}, {}],
  [{ name: "Ann's bot" }, { name: "Ann's bot" }],
  [{ scopes: "tts, history" }, { scopes: ["tts", "history"] }],
  [{ voices: "flite-rms,flite-slt" }, { voices: ["flite-rms", "flite-slt"] }],
  [{ models: "eleven_v3" }, { models: ["eleven_v3"] }],
  [{ quota: "100000/month" }, { character_quota: { characters: 100_000, period: "month" } }],
  [{ quota: "0/never" }, { character_quota: { characters: 0, period: "never" } }],
  [{ maxConcurrency: "2" }, { max_concurrency: 2 }],
  [{ requestsPerSecond: "10" }, { requests_per_second: 10 }],
  [{ addresses: "10.0.0.0/8,::1" }, { addresses: ["10.0.0.0/8", "::1"] }],
  [{ expires: "30d" }, { expires_at_unix: nowUnix + 30 * 86_400 }],
  [{ expires: "2027-01-01" }, { expires_at_unix: unix(2027, 0, 1) }],
  [{ expires: "2028-02-29" }, { expires_at_unix: unix(2028, 1, 29) }],
  [{ expires: "2027-01-01T12:00Z" }, { expires_at_unix: unix(2027, 0, 1, 12) }],
  [{ expires: "2027-01-01T01:00:00+02:00" }, { expires_at_unix: unix(2026, 11, 31, 23) }],
  [
    { voices: "unlimited", models: "unlimited", quota: "unlimited", addresses: "unlimited" },
    { voices: null, models: null, character_quota: null, addresses: null },
  ],
  [
    { maxConcurrency: "unlimited", requestsPerSecond: "unlimited", expires: "unlimited" },
    { max_concurrency: null, requests_per_second: null, expires_at_unix: null },
  ],
])("%j is %j", (options, wire) => {
  expect(readKeyOptions(options, nowMs)).toEqual(wire);
});

describe("what cannot be read is refused by its name", () => {
  it.each<[KeyOptions, RegExp]>([
    [{ quota: "100000" }, /--quota must be such as 100000\/month/],
    [{ quota: "1/year" }, /hour, day, month, never/],
    [{ quota: "-1/day" }, /--quota/],
    [{ quota: "1e6/day" }, /--quota/],
    [{ quota: "" }, /--quota/],
    [{ maxConcurrency: "2.5" }, /--max-concurrency must be a whole number, or unlimited/],
    [{ maxConcurrency: "none" }, /--max-concurrency/],
    [{ requestsPerSecond: "-1" }, /--requests-per-second/],
    [{ expires: "tomorrow" }, /--expires must be such as 30d, 2027-01-01/],
    [{ expires: "2027-02-31" }, /--expires/],
    [{ expires: "2027-13-01" }, /--expires/],
    [{ expires: "2027-01-01T12:00" }, /--expires/],
    [{ expires: "1735689600" }, /--expires/],
    [{ expires: "" }, /--expires/],
  ])("%j", (options, message) => {
    expect(() => readKeyOptions(options, nowMs)).toThrow(UsageError);
    expect(() => readKeyOptions(options, nowMs)).toThrow(message);
  });
});

it.each([
  ["0s", 0],
  ["90s", 90],
  ["5m", 300],
  ["12h", 43_200],
  ["1d", 86_400],
  ["2w", 1_209_600],
])("%s are %i seconds", (text, seconds) => {
  expect(readDuration("--grace", text)).toBe(seconds);
});

it.each(["", "1", "h", "1 h", "1.5h", "-1h", "1y", "1h30m"])("%j is no time", (text) => {
  expect(() => readDuration("--grace", text)).toThrow(/--grace must be a time such as 24h/);
});
