import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createToneEngine } from "../../src/engine/tone.ts";
import type { Records } from "../../src/open-records.ts";
import { scopes } from "../../src/protocol/accounts.ts";
import { detail } from "../bad-input/rows-http.ts";
import { openMemoryRecords } from "../support/records.ts";
import { startServer, testKey, type TestServer } from "../support/server.ts";

const startMs = Date.UTC(2026, 10, 21, 9, 30);
const startUnix = startMs / 1000;
const root = "/v1/admin/keys";

let nowMs: number;
let records: Records;
let server: TestServer;

beforeEach(async () => {
  nowMs = startMs;
  records = await openMemoryRecords(() => nowMs);
  server = await startServer({ engines: [createToneEngine()], records, wallClock: () => nowMs });
});
afterEach(async () => {
  await server.close();
  await records.close();
});

interface Answer {
  readonly status: number;
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly body: any;
}

async function ask(
  method: string,
  path: string,
  body?: unknown,
  key: string = testKey,
): Promise<Answer> {
  const response = await fetch(`${server.url}${path}`, {
    method,
    headers: {
      "xi-api-key": key,
      ...(body !== undefined && { "content-type": "application/json" }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: await response.json() };
}

const create = (body: object): Promise<Answer> => ask("POST", root, { name: "bot", ...body });
/** Whether a key is let in where it needs no more than the usual scopes. */
const lets = async (key: string): Promise<boolean> =>
  (await ask("GET", "/v1/models", undefined, key)).status === 200;

const idOfTone = (): string => server.server.voices[0]?.id ?? "";

const nothingLimited = {
  name: "bot",
  scopes: ["tts", "voices:read"],
  voices: null,
  models: null,
  character_quota: null,
  quota_use: null,
  max_concurrency: null,
  requests_per_second: null,
  addresses: null,
  created_at_unix: startUnix,
  expires_at_unix: null,
  revoked_at_unix: null,
};

describe("a key that is made", () => {
  it("is good at once, for what is usual, and shows its secret once", async () => {
    const { status, body } = await create({});
    expect(status).toBe(201);
    const { xi_api_key: secret, ...shown } = body;
    expect(secret).toMatch(/^sk_[0-9a-f]{64}$/);
    const preview = `sk_…${secret.slice(-4)}`;
    const secrets = [{ preview, created_at_unix: startUnix, expires_at_unix: null }];
    expect(shown).toEqual({ id: expect.stringMatching(/^\w{20}$/), ...nothingLimited, secrets });
    expect(await lets(secret)).toBe(true);
    expect((await ask("GET", `${root}/${body.id}`)).body).toEqual(shown);
    expect((await ask("GET", root)).body.keys).toContainEqual(shown);
    expect(JSON.stringify((await ask("GET", root)).body)).not.toContain(secret);
  });

  it("has every limit that it was given; voices are kept by their ids", async () => {
    const limits = {
      scopes: ["tts", "history"],
      models: ["eleven_flash_v2_5", "lightning-v4"],
      character_quota: { characters: 100_000, period: "month" },
      max_concurrency: 2,
      requests_per_second: 10,
      addresses: ["127.0.0.1", "10.0.0.0/8", "fd00::/8"],
      expires_at_unix: startUnix + 60,
    };
    const { body } = await create({ ...limits, voices: ["TONE", "tone", idOfTone()] });
    expect(body).toMatchObject({ ...limits, voices: [idOfTone()] });
    expect(body.quota_use).toEqual({
      characters: 0,
      resets_at_unix: Date.UTC(2026, 11) / 1000,
    });
    const speech = "/v1/text-to-speech/tone";
    const text = "Twelve chars";
    expect(
      (await speak(speech, { text, model_id: "eleven_flash_v2_5" }, body.xi_api_key)).status,
    ).toBe(200);
    expect((await speak(speech, { text }, body.xi_api_key)).status).toBe(403);
    const { quota_use: use } = (await ask("GET", `${root}/${body.id}`)).body;
    expect(use.characters).toBe(6);
  });

  it("takes null for no limit", async () => {
    const { status, body } = await create({ voices: null, character_quota: null, addresses: null });
    expect(status).toBe(201);
    expect(body).toMatchObject(nothingLimited);
  });

  it("may be called as another one", async () => {
    const ids = [(await create({})).body.id, (await create({})).body.id];
    expect(new Set(ids).size).toBe(2);
  });

  it("may have a quota of nothing, which lets it speak nothing", async () => {
    const { body } = await create({ character_quota: { characters: 0, period: "day" } });
    const answer = await speak("/v1/text-to-speech/tone", { text: "Hi" }, body.xi_api_key);
    expect(answer.status).toBe(401);
    expect(await answer.json()).toMatchObject({ detail: { code: "quota_exceeded" } });
  });
});

const speak = (path: string, body: object, key: string): Promise<Response> =>
  fetch(`${server.url}${path}`, {
    method: "POST",
    headers: { "xi-api-key": key, "content-type": "application/json" },
    body: JSON.stringify(body),
  });

describe("a key that is changed", () => {
  it("keeps what is not named, loses limits that become null, and is changed at once", async () => {
    const made = (await create({ max_concurrency: 3, addresses: ["192.0.2.1"] })).body;
    expect(await lets(made.xi_api_key)).toBe(false);
    const { status, body } = await ask("PATCH", `${root}/${made.id}`, {
      addresses: null,
      name: "other",
    });
    expect(status).toBe(200);
    const { xi_api_key: _, ...before } = made;
    expect(body).toEqual({ ...before, addresses: null, name: "other" });
    expect(await lets(made.xi_api_key)).toBe(true);
    await ask("PATCH", `${root}/${made.id}`, { scopes: ["tts"] });
    expect(await lets(made.xi_api_key)).toBe(false);
  });

  it("is as it was after a change of nothing", async () => {
    const { xi_api_key: _, ...made } = (await create({ max_concurrency: 3 })).body;
    expect((await ask("PATCH", `${root}/${made.id}`, {})).body).toEqual(made);
  });

  it("can be good again after it has expired", async () => {
    const made = (await create({ expires_at_unix: startUnix + 1 })).body;
    nowMs += 1000;
    expect(await lets(made.xi_api_key)).toBe(false);
    await ask("PATCH", `${root}/${made.id}`, { expires_at_unix: null });
    expect(await lets(made.xi_api_key)).toBe(true);
  });
});

describe("a key with a new secret", () => {
  it.each([
    [undefined, 86_400],
    [{}, 86_400],
    [{ grace_seconds: 60 }, 60],
    [{ grace_seconds: 0 }, 0],
    [{ grace_seconds: 2_592_000 }, 2_592_000],
  ])("asked for by %j takes the one before for %i seconds", async (wish, graceSeconds) => {
    const made = (await create({})).body;
    const { status, body } = await ask("POST", `${root}/${made.id}/rotate`, wish);
    expect(status).toBe(200);
    expect(body.id).toBe(made.id);
    expect(body.xi_api_key).not.toBe(made.xi_api_key);
    expect(await lets(body.xi_api_key)).toBe(true);
    expect(body.secrets.slice(1)).toEqual(
      graceSeconds === 0 ? [] : [{ ...made.secrets[0], expires_at_unix: startUnix + graceSeconds }],
    );
    nowMs += graceSeconds * 1000 - 1;
    expect(await lets(made.xi_api_key)).toBe(graceSeconds > 0);
    nowMs += 1;
    expect(await lets(made.xi_api_key)).toBe(false);
    expect(await lets(body.xi_api_key)).toBe(true);
  });

  it("ends older secrets no later than they would have ended", async () => {
    const first = (await create({})).body;
    const second = (await ask("POST", `${root}/${first.id}/rotate`, { grace_seconds: 10 })).body;
    await ask("POST", `${root}/${first.id}/rotate`, { grace_seconds: 100 });
    nowMs += 10_000;
    expect(await lets(first.xi_api_key)).toBe(false);
    expect(await lets(second.xi_api_key)).toBe(true);
    nowMs += 90_000;
    expect(await lets(second.xi_api_key)).toBe(false);
  });
});

describe("a key that is revoked", () => {
  it("is refused at once and for good, and stays in the list", async () => {
    const made = (await create({})).body;
    const path = `${root}/${made.id}`;
    expect(await ask("DELETE", path)).toEqual({ status: 200, body: { status: "ok" } });
    expect(await lets(made.xi_api_key)).toBe(false);
    nowMs += 5000;
    expect(await ask("DELETE", path)).toEqual({ status: 200, body: { status: "ok" } });
    expect((await ask("GET", path)).body.revoked_at_unix).toBe(startUnix);
    const refusal = detail(
      "validation_error",
      "key_revoked_for_good",
      `The API key '${made.id}' was revoked, which is for good. Make a new one with POST /v1/admin/keys or syrinx keys create.`,
    );
    expect(await withoutId(ask("PATCH", path, {}))).toEqual({ status: 409, body: refusal });
    expect(await withoutId(ask("POST", `${path}/rotate`))).toEqual({ status: 409, body: refusal });
  });

  it("may be the one that is used for it", async () => {
    const { id, xi_api_key: key } = (await create({ scopes })).body;
    expect((await ask("DELETE", `${root}/${id}`, undefined, key)).status).toBe(200);
    expect((await ask("GET", root, undefined, key)).status).toBe(401);
    expect((await ask("GET", root)).status).toBe(200);
  });
});

/** An answer but for the name of its request. */
async function withoutId(asked: Promise<Answer>): Promise<Answer> {
  const { status, body } = await asked;
  if (!Array.isArray(body.detail)) delete body.detail.request_id;
  return { status, body };
}

describe("the key of the settings", () => {
  const path = `${root}/settings`;

  it("is shown with the others, without a secret", async () => {
    const { body } = await ask("GET", path);
    expect(body).toEqual({
      ...nothingLimited,
      id: "settings",
      name: "SYRINX_API_KEY",
      scopes,
      created_at_unix: null,
      secrets: [{ preview: null, created_at_unix: null, expires_at_unix: null }],
    });
    expect((await ask("GET", root)).body.keys).toEqual([body]);
  });

  it.each([
    ["PATCH", path, {}],
    ["POST", `${path}/rotate`, undefined],
    ["DELETE", path, undefined],
  ])("cannot be changed by %s %s", async (method, where, body) => {
    expect(await withoutId(ask(method, where, body))).toEqual({
      status: 409,
      body: detail(
        "validation_error",
        "key_of_settings",
        "The API key 'settings' is the one of the server's settings, which is kept nowhere. Change SYRINX_API_KEY where the server is started, and start it again.",
      ),
    });
    expect(await lets(testKey)).toBe(true);
  });
});

it("a key that is not there is not found", async () => {
  const long = "a".repeat(200);
  for (const [method, path, shown] of [
    ["GET", `${root}/nobody`, "nobody"],
    ["PATCH", `${root}/..%2f..%2fetc`, "../../etc"],
    ["POST", `${root}/${long}/rotate`, `${"a".repeat(64)}…`],
    ["DELETE", `${root}/'%20or%201=1--`, "' or 1=1--"],
  ] as const) {
    const body = method === "PATCH" ? {} : undefined;
    expect(await withoutId(ask(method, path, body))).toEqual({
      status: 404,
      body: detail(
        "not_found",
        "key_not_found",
        `An API key with id '${shown}' was not found. List the keys with GET /v1/admin/keys or syrinx keys list.`,
      ),
    });
  }
});

describe("what each key is told of its account", () => {
  it("is its own time and preview", async () => {
    nowMs += 60_000;
    const made = (await create({ scopes: ["usage"] })).body;
    nowMs += 60_000;
    const { body } = await ask("GET", "/v1/user", undefined, made.xi_api_key);
    expect(body).toMatchObject({
      user_id: "owner",
      created_at: startUnix + 60,
      is_api_key_hashed: true,
      xi_api_key_preview: made.secrets[0].preview,
      seat_type: "workspace_member",
    });
    expect(JSON.stringify(body)).not.toContain(made.xi_api_key);
  });

  it("is the server's time for the key of the settings", async () => {
    nowMs += 60_000;
    expect((await ask("GET", "/v1/user")).body).toMatchObject({
      user_id: "owner",
      created_at: startUnix,
      is_api_key_hashed: true,
      xi_api_key_preview: null,
      seat_type: "workspace_admin",
    });
  });

  it("is what is left of its quota, whatever others use", async () => {
    const quota = { characters: 100, period: "hour" };
    const limited = { scopes: ["tts", "usage"], character_quota: quota };
    const [mine, other] = [(await create(limited)).body, (await create(limited)).body];
    for (const key of [mine.xi_api_key, other.xi_api_key, other.xi_api_key]) {
      const path = "/v1/text-to-speech/tone";
      await (await speak(path, { text: "Ten chars." }, key)).arrayBuffer();
    }
    const subscriptionOf = async (key: string): Promise<unknown> =>
      (await ask("GET", "/v1/user/subscription", undefined, key)).body;
    const common = {
      character_limit: 100,
      next_character_count_reset_unix: Date.UTC(2026, 10, 21, 10) / 1000,
    };
    expect(await subscriptionOf(mine.xi_api_key)).toMatchObject({ ...common, character_count: 10 });
    expect(await subscriptionOf(other.xi_api_key)).toMatchObject({
      ...common,
      character_count: 20,
    });
  });
});

it("keys are not looked after over HTTP where nobody needs one", async () => {
  const open = await startServer({
    engines: [createToneEngine()],
    records,
    flags: { auth: "off" },
  });
  const response = await fetch(`${open.url}${root}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: '{"name":"later"}',
  });
  expect(response.status).toBe(403);
  expect(await response.json()).toMatchObject({ detail: { status: "not_supported" } });
  expect((await fetch(`${open.url}${root}`)).status).toBe(403);
  expect(await records.stores.keys.list()).toEqual([]);
  await open.close();
});
