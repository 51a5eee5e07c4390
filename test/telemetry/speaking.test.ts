import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ManualClock } from "../../src/clock.ts";
import { createToneEngine } from "../../src/engine/tone.ts";
import { readMetrics, seriesOf } from "../support/prometheus-text.ts";
import { startServer, testKey, type TestServer } from "../support/server.ts";
import { openStreamInput, type StreamInput } from "../support/stream-input.ts";
import { livePath, openWaves } from "../support/waves.ts";

const text = "Hello there.";
/** The tone engine speaks 40 ms for each character, and one of silence before and after. */
const audioSeconds = ((text.length + 2) * 40) / 1000;
const headers = { "xi-api-key": testKey, authorization: `Bearer ${testKey}` };

/** Every way to have one text spoken. Each resolves when the connection is closed. */
const ways: readonly {
  readonly way: string;
  readonly dialect: "elevenlabs" | "waves";
  readonly transport: "socket" | "http";
  readonly route: string;
  /** Of the connection. */
  readonly cause: string;
  readonly speak: (server: TestServer) => Promise<unknown>;
}[] = [
  {
    way: "stream-input",
    dialect: "elevenlabs",
    transport: "socket",
    route: "/v1/text-to-speech/:voice_id/stream-input",
    cause: "end_marker",
    async speak({ wsUrl }) {
      const client = await openStreamInput(wsUrl, { headers });
      client.send({ text: " " }, { text: `${text} ` }, { text: "" });
      await client.closed;
    },
  },
  {
    way: "multi-stream-input",
    dialect: "elevenlabs",
    transport: "socket",
    route: "/v1/text-to-speech/:voice_id/multi-stream-input",
    cause: "end_marker",
    async speak({ wsUrl }) {
      const path = "/v1/text-to-speech/tone/multi-stream-input";
      const client = await openStreamInput(wsUrl, { path, headers });
      client.send({ context_id: "a", text: " " }, { context_id: "a", text: `${text} ` });
      client.send({ context_id: "a", close_context: true });
      await client.frame(({ isFinal }) => isFinal === true);
      client.send({ close_socket: true });
      await client.closed;
    },
  },
  {
    way: "the Waves socket",
    dialect: "waves",
    transport: "socket",
    route: livePath,
    cause: "client_closed",
    async speak({ wsUrl }) {
      const client = await openWaves(wsUrl, { headers });
      client.send({ voice_id: "tone", text, flush: true });
      await client.heard("complete");
      client.socket.close();
      await client.closed;
    },
  },
  {
    way: "HTTP",
    dialect: "elevenlabs",
    transport: "http",
    route: "/v1/text-to-speech/:voice_id",
    cause: "request_complete",
    speak: ({ url }) => post(`${url}/v1/text-to-speech/tone`, { text }),
  },
  {
    way: "HTTP as a stream",
    dialect: "elevenlabs",
    transport: "http",
    route: "/v1/text-to-speech/:voice_id/stream",
    cause: "request_complete",
    speak: ({ url }) => post(`${url}/v1/text-to-speech/tone/stream`, { text }),
  },
  {
    way: "Waves over HTTP",
    dialect: "waves",
    transport: "http",
    route: "/waves/v1/lightning-v3.1/get_speech",
    cause: "request_complete",
    speak: ({ url }) =>
      post(`${url}/waves/v1/lightning-v3.1/get_speech`, { text, voice_id: "tone" }),
  },
];

async function post(url: string, body: object): Promise<void> {
  const response = await fetch(url, {
    method: "POST",
    headers: { ...headers, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  expect(response.status).toBe(200);
  await response.arrayBuffer();
}

describe("/metrics", () => {
  let server: TestServer;
  beforeEach(async () => {
    // Time stands still, so that nobody runs dry on a machine that is busy.
    server = await startServer({ engines: [createToneEngine()], clock: new ManualClock() });
  });
  afterEach(() => server.close());

  it.each(ways)("counts what is spoken through $way", async (expected) => {
    const { dialect, transport, cause, speak } = expected;
    await speak(server);
    const closed = `{dialect="${dialect}",transport="${transport}",cause="${cause}"}`;
    await expect
      .poll(async () => seriesOf(await readMetrics(server.url), "syrinx_closes_total"))
      .toEqual({ [closed]: 1 });
    const metrics = await readMetrics(server.url);
    const speaker = `{dialect="${dialect}",engine="tone",voice="tone"}`;
    const figures = {
      syrinx_first_audio_seconds_count: { [speaker]: 1 },
      syrinx_engine_queue_seconds_count: { '{engine="tone"}': 1 },
      syrinx_underrun_seconds_count: {},
      syrinx_audio_seconds_total: { [speaker]: audioSeconds },
      syrinx_contexts_ended_total: { [`{dialect="${dialect}",outcome="complete"}`]: 1 },
      syrinx_refusals_total: {},
      // All is over.
      syrinx_connections_open: {},
      syrinx_contexts_open: {},
      syrinx_streams_speaking: {},
    };
    const read = Object.keys(figures).map((metric) => [metric, seriesOf(metrics, metric)]);
    expect(Object.fromEntries(read)).toEqual(figures);
    const [characters] = Object.values(seriesOf(metrics, "syrinx_characters_total"));
    expect([text.length, text.length + 1]).toContain(characters);
    expect([...metrics.values.keys()].join()).not.toContain("Hello");
  });

  it.each(ways.filter(({ transport }) => transport === "socket"))(
    "shows $way while it is open",
    async ({ dialect, transport, route }) => {
      const path = route.replace(":voice_id", "tone");
      const client: StreamInput = await openStreamInput(server.wsUrl, { path, headers });
      const metrics = await readMetrics(server.url);
      expect(seriesOf(metrics, "syrinx_connections_open")).toEqual({
        [`{dialect="${dialect}",transport="${transport}",route="${route}"}`]: 1,
      });
      client.socket.terminate();
    },
  );

  it("tells apart routes below the paths of profiles", async () => {
    await post(`${server.url}/compat/observed/v1/text-to-speech/tone`, { text });
    const metrics = await readMetrics(server.url);
    const routes = [...metrics.values.keys()].filter((series) => series.includes("/compat/"));
    expect(routes).toEqual([
      'syrinx_connections_open{dialect="elevenlabs",transport="http",route="/compat/observed/v1/text-to-speech/:voice_id"}',
    ]);
  });

  it("has no more series however many clients there are", async () => {
    const speakTwice = async (): Promise<number> => {
      for (const { speak } of ways) await speak(server);
      return (await readMetrics(server.url)).values.size;
    };
    const once = await speakTwice();
    expect(await speakTwice()).toBe(once);
  });
});

describe("/metrics of the real engine", () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({ flags: { auth: "off", workers: "1" } });
  });
  afterAll(() => server.close());

  it("has the RTF and the time in the queue", async () => {
    await post(`${server.url}/v1/text-to-speech/flite-kal16`, { text: `${text} `.repeat(10) });
    const metrics = await readMetrics(server.url);
    const voice = 'engine="flite",voice="flite-kal16"';
    const [utterances = 0] = Object.values(seriesOf(metrics, "syrinx_rtf_ratio_count"));
    expect(utterances).toBeGreaterThan(1);
    expect(seriesOf(metrics, "syrinx_engine_queue_seconds_count")).toEqual({
      '{engine="flite"}': utterances,
    });
    const synthesis = metrics.values.get(`syrinx_synthesis_seconds_total{${voice}}`) ?? 0;
    const audio =
      metrics.values.get(`syrinx_audio_seconds_total{dialect="elevenlabs",${voice}}`) ?? 0;
    const rtf = synthesis / audio;
    expect(audio).toBeGreaterThan(5);
    expect(rtf).toBeGreaterThan(0);
    expect(rtf).toBeLessThan(0.5);
  });
});

describe("who may read /metrics", () => {
  const answer = async (metrics: "on" | "off" | "key", shown: Record<string, string> = {}) => {
    const server = await startServer({ engines: [createToneEngine()], flags: { metrics } });
    try {
      const response = await fetch(`${server.url}/metrics`, { headers: shown });
      return { status: response.status, body: await response.text() };
    } finally {
      await server.close();
    }
  };

  it("is everybody by default", async () => {
    const { status, body } = await answer("on");
    expect(status).toBe(200);
    expect(body).toContain("# TYPE syrinx_first_audio_seconds histogram");
  });

  it.each([
    ["xi-api-key", testKey],
    ["authorization", `Bearer ${testKey}`],
  ])("is who shows a key in %s, with --metrics key", async (name, value) => {
    expect((await answer("key", { [name]: value })).status).toBe(200);
  });

  it("is nobody without the key, with --metrics key", async () => {
    expect((await answer("key")).status).toBe(401);
    expect((await answer("key", { "xi-api-key": "sk_wrong_0123456789" })).status).toBe(401);
  });

  it("is nobody with --metrics off", async () => {
    expect((await answer("off", { "xi-api-key": testKey })).status).toBe(404);
  });

  it("takes GET only", async () => {
    const server = await startServer({ engines: [createToneEngine()] });
    const response = await fetch(`${server.url}/metrics`, { method: "POST" });
    expect([response.status, response.headers.get("allow")]).toEqual([405, "GET"]);
    await server.close();
  });
});
