import { request } from "node:http";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { TurnRecord } from "../../src/protocol/records.ts";
import type { Records } from "../../src/open-records.ts";
import type { HistoryQuery, Stores } from "../../src/protocol/stores.ts";
import { until } from "../property/until.ts";
import { openMemoryRecords } from "../support/records.ts";
import {
  createWatchedTone,
  startServer,
  type TestServer,
  type WatchedTone,
} from "../support/server.ts";

const nowMs = Date.UTC(2026, 10, 21, 9, 30);
const text = "One sentence here. Another sentence there. ";

let tone: WatchedTone;
let records: Records;
let stores: Stores;
let server: TestServer;

beforeEach(async () => {
  tone = createWatchedTone();
  records = await openMemoryRecords(() => nowMs);
  ({ stores } = records);
  server = await startServer({
    engines: [tone.engine],
    records,
    wallClock: () => nowMs,
    flags: { auth: "off", workers: "1" },
  });
});
afterEach(async () => {
  tone.failWith(undefined);
  tone.release();
  await server.close();
  await records.close();
});

const speech = "/v1/text-to-speech/tone";
const json = { "content-type": "application/json" };
const post = (path: string, body: unknown): Promise<Response> =>
  fetch(`${server.url}${path}`, { method: "POST", headers: json, body: JSON.stringify(body) });
const bytesOf = async (response: Response): Promise<Buffer> =>
  Buffer.from(await response.arrayBuffer());

const all: HistoryQuery = {
  pageSize: 100,
  order: "oldest-first",
  afterId: undefined,
  keyId: undefined,
  voiceId: undefined,
  modelId: undefined,
  fromUnix: undefined,
  untilUnix: undefined,
  search: undefined,
};
const turns = async (): Promise<readonly TurnRecord[]> => (await stores.history.list(all)).turns;

describe("the record of a request", () => {
  it.each(["", "/stream", "/with-timestamps", "/stream/with-timestamps"])(
    "to %s says all of it, as soon as the answer has arrived",
    async (suffix) => {
      const body = { text, model_id: "eleven_flash_v2", voice_settings: { style: 0.5 } };
      const response = await post(`${speech}${suffix}?output_format=ulaw_8000`, body);
      await bytesOf(response);
      const [turn, ...others] = await turns();
      expect(others).toEqual([]);
      expect(turn).toEqual({
        id: response.headers.get("history-item-id"),
        requestId: response.headers.get("request-id"),
        keyId: "",
        source: "TTS",
        voiceId: server.server.voices[0]?.id,
        voiceName: server.server.voices[0]?.name,
        modelId: "eleven_flash_v2",
        text,
        markup: "none",
        normalization: "auto",
        characters: text.length,
        cost: Math.ceil(text.length / 2),
        settings: {
          speed: 1,
          stability: 0.5,
          similarityBoost: 0.75,
          style: 0.5,
          useSpeakerBoost: true,
        },
        dictionaries: [],
        startedAtUnix: nowMs / 1000,
        // Two utterances, each with a space in front and one behind, at 40 ms each.
        audioMs: 40 * (text.trim().length - 1 + 4),
        audioFormat: { encoding: "ulaw", container: "raw", sampleRateHz: 8000 },
      });
    },
  );

  it("lists what was spoken when it was spoken", async () => {
    const response = await post(speech, { text });
    const item = await (await fetch(`${server.url}/v1/history`)).json();
    expect(item).toMatchObject({
      history: [
        { history_item_id: response.headers.get("history-item-id"), date_unix: nowMs / 1000 },
      ],
    });
  });

  it("names the versions of dictionaries that were used, also later", async () => {
    const rules = [{ type: "alias", stringToReplace: "a", alias: "b" }] as const;
    const made = await stores.dictionaries.create({ name: "n", description: undefined, rules });
    const locators = [made.id, { pronunciation_dictionary_id: "unknown" }];
    await bytesOf(await post(speech, { text, pronunciation_dictionary_locators: locators }));
    await stores.dictionaries.revise(made.id, () => []);
    expect((await turns())[0]?.dictionaries).toEqual([
      { dictionaryId: made.id, versionId: made.latest.id },
    ]);
  });

  it.each(["false", "False", "0"])(
    "is not kept with enable_logging=%s, only counted",
    async (no) => {
      const response = await post(`${speech}?enable_logging=${no}`, { text });
      await bytesOf(response);
      expect(response.headers.has("history-item-id")).toBe(false);
      expect(await turns()).toEqual([]);
      expect(await stores.usage.total(undefined)).toMatchObject({
        requests: 1,
        characters: text.length,
      });
    },
  );

  it("is not made when speech fails", async () => {
    tone.failWith(new Error("no"));
    const response = await post(speech, { text });
    expect(response.status).toBe(500);
    expect(response.headers.has("history-item-id")).toBe(false);
    expect(await turns()).toEqual([]);
    expect((await stores.usage.total(undefined)).requests).toBe(0);
  });

  it("is not made when the client goes before the end", async () => {
    tone.hold();
    const sent = request(`${server.url}${speech}`, { method: "POST", headers: json });
    sent.on("error", () => {});
    sent.end(JSON.stringify({ text }));
    await until(() => tone.begun.length > 0, "synthesis has begun");
    sent.destroy();
    await until(() => server.server.sessions === 0, "no session is left");
    tone.release();
    expect(await turns()).toEqual([]);
  });
});

it("a client that goes before speech begins leaves no session", async () => {
  const { voiceSettings } = stores;
  let answer: ((settings: undefined) => void) | undefined;
  voiceSettings.find = () =>
    new Promise((resolve) => {
      answer = resolve;
    });
  const sent = request(`${server.url}${speech}`, { method: "POST", headers: json });
  sent.on("error", () => {});
  sent.end(JSON.stringify({ text }));
  await until(() => answer !== undefined, "the settings are asked for");
  sent.destroy();
  await new Promise((resolve) => sent.once("close", resolve));
  // By the time of another answer the server has seen that the client is gone.
  await fetch(`${server.url}/health`);
  answer?.(undefined);
  await bytesOf(await fetch(`${server.url}/health`));
  await until(() => server.server.sessions === 0, "no session is left");
  expect(tone.begun).toEqual([]);
});
