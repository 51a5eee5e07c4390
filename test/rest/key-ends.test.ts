import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Engine } from "../../src/engine/synthesizer.ts";
import { createToneEngine } from "../../src/engine/tone.ts";
import type { Records } from "../../src/open-records.ts";
import type { KeyRules, NewKey } from "../../src/protocol/accounts.ts";
import { describe as sentenceOf, problems } from "../../src/protocol/problems.ts";
import { rulesWith } from "../support/keys.ts";
import { openMemoryRecords } from "../support/records.ts";
import {
  createWatchedTone,
  startServer,
  type TestServer,
  type WatchedTone,
} from "../support/server.ts";
import { SteppingClock } from "../support/stepping-clock.ts";
import { type OpenOptions, openStreamInput, type StreamInput } from "../support/stream-input.ts";

const startMs = Date.UTC(2026, 10, 21, 9, 30);
const startUnix = startMs / 1000;

let clock: SteppingClock;
let tone: WatchedTone;
let records: Records;
let server: TestServer;
const clients = new Set<StreamInput>();

const now = (): number => startMs + clock.now();

beforeEach(async () => {
  clock = new SteppingClock();
  tone = createWatchedTone();
  records = await openMemoryRecords(now);
  server = await startServer({
    engines: [tone.engine, anotherVoice()],
    clock,
    records,
    wallClock: now,
    flags: { workers: "1" },
  });
});
afterEach(async () => {
  for (const { socket } of clients) socket.terminate();
  clients.clear();
  tone.release();
  await server.close();
  await records.close();
});

function anotherVoice(): Engine {
  const engine = createToneEngine();
  const voices = engine.voices.map((voice) => ({
    ...voice,
    id: "Tone0000000000000002",
    slug: "other",
    name: "Other",
    engine: "other",
  }));
  return { ...engine, name: "other", voices };
}

async function open(options: OpenOptions): Promise<StreamInput> {
  const client = await openStreamInput(server.wsUrl, options);
  clients.add(client);
  return client;
}

/** A key that somebody else has made, as soon as the server knows of it. */
async function makeKey(rules: Partial<KeyRules> = {}): Promise<NewKey> {
  const made = await records.stores.keys.create(rulesWith(rules));
  await clock.pass(1000);
  return made;
}

/** A kind of socket, how a key opens it, and what it is asked for. */
interface SocketRow {
  readonly name: string;
  readonly path: string;
  readonly query?: string;
  readonly isWaves: boolean;
  readonly text: (text: string) => object;
}

const sockets: readonly SocketRow[] = [
  ...["", "/compat/observed"].flatMap((base) => [
    {
      name: `${base}/v1/text-to-speech/tone/stream-input`,
      path: `${base}/v1/text-to-speech/tone/stream-input`,
      isWaves: false,
      text: (text: string) => ({ text, flush: true }),
    },
    {
      name: `${base}/v1/text-to-speech/tone/multi-stream-input`,
      path: `${base}/v1/text-to-speech/tone/multi-stream-input`,
      isWaves: false,
      text: (text: string) => ({ text, context_id: "one", flush: true }),
    },
  ]),
  {
    name: "/waves/v1/tts/live",
    path: "/waves/v1/tts/live",
    isWaves: true,
    text: (text) => ({ voice_id: "tone", text }),
  },
  {
    name: "/waves/v1/lightning-v4/live",
    path: "/waves/v1/lightning-v4/live",
    query: "voice_id=tone",
    isWaves: true,
    text: (text) => ({ event: "speak", turn_id: "a", text }),
  },
];

const openWith = ({ path, query, isWaves }: SocketRow, secret: string): Promise<StreamInput> =>
  open({
    path,
    ...(query !== undefined && { query }),
    headers: isWaves ? { authorization: `Bearer ${secret}` } : { "xi-api-key": secret },
  });

/** Shows the key of a socket that takes it from the first message. */
async function greet(client: StreamInput, { isWaves }: SocketRow): Promise<void> {
  if (!isWaves) client.send({ text: " " });
  await client.settled();
}

const sentence = sentenceOf({ code: "api_key_revoked", details: {} });
const whole = `${sentence} ${problems.api_key_revoked.advice}`;

/** After its last frame a socket of the profile `observed` is open a little longer. */
const closeDelayMs = 800;

/** What a client hears last, as soon as it has heard it. */
async function expectEnd(client: StreamInput, { isWaves, name }: SocketRow): Promise<void> {
  const last = await client.frame((frame) => JSON.stringify(frame).includes("api_key_revoked"));
  expect(client.frames.at(-1)).toBe(last);
  if (!isWaves) expect(last).toEqual({ message: whole, error: "api_key_revoked", code: 1008 });
  if (name.startsWith("/compat/observed")) await clock.pass(closeDelayMs);
  const reason = isWaves ? "api_key_revoked" : expect.stringMatching(/^The API key that opened/);
  expect(await client.closed).toEqual({ code: 1008, reason });
}

describe.each(sockets)("$name", (row) => {
  it("ends within a second of its key, silent or in the middle of speech", async () => {
    const { key, secret } = await makeKey();
    const silent = await openWith(row, secret);
    await greet(silent, row);
    const speaking = await openWith(row, secret);
    tone.hold();
    speaking.send(row.text("Held in the middle. "));
    await expect.poll(() => tone.begun.length).toBe(1);
    // Somebody else does it: another server, or the command line.
    await records.stores.keys.revoke(key.id);
    await clock.pass(1000);
    for (const client of [silent, speaking]) await expectEnd(client, row);
    expect(speaking.audio()).toHaveLength(0);
    await expect.poll(() => server.server.sessions).toBe(0);
  });

  it("ends within a second of the time that its key is good for, and not before", async () => {
    const { secret } = await makeKey({ expiresAtUnix: startUnix + 6 });
    const client = await openWith(row, secret);
    await greet(client, row);
    await clock.pass(4999);
    await client.settled();
    expect(client.frames.filter((frame) => "error" in frame)).toEqual([]);
    await clock.pass(1001);
    await expectEnd(client, row);
  });

  it("stays open when its key has a new secret", async () => {
    const { key, secret } = await makeKey();
    const client = await openWith(row, secret);
    await greet(client, row);
    await records.stores.keys.rotate(key.id, 0);
    await clock.pass(1000);
    await client.settled();
    expect(client.socket.readyState).toBe(client.socket.OPEN);
    expect(client.frames.filter((frame) => "error" in frame)).toEqual([]);
  });
});

it("keys of others go on", async () => {
  const [mine, other] = [await makeKey(), await makeKey()];
  const client = await open({ headers: { "xi-api-key": other.secret } });
  client.send({ text: " " });
  await client.settled();
  await records.stores.keys.revoke(mine.key.id);
  await clock.pass(1000);
  client.send({ text: "Still here. ", flush: true });
  expect(await client.frame(({ audio }) => typeof audio === "string")).toBeDefined();
});

describe.each([
  ["kind", ""],
  ["observed", "/compat/observed"],
])("a token in the profile %s", (_profile, base) => {
  const mint = async (limits: object = {}): Promise<string> => {
    const { secret } = await makeKey();
    const response = await fetch(`${server.url}/v1/single-use-token/tts_websocket`, {
      method: "POST",
      headers: { "xi-api-key": secret, "content-type": "application/json" },
      body: JSON.stringify(limits),
    });
    const { token } = (await response.json()) as { readonly token: string };
    return token;
  };
  const openBy = (token: string, { voice = "tone", more = "", kind = "stream-input" } = {}) =>
    open({
      path: `${base}/v1/text-to-speech/${voice}/${kind}`,
      query: `single_use_token=${token}&output_format=pcm_16000${more}`,
    });
  const refusalOf = async (client: StreamInput): Promise<unknown> => {
    client.send({ text: " " });
    const refusal = await client.frame(({ error }) => error !== undefined);
    await clock.pass(closeDelayMs);
    expect(await client.closed).toMatchObject({ code: 1008 });
    return refusal;
  };

  it("of one voice opens no socket of another", async () => {
    const limits = { voice_ids: ["TONE"] };
    const refused = await openBy(await mint(limits), { voice: "other" });
    expect(await refusalOf(refused)).toMatchObject({ error: "voice_not_allowed", code: 1008 });
    const client = await openBy(await mint(limits));
    client.send({ text: "Hello. ", flush: true });
    expect(await client.frame(({ audio }) => typeof audio === "string")).toBeDefined();
  });

  it("of one model opens no socket of another", async () => {
    const limits = { model_ids: ["eleven_turbo_v2_5"] };
    const refused = await openBy(await mint(limits));
    expect(await refusalOf(refused)).toMatchObject({ error: "model_not_allowed", code: 1008 });
    const client = await openBy(await mint(limits), { more: "&model_id=eleven_turbo_v2_5" });
    client.send({ text: "Hello. ", flush: true });
    expect(await client.frame(({ audio }) => typeof audio === "string")).toBeDefined();
  });

  it("of so many characters speaks no more than these", async () => {
    const client = await openBy(await mint({ max_characters: 20 }), {
      kind: "multi-stream-input",
    });
    client.send({ text: "Fifteen letters", context_id: "a", flush: true });
    client.send({ context_id: "a", close_context: true });
    await client.frame(({ isFinal, contextId }) => isFinal === true && contextId === "a");
    const bytes = client.audio().length;
    expect(bytes).toBeGreaterThan(0);
    client.send({ text: "Too much for it", context_id: "b", flush: true });
    const refusal = await client.frame(({ error }) => error !== undefined);
    expect(refusal).toMatchObject({ error: "token_used_up" });
    await client.settled();
    expect(client.audio()).toHaveLength(bytes);
    expect(await records.stores.usage.total(undefined)).toMatchObject({ characters: 15 });
  });

  it("of so many seconds ends its socket then, also in the middle of speech", async () => {
    const client = await openBy(await mint({ max_seconds: 3 }));
    tone.hold();
    client.send({ text: "Held. ", flush: true });
    await expect.poll(() => tone.begun.length).toBe(1);
    await clock.pass(2999);
    await client.settled();
    expect(client.frames).toEqual([]);
    await clock.pass(1);
    const end = await client.frame(() => true);
    expect(end).toMatchObject({ error: "token_time_over", code: 1008 });
    await clock.pass(closeDelayMs);
    expect(await client.closed).toMatchObject({ code: 1008 });
  });

  it("that waits for so many seconds is no good afterwards", async () => {
    const token = await mint({ valid_seconds: 10 });
    await clock.pass(10_000);
    expect(await refusalOf(await openBy(token))).toMatchObject({ error: "invalid_token" });
  });

  it("of a key that was revoked is no good", async () => {
    const token = await mint();
    const [key] = await records.stores.keys.list();
    await records.stores.keys.revoke(key?.id ?? "");
    await clock.pass(1000);
    expect(await refusalOf(await openBy(token))).toMatchObject({ error: "invalid_token" });
  });
});
