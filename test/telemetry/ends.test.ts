import { randomBytes } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ManualClock } from "../../src/clock.ts";
import { RecordingObserver } from "../support/recording-observer.ts";
import {
  createWatchedTone,
  startServer,
  testKey,
  type TestServer,
  type WatchedTone,
} from "../support/server.ts";
import { openStreamInput, type StreamInput } from "../support/stream-input.ts";
import { livePath } from "../support/waves.ts";

let server: TestServer;
let observer: RecordingObserver;
let clock: ManualClock;
let clients: StreamInput[];
let tone: WatchedTone;

beforeEach(async () => {
  observer = new RecordingObserver();
  clock = new ManualClock();
  clients = [];
  tone = createWatchedTone();
  server = await startServer({ engines: [tone.engine], observer, clock });
});
afterEach(async () => {
  for (const { socket } of clients) socket.terminate();
  await server.close();
});

async function open(key: string = testKey, path?: string): Promise<StreamInput> {
  const headers = { "xi-api-key": key, authorization: `Bearer ${key}` };
  const client = await openStreamInput(server.wsUrl, { headers, ...(path && { path }) });
  clients.push(client);
  return client;
}

/** Resolves when so many connections have ended, with their causes. */
async function causes(count = 1): Promise<unknown[]> {
  const closed = (): unknown[] => observer.detailsOf("connection", "closed").flat();
  await expect.poll(() => closed().length).toBe(count);
  return closed();
}

const speech = "/v1/text-to-speech/tone";
const get = (path: string): Promise<Response> => fetch(`${server.url}${path}`);
const post = (
  path: string,
  key: string | null = testKey,
  body = { text: "Hi" },
  signal: AbortSignal | null = null,
): Promise<Response> =>
  fetch(`${server.url}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...(key !== null && { "xi-api-key": key }) },
    body: JSON.stringify(body),
    signal,
  });

const begin = { text: " " };

/** How a socket ends, and what it is counted as. */
const ways: readonly {
  readonly way: string;
  readonly key?: string;
  readonly path?: string;
  readonly cause: string;
  readonly end: (client: StreamInput) => void;
}[] = [
  {
    way: "all was spoken",
    cause: "end_marker",
    end: (client) => client.send(begin, { text: "Hello. " }, { text: "" }),
  },
  { way: "the client closes it", cause: "client_closed", end: ({ socket }) => socket.close() },
  {
    way: "the client is gone without a word",
    cause: "client_lost",
    end: ({ socket }) => socket.terminate(),
  },
  {
    way: "the key is wrong",
    key: "sk_wrong_0123456789",
    cause: "key_unknown",
    end: (client) => client.send(begin),
  },
  {
    way: "nothing is said for 20 s",
    cause: "input_timeout",
    end: (client) => {
      client.send(begin);
      void client.settled().then(() => clock.advance(21_000));
    },
  },
  {
    way: "nothing is said for 60 s, in Waves",
    path: livePath,
    cause: "input_timeout",
    end: (client) => {
      void client.settled().then(() => clock.advance(61_000));
    },
  },
  {
    way: "a message is too big",
    cause: "message_too_big",
    end: (client) => client.send(begin, { text: "a".repeat(1_100_000) }),
  },
  {
    way: "a message is so big that it is not read at all",
    cause: "message_too_big",
    end: ({ socket }) => socket.send("a".repeat(5_000_000)),
  },
  {
    way: "a message is no text",
    cause: "protocol_error",
    end: ({ socket }) => socket.send(randomBytes(100).fill(0xff), { binary: false }),
  },
  {
    way: "the voice does not exist",
    path: "/v1/text-to-speech/nobody/stream-input",
    cause: "voice_not_found",
    end: (client) => client.send(begin),
  },
  {
    way: "the server shuts down",
    cause: "shutting_down",
    end: (client) => {
      client.send(begin);
      void client.settled().then(() => server.close());
    },
  },
];

describe("a socket is counted by what ended it", () => {
  it.each(ways)("$way: $cause", async ({ key, path, cause, end }) => {
    const client = await open(key, path);
    end(client);
    expect(await causes()).toEqual([cause]);
    await client.closed;
    expect(observer.detailsOf("connection", "closed")).toHaveLength(1);
    expect(observer.detailsOf("context", "opened")).toHaveLength(
      observer.detailsOf("context", "ended").length,
    );
  });
});

describe("a request that speaks is counted by what ended it", () => {
  it("all was spoken", async () => {
    await (await post(speech)).arrayBuffer();
    expect(await causes()).toEqual(["request_complete"]);
  });

  it("its client goes before there is any audio", async () => {
    tone.hold();
    const client = new AbortController();
    const answer = post(speech, testKey, { text: "Hi" }, client.signal).catch(() => undefined);
    await expect.poll(() => tone.begun.length).toBe(1);
    client.abort();
    await answer;
    expect(await causes()).toEqual(["request_abandoned"]);
    tone.release();
  });

  it("its speech fails, which is told in its place", async () => {
    tone.failWith(new Error("broken"));
    expect((await post(speech)).status).toBe(500);
    expect(await causes()).toEqual(["internal_error"]);
    expect(observer.detailsOf("request", "refused")).toEqual([["internal_error"]]);
  });
});

describe("what is refused is counted by its problem", () => {
  const refusals: readonly (readonly [
    what: string,
    scope: "request" | "upgrade",
    code: string,
    ask: () => Promise<unknown>,
  ])[] = [
    ["a bad key", "request", "invalid_api_key", () => post(speech, "sk_wrong_0123456789")],
    ["no key", "request", "authentication_required", () => post(speech, null)],
    ["no text", "request", "text_empty", () => post(speech, testKey, { text: " " })],
    ["an unknown voice", "request", "voice_not_found", () => post("/v1/text-to-speech/nobody")],
    ["an unknown path", "request", "not_found", () => post("/nowhere")],
    ["another method", "request", "method_not_allowed", () => fetch(`${server.url}/health`, put)],
    [
      "a socket without upgrade",
      "request",
      "upgrade_required",
      () => get(`${speech}/stream-input`),
    ],
    ["an upgrade of an unknown path", "upgrade", "not_found", () => open(testKey, "/nowhere")],
    ["an upgrade with a bad key", "upgrade", "invalid_api_key", () => open("wrong", livePath)],
  ];
  const put = { method: "PUT" };
  it.each(refusals)("%s", async (_what, scope, code, ask) => {
    await ask().catch(() => {});
    expect(observer.told).toEqual([[scope, "refused", code]]);
  });
});
