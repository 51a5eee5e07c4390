import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { everyRoute, type PublicRoute } from "../../scripts/every-route.ts";
import { createToneEngine } from "../../src/engine/tone.ts";
import type { Records } from "../../src/open-records.ts";
import { type Scope, scopes } from "../../src/protocol/accounts.ts";
import { rulesWith } from "../support/keys.ts";
import { openMemoryRecords } from "../support/records.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { openStreamInput } from "../support/stream-input.ts";

const dictionaries = "/v1/pronunciation-dictionaries";
const voice = "/v1/voices/:voice_id";

/** What each route needs. */
const rows: readonly (readonly [method: PublicRoute["method"], path: string, scope: Scope])[] = [
  ["POST", "/v1/text-to-speech/:voice_id", "tts"],
  ["POST", "/v1/text-to-speech/:voice_id/stream", "tts"],
  ["POST", "/v1/text-to-speech/:voice_id/with-timestamps", "tts"],
  ["POST", "/v1/text-to-speech/:voice_id/stream/with-timestamps", "tts"],
  ["WebSocket", "/v1/text-to-speech/:voice_id/stream-input", "tts"],
  ["WebSocket", "/v1/text-to-speech/:voice_id/multi-stream-input", "tts"],
  ["POST", "/v1/single-use-token/:token_type", "tts"],
  ["GET", "/v1/models", "voices:read"],
  ["GET", "/v1/engines", "voices:read"],
  ["GET", "/v1/voices", "voices:read"],
  ["GET", "/v2/voices", "voices:read"],
  ["GET", "/v1/voices/settings/default", "voices:read"],
  ["GET", voice, "voices:read"],
  ["GET", `${voice}/settings`, "voices:read"],
  ["GET", "/v1/shared-voices", "voices:read"],
  ["POST", `${voice}/settings/edit`, "voices:write"],
  ["POST", "/v1/voices/refresh", "voices:write"],
  ["POST", "/v1/voices/add", "voices:write"],
  ["POST", `${voice}/edit`, "voices:write"],
  ["DELETE", voice, "voices:write"],
  ["POST", `${voice}/replicate-to-isolated-environment`, "voices:write"],
  ["POST", "/v1/voices/add/:public_user_id/:voice_id", "voices:write"],
  ["POST", "/v1/similar-voices", "voices:write"],
  ["GET", dictionaries, "voices:read"],
  ["GET", `${dictionaries}/:dictionary_id`, "voices:read"],
  ["GET", `${dictionaries}/:dictionary_id/:version_id/download`, "voices:read"],
  ["POST", `${dictionaries}/add-from-rules`, "voices:write"],
  ["POST", `${dictionaries}/add-from-file`, "voices:write"],
  ["PATCH", `${dictionaries}/:dictionary_id`, "voices:write"],
  ["POST", `${dictionaries}/:dictionary_id/set-rules`, "voices:write"],
  ["POST", `${dictionaries}/:dictionary_id/add-rules`, "voices:write"],
  ["POST", `${dictionaries}/:dictionary_id/remove-rules`, "voices:write"],
  ["GET", "/v1/history", "history"],
  ["GET", "/v1/history/:history_item_id", "history"],
  ["GET", "/v1/history/:history_item_id/audio", "history"],
  ["DELETE", "/v1/history/:history_item_id", "history"],
  ["POST", "/v1/history/download", "history"],
  ["GET", "/v1/connections", "connections"],
  ["GET", "/v1/connections/live", "connections"],
  ["GET", "/v1/connections/:connection_id", "connections"],
  ["GET", "/v1/connections/:connection_id/timeline", "connections"],
  ["GET", "/v1/user", "usage"],
  ["GET", "/v1/user/subscription", "usage"],
  ["GET", "/v1/usage/character-stats", "usage"],
  ["GET", "/v1/admin/keys", "admin"],
  ["POST", "/v1/admin/keys", "admin"],
  ["GET", "/v1/admin/keys/:key_id", "admin"],
  ["PATCH", "/v1/admin/keys/:key_id", "admin"],
  ["DELETE", "/v1/admin/keys/:key_id", "admin"],
  ["POST", "/v1/admin/keys/:key_id/rotate", "admin"],
  ["POST", "/waves/v1/tts", "tts"],
  ["POST", "/waves/v1/tts/live", "tts"],
  ["POST", "/waves/v1/:model/get_speech", "tts"],
  ["POST", "/waves/v1/:model/get_speech_long_text", "tts"],
  ["POST", "/waves/v1/:model/stream", "tts"],
  ["WebSocket", "/waves/v1/tts/live", "tts"],
  ["WebSocket", "/waves/v1/:model/get_speech/stream", "tts"],
  ["WebSocket", "/waves/v1/:model/stream", "tts"],
  ["WebSocket", "/waves/v1/streaming-tts/stream", "tts"],
  ["WebSocket", "/waves/v1/lightning-v4/live", "tts"],
  ["GET", "/waves/v1/:model/get_voices", "voices:read"],
  ["GET", "/waves/v1/voice/get-all-models", "voices:read"],
  ["GET", "/waves/v1/voice-cloning", "voices:read"],
  ["GET", "/waves/v1/lightning-large/get_cloned_voices", "voices:read"],
  ["POST", "/waves/v1/voice-cloning", "voices:write"],
  ["POST", "/waves/v1/lightning-large/add_voice", "voices:write"],
  ["DELETE", "/waves/v1/lightning-large", "voices:write"],
];

let records: Records;
let server: TestServer;
/** A key for each scope, good for that alone; and one for all scopes but that. */
const secrets = new Map<Scope, { readonly only: string; readonly allBut: string }>();

beforeAll(async () => {
  records = await openMemoryRecords();
  const { keys } = records.stores;
  for (const scope of scopes) {
    const only = await keys.create(rulesWith({ scopes: [scope] }));
    const others = scopes.filter((other) => other !== scope);
    const allBut = await keys.create(rulesWith({ scopes: others }));
    secrets.set(scope, { only: only.secret, allBut: allBut.secret });
  }
  server = await startServer({ records, engines: [createToneEngine()], flags: { metrics: "key" } });
});
afterAll(async () => {
  await server.close();
  await records.close();
});

const examples: Readonly<Record<string, string>> = { voice_id: "tone", model: "lightning-v2" };

const fill = (path: string): string =>
  path.replaceAll(/:(\w+)/g, (_all, name: string) => examples[name] ?? "none");

const credentials = (path: string, secret: string): Record<string, string> =>
  path.startsWith("/waves") ? { authorization: `Bearer ${secret}` } : { "xi-api-key": secret };

const ask = (method: string, path: string, secret: string): Promise<Response> =>
  fetch(`${server.url}${fill(path)}`, { method, headers: credentials(path, secret) });

/** Everything that a socket is told when it wants to speak. */
async function toldBy(path: string, secret: string): Promise<string> {
  const headers = credentials(path, secret);
  // One of them is told the voice in its address, all others leave that alone.
  const query = "voice_id=tone";
  const client = await openStreamInput(server.wsUrl, { path: fill(path), query, headers });
  client.send(path.startsWith("/waves") ? { voice_id: "tone", text: " " } : { text: " " });
  await client.settled();
  client.socket.terminate();
  return client.raw.join("\n");
}

describe("every route has its row, and no other", () => {
  const nameOf = ([method, path, scope]: (typeof rows)[number]): string =>
    `${method} ${path} ${scope}`;

  it("of the routes there are", () => {
    const routes = everyRoute().map(({ method, path, scope }) => nameOf([method, path, scope]));
    expect(rows.map(nameOf).toSorted()).toEqual(routes.toSorted());
  });
});

describe("a key that is good for everything else", () => {
  it.each(rows.filter(([method]) => method !== "WebSocket"))(
    "is missing a permission for %s %s",
    async (method, path, scope) => {
      const response = await ask(method, path, secrets.get(scope)?.allBut ?? "");
      expect(response.status).toBe(401);
      const body = await response.json();
      const isWaves = path.startsWith("/waves");
      expect(body).toMatchObject(
        isWaves
          ? { code: "missing_permission" }
          : { detail: { code: "missing_permissions", status: "missing_permissions" } },
      );
      expect(JSON.stringify(body)).toContain(`permission ${scope}`);
    },
  );

  it.each(rows.filter(([method]) => method === "WebSocket"))(
    "is missing a permission for %s %s",
    async (_method, path, scope) => {
      expect(await toldBy(path, secrets.get(scope)?.allBut ?? "")).toContain("missing_permission");
    },
  );
});

describe("a key that is good for nothing else", () => {
  it.each(rows.filter(([method]) => method !== "WebSocket"))(
    "is let in at %s %s",
    async (method, path, scope) => {
      const response = await ask(method, path, secrets.get(scope)?.only ?? "");
      const text = await response.text();
      expect(response.status).not.toBe(401);
      expect(response.status).toBeLessThan(500);
      expect(text).not.toContain("missing_permission");
    },
  );

  it.each(rows.filter(([method]) => method === "WebSocket"))(
    "is let in at %s %s",
    async (_method, path, scope) => {
      const told = await toldBy(path, secrets.get(scope)?.only ?? "");
      expect(told).not.toMatch(/missing_permission|unauthorized/);
    },
  );
});

it("figures need the scope usage where they need a key", async () => {
  const { only = "", allBut = "" } = secrets.get("usage") ?? {};
  expect((await ask("GET", "/metrics", allBut)).status).toBe(401);
  expect((await ask("GET", "/metrics", only)).status).toBe(200);
});
