import { once } from "node:events";
import { connect } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ManualClock } from "../../src/clock.ts";
import { createToneEngine } from "../../src/engine/tone.ts";
import { createWatchedTone, startServer, testKey, type TestServer } from "../support/server.ts";
import { maskedFrame, textFrames } from "../support/raw-frames.ts";
import { openStreamInput, type StreamInput } from "../support/stream-input.ts";

const multi = "/v1/text-to-speech/tone/multi-stream-input";

let clock: ManualClock;
let server: TestServer;
let clients: StreamInput[];
beforeEach(async () => {
  clock = new ManualClock();
  clients = [];
  server = await startServer({
    engines: [createToneEngine()],
    clock,
    wallClock: () => 1_800_000_000_000 + clock.now(),
  });
});
afterEach(async () => {
  for (const { socket } of clients) socket.terminate();
  await server.close();
});

async function open(path?: string, query?: string, key = testKey): Promise<StreamInput> {
  const client = await openStreamInput(server.wsUrl, {
    headers: { "xi-api-key": key, "user-agent": "robot/7" },
    ...(path !== undefined && { path }),
    ...(query !== undefined && { query }),
  });
  clients.push(client);
  return client;
}

const get = (path: string, key = testKey): Promise<Response> =>
  fetch(`${server.url}/v1/connections${path}`, { headers: { "xi-api-key": key } });

type Json = Record<string, unknown>;
const json = async (path = "", key = testKey): Promise<Json> =>
  (await (await get(path, key)).json()) as Json;
const list = async (path = "", key = testKey): Promise<Json[]> =>
  (await json(path, key))["connections"] as Json[];

/** Those of sockets, when so many have ended. */
async function ended(count: number): Promise<Json[]> {
  const sockets = async (): Promise<Json[]> =>
    (await list()).filter(({ transport }) => transport === "socket");
  await expect.poll(async () => (await sockets()).length).toBe(count);
  return sockets();
}

describe("GET /v1/connections", () => {
  it("tells of a connection what it was, and why it ended", async () => {
    const client = await open(undefined, "inactivity_timeout=20&authorization=sk_hush_hush");
    client.send({ text: " " });
    await client.settled();
    clock.advance(20_000);
    const { code, reason } = await client.closed;
    const [found] = await ended(1);
    expect(found).toMatchObject({
      transport: "socket",
      protocol: "elevenlabs",
      url: "/v1/text-to-speech/tone/stream-input?inactivity_timeout=20&authorization=***",
      user_agent: "robot/7",
      credential: "key",
      opened_at_unix: 1_800_000_000,
      duration_s: 20,
      cause: "input_timeout",
      kind: "limit",
      retryable: true,
      ended_by: "server",
      close_code: code,
      close_reason: reason,
    });
    const story = await json(`/${String(found?.["connection_id"])}`);
    expect(story["explanation"]).toBe(
      "No message arrived within the inactivity timeout of 20 seconds.",
    );
    expect(story["evidence"]).toEqual([
      expect.stringContaining("with a key, by robot/7"),
      expect.stringMatching(/^0\.000 s the client's last message: blank_text/),
      expect.stringMatching(
        /^20\.000 s the inactivity timer ran out: 20 s since the client's last message at 0\.000 s$/,
      ),
      expect.stringContaining("the server's last message: error"),
      expect.stringContaining("the server ended it with 1008"),
    ]);
    expect(JSON.stringify(story)).not.toContain("hush");
  });

  it("is found by cause, voice, key and time, and comes in pages", async () => {
    const first = await open();
    first.socket.terminate();
    await ended(1);
    clock.advance(5000);
    const second = await open();
    second.send({ text: "Hello." }, { text: "" });
    await second.closed;
    await ended(2);
    const causes = async (query: string): Promise<unknown[]> =>
      (await list(query)).map(({ cause }) => cause);
    expect(await causes("?cause=client_lost")).toEqual(["client_lost"]);
    expect(await causes("?voice_id=tone")).toEqual(["end_marker"]);
    expect(await causes("?date_after_unix=1800000005")).toEqual(["end_marker"]);
    expect(await causes("?date_before_unix=1800000005")).toEqual(["client_lost"]);
    const page = await json("?page_size=1");
    expect(page["has_more"]).toBe(true);
    expect(await causes(`?next_page_token=${String(page["next_page_token"])}`)).toEqual([
      "client_lost",
    ]);
  });

  it.each([
    ["?cause=bad_luck", "cause"],
    ["?next_page_token=x", "next_page_token"],
    ["?date_after_unix=soon", "date_after_unix"],
  ])("refuses %s by its name", async (query, parameter) => {
    const response = await get(query);
    expect(response.status).toBe(400);
    expect(await response.text()).toContain(parameter);
  });

  it("says that there is no such connection", async () => {
    const response = await get(`/${"0".repeat(32)}`);
    expect(response.status).toBe(404);
    expect(((await response.json()) as { detail: Json }).detail["code"]).toBe(
      "connection_not_found",
    );
  });
});

describe("the timeline", () => {
  it("tells all that happened, in order, and nothing of what was said", async () => {
    const client = await open(multi);
    client.send({ text: " ", context_id: "turn-1" });
    client.send({ text: "Purple elephants. ", context_id: "turn-1", flush: true });
    client.send({ context_id: "turn-1", close_context: true });
    await client.frame(({ isFinal }) => isFinal === true);
    client.send({ close_socket: true });
    await client.closed;
    const [found] = await ended(1);
    expect(found?.["cause"]).toBe("close_socket");
    const path = `/${String(found?.["connection_id"])}/timeline`;
    const { events } = (await json(path)) as { events: Json[] };
    const types = events.map(({ type, what }) =>
      what === undefined ? type : `${String(type)} ${String(what)}`,
    );
    for (const type of [
      "admitted",
      "context_opened",
      "speaking",
      "utterance",
      "dispatched",
      "first_audio",
      "sent audio",
      "sent final",
      "context_ended context_closed",
      "closed server",
    ]) {
      expect(types).toContain(type);
    }
    expect(events.find(({ parts }) => String(parts).includes("flush"))).toMatchObject({
      type: "received",
      context_id: "turn-1",
      parts: ["text", "flush"],
      characters: 18,
    });
    const times = events.map(({ at_s }) => Number(at_s));
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    const page = await get(`${path}?format=html`);
    expect(page.headers.get("content-type")).toBe("text/html; charset=utf-8");
    const html = await page.text();
    expect(html).toContain("turn-1");
    expect(html).not.toMatch(/<script|https?:\/\//);
    expect(`${html}${JSON.stringify(events)}`).not.toMatch(/elephant/i);
  });

  it("shows names that clients made up as text", async () => {
    const client = await open(multi);
    client.send({ text: "Hello.", context_id: "<img src=x>", flush: true });
    await client.frame(({ audio }) => typeof audio === "string");
    client.socket.close();
    const [found] = await ended(1);
    const page = await get(`/${String(found?.["connection_id"])}/timeline?format=html`);
    expect(await page.text()).not.toContain("<img");
  });
});

it("tells nothing of what comes after the server's Close frame", async () => {
  const { hostname, port } = new URL(server.url);
  const stream = connect(Number(port), hostname);
  stream.write(
    [
      "GET /v1/text-to-speech/tone/stream-input HTTP/1.1",
      `host: ${hostname}`,
      "connection: Upgrade",
      "upgrade: websocket",
      "sec-websocket-version: 13",
      "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==",
      `xi-api-key: ${testKey}`,
      "\r\n",
    ].join("\r\n"),
  );
  stream.write(maskedFrame(0x1, Buffer.from("{")));
  let answer = "";
  stream.on("data", (bytes) => {
    answer += bytes.toString("latin1");
  });
  await expect.poll(() => answer).toContain("\x03\xf0");
  stream.write(textFrames(...Array.from({ length: 40 }, () => ({ text: "More. " }))));
  stream.write(maskedFrame(0x8, Buffer.from([0x03, 0xf0])));
  await once(stream, "close");
  const [found] = await ended(1);
  expect(found).toMatchObject({ close_code: 1008, counts: { messages_received: 1 } });
});

describe("GET /v1/connections/live", () => {
  it("shows what is open with its timers: whose, what reset them, how long they have", async () => {
    const client = await open(multi);
    client.send({ text: "", context_id: "a" }, { text: " ", context_id: "a" });
    await client.settled();
    clock.advance(4000);
    client.send({ text: "" });
    await client.settled();
    clock.advance(1000);
    const [live, ...others] = await list("/live");
    expect(others).toEqual([]);
    expect(live).toMatchObject({ open_s: 5, transport: "socket", queued_bytes: 0 });
    expect(live?.["timers"]).toEqual([
      {
        name: "inactivity",
        owner: "connection",
        limit_s: 20,
        last_reset_s: 4,
        last_reset_by: "message",
        left_s: 19,
        held: false,
      },
      {
        name: "inactivity",
        owner: "context",
        context_id: "a",
        limit_s: 20,
        last_reset_s: 0,
        last_reset_by: "open",
        left_s: 15,
        held: false,
      },
      {
        name: "ping",
        owner: "connection",
        limit_s: 20,
        last_reset_s: 0,
        last_reset_by: "repeat",
        left_s: 15,
        held: false,
      },
    ]);
    const story = await json(`/${String(live?.["connection_id"])}`);
    expect(story["cause"]).toBe("still_open");
    client.socket.close();
    await ended(1);
    expect(await list("/live")).toEqual([]);
  });
});

describe("a reader that stalls", () => {
  const readers = {
    socket: async () => {
      const { socket } = await open(multi);
      socket.pause();
      const text = "Words of a long story. ".repeat(2000);
      for (let sent = 0; sent < 20; sent += 1) socket.send(JSON.stringify({ text }));
    },
    http: async () => {
      const response = await fetch(
        `${server.url}/v1/text-to-speech/tone/stream?output_format=pcm_48000`,
        {
          method: "POST",
          headers: { "xi-api-key": testKey, "content-type": "application/json" },
          body: JSON.stringify({ text: "Words of a long story. ".repeat(430) }),
        },
      );
      // Held on to: what nobody refers to may be taken from memory, and is closed then.
      unread.push(response);
    },
  };
  const unread: Response[] = [];

  it.each(["socket", "http"] as const)("is shown with the time it has left: %s", async (kind) => {
    await readers[kind]();
    const findReader = async (): Promise<Json | undefined> =>
      (await list("/live")).find(({ transport }) => transport === kind);
    const find = async (): Promise<Json | undefined> => {
      const timers = (await findReader())?.["timers"] as Json[] | undefined;
      return timers?.find(({ name }) => name === "stalled_reader");
    };
    await expect.poll(find, { timeout: 20_000 }).toMatchObject({
      owner: "connection",
      limit_s: 30,
      last_reset_by: "read",
      left_s: 30,
      held: false,
    });
    expect((await findReader())?.["queued_bytes"]).toBeGreaterThan(0);
    for (const response of unread) await response.body?.cancel();
  });
});

it("shows how long a socket has left that is being closed", async () => {
  await server.close();
  const tone = createWatchedTone();
  server = await startServer({ engines: [tone.engine], clock });
  tone.hold();
  const client = await open(multi);
  client.send({ text: "Hello. ", context_id: "a", flush: true }, { close_socket: true });
  await client.settled();
  clock.advance(500);
  const [live] = await list("/live");
  const timers = live?.["timers"] as Json[];
  expect(timers.find(({ name }) => name === "close_grace")).toEqual({
    name: "close_grace",
    owner: "connection",
    limit_s: 1.5,
    last_reset_s: 0,
    last_reset_by: "message",
    left_s: 1,
    held: false,
  });
  tone.release();
  await client.closed;
});

describe("keys", () => {
  const create = async (scopes: readonly string[]): Promise<{ id: string; secret: string }> => {
    const response = await fetch(`${server.url}/v1/admin/keys`, {
      method: "POST",
      headers: { "xi-api-key": testKey, "content-type": "application/json" },
      body: JSON.stringify({ name: "bot", scopes }),
    });
    const { id, xi_api_key: secret } = (await response.json()) as {
      id: string;
      xi_api_key: string;
    };
    return { id, secret };
  };

  it("see their own connections, and those of others not at all", async () => {
    const [one, other] = [
      await create(["tts", "connections"]),
      await create(["tts", "connections"]),
    ];
    const client = await open(undefined, undefined, one.secret);
    client.send({ text: "Hello." }, { text: "" });
    await client.closed;
    const [found] = await ended(1);
    expect(found?.["key_id"]).toBe(one.id);
    const path = `/${String(found?.["connection_id"])}`;
    expect(await list("", one.secret)).toHaveLength(1);
    expect((await get(path, one.secret)).status).toBe(200);
    expect(await list("", other.secret)).toEqual([]);
    expect((await get(path, other.secret)).status).toBe(404);
    expect((await get(`${path}/timeline`, other.secret)).status).toBe(404);
    expect((await get(`?key_id=${one.id}`, other.secret)).status).toBe(401);
    const live = await open(undefined, undefined, one.secret);
    await live.settled();
    expect(await list("/live", other.secret)).toEqual([]);
    expect(await list("/live", one.secret)).toHaveLength(1);
  });

  it("need the scope", async () => {
    const { secret } = await create(["tts"]);
    for (const path of ["", "/live", `/${"0".repeat(32)}`]) {
      expect((await get(path, secret)).status).toBe(401);
    }
  });

  it("that are refused leave a record that says more than was told", async () => {
    const { id, secret } = await create(["tts"]);
    await fetch(`${server.url}/v1/admin/keys/${id}`, {
      method: "DELETE",
      headers: { "xi-api-key": testKey },
    });
    const refused = await fetch(`${server.url}/v1/voices`, { headers: { "xi-api-key": secret } });
    expect(await refused.text()).not.toContain("revoked");
    const [found] = await list("?cause=key_revoked");
    expect(found?.["connection_id"]).toBe(refused.headers.get("x-trace-id"));
    const story = await json(`/${String(found?.["connection_id"])}`);
    expect(story["explanation"]).toBe(`The API key '${id}' was revoked before.`);
    expect(JSON.stringify(story)).not.toContain(secret);
  });
});

it("nothing is kept, and nothing shown, where the operator wants none of it", async () => {
  await server.close();
  server = await startServer({
    engines: [createToneEngine()],
    clock,
    flags: { connectionRecords: "off" },
  });
  const client = await open();
  client.send({ text: "Hello." }, { text: "" });
  await client.closed;
  expect(await list()).toEqual([]);
  expect(await list("/live")).toEqual([]);
});

describe("messages themselves", () => {
  const minute = 60_000;
  beforeEach(async () => {
    await server.close();
    server = await startServer({
      engines: [createToneEngine()],
      clock,
      wallClock: () => 1_800_000_000_000 + clock.now(),
      flags: { recordContent: "text", recordContentMinutes: "30" },
    });
  });

  async function contents(): Promise<{ readonly id: string; readonly all: string }> {
    const [found] = await ended(1);
    const id = String(found?.["connection_id"]);
    const { events } = (await json(`/${id}/timeline`)) as { events: Json[] };
    return { id, all: JSON.stringify(events.map(({ content }) => content)) };
  }

  async function speak(): Promise<void> {
    const client = await openStreamInput(server.wsUrl);
    clients.push(client);
    client.send({ text: "Purple elephants. ", xi_api_key: testKey, access_token: "hush" });
    client.send({ text: "" });
    await client.closed;
  }

  it("are there while the operator wants them, without keys and audio", async () => {
    await speak();
    const { id, all } = await contents();
    expect(all).toContain("Purple elephants.");
    expect(all).toMatch(/\d+ characters of base64/);
    expect(all).not.toContain(testKey);
    expect(all).not.toContain("hush");
    const page = await get(`/${id}/timeline?format=html`);
    expect(await page.text()).toContain("Purple elephants.");
  });

  it("are deleted when their time is over", async () => {
    await speak();
    const { id } = await contents();
    clock.advance(40 * minute);
    await expect
      .poll(async () => JSON.stringify(await json(`/${id}/timeline`)))
      .not.toContain("elephants");
    expect((await json(`/${id}`))["cause"]).toBe("end_marker");
  });

  it("are not recorded after so many minutes", async () => {
    clock.advance(30 * minute);
    await speak();
    expect((await contents()).all).not.toContain("elephants");
  });
});

it("a refusal has the status that its protocol gives it, and no key that stood in the wrong place", async () => {
  const refused = await fetch(`${server.url}/waves/v1/tts`, {
    method: "POST",
    headers: { authorization: `Bearer ${testKey}`, "content-type": "application/json" },
    body: JSON.stringify({ text: "Hello.", voice_id: "nobody" }),
  });
  await expect.poll(async () => (await list()).length).toBe(1);
  expect((await list())[0]).toMatchObject({ close_code: refused.status });
  const secret = "sk_abcdef0123456789";
  const wrong = await open(`/v1/text-to-speech/${secret}/stream-input`);
  wrong.send({ text: " " });
  await wrong.closed;
  const found = (await ended(1))[0];
  const story = await (await get(`/${String(found?.["connection_id"])}`)).text();
  expect(story).toContain("voice_not_found");
  expect(story).not.toContain(secret);
});

describe("questions about connections", () => {
  it("are answered while the server drains", async () => {
    await server.close();
    const tone = createWatchedTone();
    server = await startServer({ engines: [tone.engine], clock });
    tone.hold();
    const client = await open();
    client.send({ text: "Hello. ", flush: true });
    await client.settled();
    const closing = server.close();
    const [live] = await list("/live");
    expect(live).toMatchObject({ transport: "socket" });
    expect(
      (await fetch(`${server.url}/v1/voices`, { headers: { "xi-api-key": testKey } })).status,
    ).toBe(503);
    tone.release();
    await closing;
  });
});
