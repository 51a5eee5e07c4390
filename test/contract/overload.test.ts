import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Engine } from "../../src/engine/synthesizer.ts";
import { createWatchedTone, startServer, testKey, type TestServer } from "../support/server.ts";
import { openStreamInput } from "../support/stream-input.ts";
import { livePath } from "../support/waves.ts";

// A voice that takes all processors to itself: whoever listens is the only one.

const tone = createWatchedTone({ msPerChar: 1 });
const greedy: Engine = {
  ...tone.engine,
  async *synthesize(utterance, signal) {
    for await (const pcm of tone.engine.synthesize(utterance, signal)) {
      yield { ...pcm, synthesisMs: 1e6 * pcm.samples.length };
    }
  },
};
const headers = { "xi-api-key": testKey };
const text = "Somebody speaks.";
const say = { voice_id: "tone", sample_rate: 16_000, text };

let server: TestServer;
beforeAll(async () => {
  server = await startServer({
    engines: [greedy],
    cpuMs: () => 0,
    flags: { overload: "refuse" },
  });
});
afterAll(() => server.close());

const post = (path: string, body: object, others: object = {}): Promise<Response> =>
  fetch(`${server.url}${path}`, {
    method: "POST",
    headers: { ...headers, authorization: `Bearer ${testKey}`, "content-type": "application/json" },
    body: JSON.stringify(body),
    ...others,
  });

describe("a server that has its hands full", () => {
  let endOfOthers: () => Promise<void>;

  beforeEach(async () => {
    tone.release();
    // What the voice costs is learned from its first words.
    const before = await openStreamInput(server.wsUrl, { headers });
    before.send({ text }, { text: "" });
    await before.closed;
    // They were heard in 18 ms.
    await sleep(100);
    tone.hold();
    const other = await openStreamInput(server.wsUrl, { headers });
    other.send({ text }, { text: "" });
    await other.settled();
    endOfOthers = async () => {
      tone.release();
      const { code } = await other.closed;
      if (code !== 1000) throw new Error(`The other listener was closed with ${code}`);
    };
  });

  it("closes an ElevenLabs socket, and says that it may try again", async () => {
    const client = await openStreamInput(server.wsUrl, { headers, query: "ext=1" });
    client.send({ text }, { text: "" });
    expect(await client.closed).toMatchObject({ code: 1013 });
    const error = client.frames.find((frame) => frame.error);
    expect(error).toMatchObject({ error: "system_busy", code: 1013, ext: { retryable: true } });
    await endOfOthers();
  });

  it("turns clients away at their first words while others are refused", async () => {
    const refused = await openStreamInput(server.wsUrl, { headers });
    refused.send({ text }, { text: "" });
    expect(await refused.closed).toMatchObject({ code: 1013 });
    const clients = await Promise.all(
      Array.from({ length: 6 }, () => openStreamInput(server.wsUrl, { headers })),
    );
    // Too little to be spoken yet.
    for (const client of clients) client.send({ text: "Some" });
    const closes = await Promise.race([
      Promise.all(clients.slice(4).map(({ closed }) => closed)),
      clients[0]?.closed,
    ]);
    expect(closes).toMatchObject([{ code: 1013 }, { code: 1013 }]);
    for (const client of clients) client.socket.terminate();
    await endOfOthers();
  });

  it("refuses sockets in place of their upgrade while as many as may begin do", async () => {
    const made = await post("/v1/admin/keys", { name: "slow", requests_per_second: 1 });
    const { xi_api_key: slowKey } = (await made.json()) as { readonly xi_api_key: string };
    const refused = await openStreamInput(server.wsUrl, { headers });
    refused.send({ text }, { text: "" });
    expect(await refused.closed).toMatchObject({ code: 1013 });
    const clients = await Promise.all(
      Array.from({ length: 4 }, () => openStreamInput(server.wsUrl, { headers })),
    );
    for (const client of clients) client.send({ text: "Some" });
    await Promise.all(clients.map((client) => client.settled()));
    const busy = { status: 429, headers: { "retry-after": expect.stringMatching(/^[1-9]/) } };
    await expect(openStreamInput(server.wsUrl, { headers })).rejects.toMatchObject(busy);
    // It counts as one request, or this key would be told that it makes too many.
    const waves = { path: livePath, headers: { authorization: `Bearer ${slowKey}` } };
    await expect(openStreamInput(server.wsUrl, waves)).rejects.toMatchObject({
      ...busy,
      body: { message: expect.stringContaining("as many listeners as it can") },
    });
    // Unless there is more to be said.
    const wrong = { headers: { "xi-api-key": "wrong" } };
    await expect(openStreamInput(server.wsUrl, wrong)).rejects.toMatchObject({ status: 401 });
    // A browser would show nothing of that answer.
    const browser = { headers: { ...headers, origin: "https://app.example" } };
    const opened = await openStreamInput(server.wsUrl, browser);
    opened.send({ text: "Some" });
    expect(await opened.closed).toMatchObject({ code: 1013 });
    for (const client of clients) client.socket.terminate();
    await endOfOthers();
  });

  it("turns clients away at their first words while as many others wait for room", async () => {
    const refused = await openStreamInput(server.wsUrl, { headers });
    refused.send({ text }, { text: "" });
    expect(await refused.closed).toMatchObject({ code: 1013 });
    const [late, ...waiting] = await Promise.all(
      Array.from({ length: 5 }, () => openStreamInput(server.wsUrl, { headers })),
    );
    for (const client of waiting) client.send({ text }, { text: "" });
    await Promise.all(waiting.map((client) => client.settled()));
    late?.send({ text: "Some" });
    const first = Promise.race(waiting.map(({ closed }) => closed.then(() => "waiting")));
    expect(await Promise.race([late?.closed, first])).toMatchObject({ code: 1013 });
    expect(await Promise.all(waiting.map(({ closed }) => closed))).toMatchObject(
      waiting.map(() => ({ code: 1013 })),
    );
    await endOfOthers();
  });

  it("tells a Waves client of the request, and leaves its socket open", async () => {
    const client = await openStreamInput(server.wsUrl, {
      path: livePath,
      headers: { authorization: `Bearer ${testKey}` },
    });
    client.send({ ...say, flush: true });
    const error = await client.frame((frame) => "error" in frame);
    expect(error).toMatchObject({
      code: "server_busy",
      error: { code: "server_busy", retryable: true },
    });
    await endOfOthers();
    client.send({ ...say, flush: true });
    await client.frame((frame) => "status" in frame && frame["status"] === "complete");
    client.socket.terminate();
  });

  it.each([
    ["ElevenLabs", "/v1/text-to-speech/tone/stream", { text }],
    ["Waves", "/waves/v1/tts/live", say],
  ])("answers a stream of %s with 429 and when to come back", async (_, path, body) => {
    const answer = await post(path, body);
    expect(answer.status).toBe(429);
    expect(Number(answer.headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
    expect(await answer.text()).toMatch(/system_busy|server_busy/);
    await endOfOthers();
  });

  it.each([
    ["ElevenLabs", "/v1/text-to-speech/tone", { text }],
    ["Waves", "/waves/v1/tts", say],
  ])("makes a whole file of %s when there is time", async (_, path, body) => {
    const answer = post(path, body);
    await endOfOthers();
    expect((await answer).status).toBe(200);
  });
});

it("a server that is to admit everybody refuses nobody", async () => {
  tone.release();
  const all = await startServer({
    engines: [greedy],
    cpuMs: () => 0,
    flags: { overload: "admit" },
  });
  const clients = await Promise.all(
    Array.from({ length: 5 }, () => openStreamInput(all.wsUrl, { headers })),
  );
  for (const client of clients) client.send({ text }, { text: "" });
  for (const client of clients) expect(await client.closed).toMatchObject({ code: 1000 });
  await all.close();
});
