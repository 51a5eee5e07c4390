import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createToneEngine } from "../../src/engine/tone.ts";
import type { Records } from "../../src/open-records.ts";
import { type Key, scopes } from "../../src/protocol/accounts.ts";
import { invalid } from "../bad-input/rows-http.ts";
import { rulesWith } from "../support/keys.ts";
import { openMemoryRecords } from "../support/records.ts";
import { startServer, testKey, type TestServer } from "../support/server.ts";

const nowMs = Date.UTC(2026, 10, 21, 9, 30);
const nowUnix = nowMs / 1000;
const root = "/v1/admin/keys";

let records: Records;
let server: TestServer;
/** All keys there are before a test, and after it. */
let before: readonly Key[];
let keyId: string;

beforeAll(async () => {
  records = await openMemoryRecords(() => nowMs);
  const { key } = await records.stores.keys.create(rulesWith({ name: "kept" }));
  keyId = key.id;
  server = await startServer({ engines: [createToneEngine()], records, wallClock: () => nowMs });
});
beforeEach(async () => {
  before = await records.stores.keys.list();
});
afterAll(async () => {
  await server.close();
  await records.close();
});

/** The answer to a body; text is sent as it is. */
async function ask(method: string, path: string, body: unknown): Promise<unknown> {
  const response = await fetch(`${server.url}${path}`, {
    method,
    headers: { "xi-api-key": testKey, "content-type": "application/json" },
    body: body === undefined ? "" : typeof body === "string" ? body : JSON.stringify(body),
  });
  return { status: response.status, body: await response.json() };
}

const anyName = { name: "bot" };
const tooMany = (what: string): string => `Too big: expected ${what}`;
const wrongType = (expected: string, received: string): string =>
  `Invalid input: expected ${expected}, received ${received}`;
const anAddress = "Expected an address, or a range such as 10.0.0.0/8";

/** Bodies of a new key that are wrong, and what is said of them. */
const badKeys: readonly (readonly [
  name: string,
  body: unknown,
  kind: string,
  loc: readonly (string | number)[],
  reason: string,
])[] = [
  ["nothing", undefined, "missing", [], "Field required"],
  ["a list", [], "invalid_type", [], wrongType("object", "array")],
  ["broken JSON", '{"name":', "json_invalid", [], "JSON decode error"],
  [
    "a prototype",
    '{"name":"bot","__proto__":{"scopes":["admin"]}}',
    "extra_forbidden",
    ["__proto__"],
    "Extra inputs are not permitted",
  ],
  ["null", null, "invalid_type", [], wrongType("object", "null")],
  ["no name", {}, "missing", ["name"], "Field required"],
  ["a name of null", { name: null }, "invalid_type", ["name"], wrongType("string", "null")],
  [
    "a name of spaces",
    { name: "  " },
    "too_small",
    ["name"],
    "Too small: expected string to have >=1 characters",
  ],
  [
    "a name of 1,000 characters",
    { name: "a".repeat(1000) },
    "too_big",
    ["name"],
    tooMany("string to have <=200 characters"),
  ],
  [
    "a name with a line break",
    { name: "a\nb" },
    "invalid_format",
    ["name"],
    "Control characters are not permitted",
  ],
  [
    "a name that a terminal obeys",
    { name: "a\u001b[2Jb" },
    "invalid_format",
    ["name"],
    "Control characters are not permitted",
  ],
  [
    "a misspelled limit",
    { ...anyName, max_concurency: 1 },
    "extra_forbidden",
    ["max_concurency"],
    "Extra inputs are not permitted",
  ],
  [
    "an id of its own",
    { ...anyName, id: "x" },
    "extra_forbidden",
    ["id"],
    "Extra inputs are not permitted",
  ],
  [
    "a key of its own",
    { ...anyName, xi_api_key: "sk_1" },
    "extra_forbidden",
    ["xi_api_key"],
    "Extra inputs are not permitted",
  ],
  [
    "a member of 100 characters",
    { ...anyName, ["m".repeat(100)]: 1 },
    "extra_forbidden",
    [`${"m".repeat(64)}…`],
    "Extra inputs are not permitted",
  ],
  [
    "no scope",
    { ...anyName, scopes: [] },
    "too_small",
    ["scopes"],
    "Too small: expected array to have >=1 items",
  ],
  [
    "scopes of null",
    { ...anyName, scopes: null },
    "invalid_type",
    ["scopes"],
    wrongType("array", "null"),
  ],
  [
    "a scope that is not there",
    { ...anyName, scopes: ["tts", "all"] },
    "invalid_value",
    ["scopes", "1"],
    `Invalid option: expected one of ${scopes.map((scope) => `"${scope}"`).join("|")}`,
  ],
  [
    "scopes in one text",
    { ...anyName, scopes: "tts" },
    "invalid_type",
    ["scopes"],
    wrongType("array", "string"),
  ],
  [
    "no voice",
    { ...anyName, voices: [] },
    "too_small",
    ["voices"],
    "Too small: expected array to have >=1 items",
  ],
  [
    "a voice that is not there",
    { ...anyName, voices: ["tone", "nobody"] },
    "custom",
    ["voices", "1"],
    "There is no voice of this name",
  ],
  [
    "101 voices",
    { ...anyName, voices: Array.from({ length: 101 }, () => "tone") },
    "too_big",
    ["voices"],
    tooMany("array to have <=100 items"),
  ],
  [
    "a model that is not there",
    { ...anyName, models: ["gpt"] },
    "custom",
    ["models", "0"],
    "There is no model of this name",
  ],
  [
    "a quota in figures",
    { ...anyName, character_quota: 100 },
    "invalid_type",
    ["character_quota"],
    wrongType("object", "number"),
  ],
  [
    "a quota without a period",
    { ...anyName, character_quota: { characters: 1 } },
    "missing",
    ["character_quota", "period"],
    "Field required",
  ],
  [
    "a quota for a week",
    { ...anyName, character_quota: { characters: 1, period: "week" } },
    "invalid_value",
    ["character_quota", "period"],
    'Invalid option: expected one of "hour"|"day"|"month"|"never"',
  ],
  [
    "a quota below nothing",
    { ...anyName, character_quota: { characters: -1, period: "day" } },
    "too_small",
    ["character_quota", "characters"],
    "Too small: expected number to be >=0",
  ],
  [
    "half a character",
    { ...anyName, character_quota: { characters: 0.5, period: "day" } },
    "invalid_type",
    ["character_quota", "characters"],
    wrongType("int", "number"),
  ],
  [
    "a misspelled quota",
    { ...anyName, character_quota: { characters: 1, period: "day", burst: 1 } },
    "extra_forbidden",
    ["character_quota", "burst"],
    "Extra inputs are not permitted",
  ],
  [
    "concurrency of none",
    { ...anyName, max_concurrency: 0 },
    "too_small",
    ["max_concurrency"],
    "Too small: expected number to be >=1",
  ],
  [
    "concurrency in words",
    { ...anyName, max_concurrency: "2" },
    "invalid_type",
    ["max_concurrency"],
    wrongType("number", "string"),
  ],
  [
    "a rate of none",
    { ...anyName, requests_per_second: 0 },
    "too_small",
    ["requests_per_second"],
    "Too small: expected number to be >=1",
  ],
  [
    "a rate of half",
    { ...anyName, requests_per_second: 0.5 },
    "invalid_type",
    ["requests_per_second"],
    wrongType("int", "number"),
  ],
  [
    "a rate beyond all",
    { ...anyName, requests_per_second: 1e9 },
    "too_big",
    ["requests_per_second"],
    tooMany("number to be <=1000000"),
  ],
  [
    "no address",
    { ...anyName, addresses: [] },
    "too_small",
    ["addresses"],
    "Too small: expected array to have >=1 items",
  ],
  [
    "a host name",
    { ...anyName, addresses: ["localhost"] },
    "custom",
    ["addresses", "0"],
    anAddress,
  ],
  [
    "a range of 33 bits",
    { ...anyName, addresses: ["10.0.0.0/33"] },
    "custom",
    ["addresses", "0"],
    anAddress,
  ],
  [
    "an address with a zone",
    { ...anyName, addresses: ["10.0.0.1", "fe80::1%eth0"] },
    "custom",
    ["addresses", "1"],
    anAddress,
  ],
  [
    "an expiry in the past",
    { ...anyName, expires_at_unix: nowUnix - 1 },
    "custom",
    ["expires_at_unix"],
    "Expected a moment to come",
  ],
  [
    "an expiry that is now",
    { ...anyName, expires_at_unix: nowUnix },
    "custom",
    ["expires_at_unix"],
    "Expected a moment to come",
  ],
  [
    "an expiry in milliseconds",
    { ...anyName, expires_at_unix: nowMs },
    "too_big",
    ["expires_at_unix"],
    tooMany("number to be <=253402300799"),
  ],
  [
    "an expiry in words",
    { ...anyName, expires_at_unix: "2027-01-01" },
    "invalid_type",
    ["expires_at_unix"],
    wrongType("number", "string"),
  ],
];

describe("a body that is wrong makes no key", () => {
  it.each(badKeys)("%s", async (_name, body, kind, loc, reason) => {
    const answer = await ask("POST", root, body);
    expect(answer).toEqual({ status: 422, body: invalid(kind, loc.map(String), reason) });
    expect(await records.stores.keys.list()).toEqual(before);
  });
});

describe("a body that is wrong changes no key", () => {
  // What a key has to have when it is made may be left as it is.
  const bad = badKeys.filter(([name]) => name !== "no name");

  it.each(bad)("%s", async (_name, body, kind, loc, reason) => {
    const answer = await ask("PATCH", `${root}/${keyId}`, body);
    expect(answer).toEqual({ status: 422, body: invalid(kind, loc.map(String), reason) });
    expect(await records.stores.keys.list()).toEqual(before);
  });
});

describe("a body that is wrong gives no secret", () => {
  it.each([
    ["a list", [], "invalid_type", [], wrongType("object", "array")],
    [
      "a grace below nothing",
      { grace_seconds: -1 },
      "too_small",
      ["grace_seconds"],
      "Too small: expected number to be >=0",
    ],
    [
      "a grace of 31 days",
      { grace_seconds: 31 * 86_400 },
      "too_big",
      ["grace_seconds"],
      tooMany("number to be <=2592000"),
    ],
    [
      "a grace of half a second",
      { grace_seconds: 0.5 },
      "invalid_type",
      ["grace_seconds"],
      wrongType("int", "number"),
    ],
    [
      "a grace of null",
      { grace_seconds: null },
      "invalid_type",
      ["grace_seconds"],
      wrongType("number", "null"),
    ],
    [
      "a misspelled grace",
      { grace: 1 },
      "extra_forbidden",
      ["grace"],
      "Extra inputs are not permitted",
    ],
  ])("%s", async (_name, body, kind, loc, reason) => {
    const answer = await ask("POST", `${root}/${keyId}/rotate`, body);
    expect(answer).toEqual({ status: 422, body: invalid(kind, loc, reason) });
    expect(await records.stores.keys.list()).toEqual(before);
  });
});
