import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createToneEngine } from "../../src/engine/tone.ts";
import type { Records } from "../../src/open-records.ts";
import { noUsage } from "../../src/protocol/stores.ts";
import { openMemoryRecords } from "../support/records.ts";
import { startServer, testKey, type TestServer } from "../support/server.ts";
import { openStreamInput, Refused } from "../support/stream-input.ts";

const speech = "/v1/text-to-speech/tone";
const short = "Short enough.";
const long = "The disk is filling up now, slowly. ".repeat(20);

let records: Records;
let server: TestServer;
beforeEach(async () => {
  records = await openMemoryRecords();
  server = await startServer({ engines: [createToneEngine()], records });
});
afterEach(async () => {
  await server.close();
  await records.close();
});

/** The secret of a key that may speak so many characters in all. */
async function keyFor(characters: number, { url } = server): Promise<string> {
  const response = await fetch(`${url}/v1/admin/keys`, {
    method: "POST",
    headers: { "xi-api-key": testKey, "content-type": "application/json" },
    body: JSON.stringify({
      name: "bot",
      scopes: ["tts", "history", "usage"],
      character_quota: { characters, period: "never" },
    }),
  });
  expect(response.status).toBe(201);
  return ((await response.json()) as { xi_api_key: string }).xi_api_key;
}

const speak = (key: string, text: string, path = speech): Promise<Response> =>
  fetch(`${server.url}${path}`, {
    method: "POST",
    headers: { "xi-api-key": key, "content-type": "application/json" },
    body: JSON.stringify({ text }),
  });

async function used(key: string): Promise<unknown> {
  const headers = { "xi-api-key": key };
  const response = await fetch(`${server.url}/v1/user/subscription`, { headers });
  return ((await response.json()) as { character_count: unknown }).character_count;
}

async function texts(key: string): Promise<unknown[]> {
  const response = await fetch(`${server.url}/v1/history`, { headers: { "xi-api-key": key } });
  const { history } = (await response.json()) as { history: { text: string }[] };
  return history.map(({ text }) => text);
}

describe("a request over HTTP that the quota has no room for", () => {
  it.each(["", "/stream", "/with-timestamps", "/stream/with-timestamps"])(
    "is refused before any of it is spoken, and leaves no trace: %s",
    async (suffix) => {
      const key = await keyFor(100);
      const refused = await speak(key, long, `${speech}${suffix}`);
      expect(refused.status).toBe(401);
      expect(await refused.json()).toMatchObject({
        detail: {
          status: "quota_exceeded",
          message: expect.stringContaining(`100 are left, while ${long.length} are required`),
        },
      });
      expect(await used(key)).toBe(0);
      expect(await texts(key)).toEqual([]);
      expect(await records.stores.usage.total(undefined)).toEqual(noUsage);
      const spoken = await speak(key, short, `${speech}${suffix}`);
      expect(spoken.headers.get("character-cost")).toBe(String(short.length));
      await spoken.arrayBuffer();
      expect(await used(key)).toBe(short.length);
      expect(await texts(key)).toEqual([short]);
    },
  );
});

describe("a socket whose key has nothing left", () => {
  it("is told of it with the context, and nothing that was refused can be heard by history", async () => {
    const key = await keyFor(0);
    const client = await openStreamInput(server.wsUrl, {
      path: `${speech}/multi-stream-input`,
      headers: { "xi-api-key": key },
    });
    client.send({ context_id: "a", text: long, flush: true });
    const final = await client.frame(({ isFinal }) => isFinal === true);
    expect(final).toMatchObject({ contextId: "a" });
    const error = client.frames.find((frame) => "error" in frame);
    expect(error).toMatchObject({ error: "quota_exceeded", contextId: "a" });
    client.socket.close();
    await client.closed;
    expect(await texts(key)).toEqual([]);
    expect(await records.stores.usage.total(undefined)).toEqual(noUsage);
  });

  it("is charged for no more than is kept of it", async () => {
    const key = await keyFor(1000);
    const client = await openStreamInput(server.wsUrl, {
      path: `${speech}/stream-input`,
      headers: { "xi-api-key": key },
    });
    client.send({ text: " " }, { text: " " }, { text: "a " }, { text: " " }, { text: "" });
    await client.closed;
    const [text] = await texts(key);
    expect(await used(key)).toBe(String(text).length);
  });
});

it("a key that another process has made is good at once", async () => {
  const other = await startServer({ engines: [createToneEngine()], records });
  const key = await keyFor(100, other);
  expect((await speak(key, short)).status).toBe(200);
  await other.close();
});

it("a bad key is what is told of an upgrade that asks for something wrong as well", async () => {
  const headers = { "xi-api-key": "sk_wrong" };
  for (const query of ["model_id=nope", "model_id=eleven_v3", "output_format=nope"]) {
    const path = `${speech}/stream-input?${query}`;
    const refused = await openStreamInput(server.wsUrl, { path, headers }).catch((error) => error);
    expect(refused).toBeInstanceOf(Refused);
    expect(refused).toMatchObject({ status: 401 });
  }
});
