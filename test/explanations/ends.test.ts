import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { afterEach, beforeEach, expect, it } from "vitest";
import { ManualClock } from "../../src/clock.ts";
import { dial } from "../hostile/exchange.ts";
import { until } from "../property/until.ts";
import { RecordingObserver } from "../support/recording-observer.ts";
import {
  createWatchedTone,
  startServer,
  testKey,
  type TestServer,
  type WatchedTone,
} from "../support/server.ts";
import { openStreamInput } from "../support/stream-input.ts";

const headers = { "xi-api-key": testKey, "content-type": "application/json" };
const speech = "/v1/text-to-speech/tone";

let observer: RecordingObserver;
let clock: ManualClock;
let tone: WatchedTone;
let server: TestServer;
beforeEach(async () => {
  observer = new RecordingObserver();
  clock = new ManualClock();
  tone = createWatchedTone();
  server = await startServer({
    engines: [tone.engine],
    observer,
    clock,
    flags: { drainSeconds: "1" },
  });
});
afterEach(() => server.close());

const closed = (): unknown[] => observer.detailsOf("connection", "closed").flat();
const refused = (): unknown[] => observer.detailsOf("request", "refused").flat();

it("a request that its key may not pay for is no connection", async () => {
  const made = await fetch(`${server.url}/v1/admin/keys`, {
    method: "POST",
    headers,
    body: JSON.stringify({ name: "poor", character_quota: { characters: 1, period: "day" } }),
  });
  const { xi_api_key: key } = (await made.json()) as { xi_api_key: string };
  const answer = await fetch(`${server.url}${speech}`, {
    method: "POST",
    headers: { ...headers, "xi-api-key": key },
    body: JSON.stringify({ text: "Hello." }),
  });
  expect(answer.status).toBe(401);
  expect(server.server.openConnections()).toEqual([]);
  expect(refused()).toEqual(["quota_exceeded"]);
});

it("a client that goes in the middle of its request has gone, and nothing has failed", async () => {
  const stream = await dial(server.url);
  const lines = ["content-length: 1000", ...Object.entries(headers).map((pair) => pair.join(": "))];
  stream.write(
    `POST ${speech} HTTP/1.1\r\nhost: 127.0.0.1\r\n${lines.join("\r\n")}\r\n\r\n{"text":`,
  );
  await new Promise((resolve) => setTimeout(resolve, 50));
  stream.destroy();
  await until(() => closed().length === 1, "its end is told");
  expect(closed()).toEqual(["request_abandoned"]);
  expect(refused()).toEqual([]);
});

it("a client that goes while it is spoken to is told of once", async () => {
  tone.hold();
  const client = new AbortController();
  const answer = fetch(`${server.url}${speech}`, {
    method: "POST",
    headers,
    body: JSON.stringify({ text: "Hello." }),
    signal: client.signal,
  }).catch(() => undefined);
  await until(() => tone.begun.length === 1, "it is spoken to");
  client.abort();
  await answer;
  await until(() => closed().length === 1, "its end is told");
  tone.release();
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(closed()).toEqual(["request_abandoned"]);
  expect(refused()).toEqual([]);
});

it("connections that the server drops when it goes are not lost by their clients", async () => {
  const long = "The tide comes in and the tide goes out again. ".repeat(190);
  const query = "output_format=pcm_16000";
  const client = await openStreamInput(server.wsUrl, { headers, query });
  client.socket.pause();
  client.send({ text: " " }, { text: long, flush: true });
  await until(() => server.server.sending.waiting === 1, "the socket is full");
  const sent = request(`${server.url}${speech}/stream?${query}`, { method: "POST", headers });
  sent.on("error", () => {});
  sent.end(JSON.stringify({ text: long }));
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  response.on("error", () => {}).pause();
  await until(() => server.server.sending.waiting === 2, "the answer is held up, too");
  const gone = server.server.close();
  clock.advance(1000);
  clock.advance(1000);
  await gone;
  expect(closed()).toEqual(["shutting_down", "shutting_down"]);
  client.socket.terminate();
  response.destroy();
});
