import { unzipSync } from "fflate";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createDecoder } from "../../src/audio/decoder.ts";
import { createEncoder } from "../../src/audio/encoder.ts";
import { wavHeaderBytes } from "../../src/audio/wav.ts";
import { findFormat } from "../../src/dialect/elevenlabs/formats.ts";
import type { Records } from "../../src/open-records.ts";
import type { Stores } from "../../src/protocol/stores.ts";
import { createTurnId } from "../../src/transport/identifiers.ts";
import { until } from "../property/until.ts";
import { openMemoryRecords } from "../support/records.ts";
import {
  createWatchedTone,
  startServer,
  type TestServer,
  type WatchedTone,
} from "../support/server.ts";
import { openStreamInput } from "../support/stream-input.ts";

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
  server = await start({});
});
afterEach(async () => {
  tone.failWith(undefined);
  await server.close();
  await records.close();
});

const start = (flags: { history?: string }): Promise<TestServer> =>
  startServer({
    engines: [tone.engine],
    records,
    wallClock: () => nowMs,
    flags: { auth: "off", workers: "1", ...flags },
  });

const speech = "/v1/text-to-speech/tone";
const json = { "content-type": "application/json" };
const post = (path: string, body: unknown): Promise<Response> =>
  fetch(`${server.url}${path}`, { method: "POST", headers: json, body: JSON.stringify(body) });
const get = (path: string): Promise<Response> => fetch(`${server.url}${path}`);
const bytesOf = async (response: Response): Promise<Buffer> =>
  Buffer.from(await response.arrayBuffer());

interface Spoken {
  readonly id: string;
  readonly audio: Buffer;
  readonly contentType: string | null;
}

async function speak(format: string, said: string = text): Promise<Spoken> {
  const response = await post(`${speech}?output_format=${format}`, { text: said });
  expect(response.status).toBe(200);
  const id = response.headers.get("history-item-id") ?? "";
  const contentType = response.headers.get("content-type");
  return { id, audio: await bytesOf(response), contentType };
}

const download = (ids: readonly string[], format?: string): Promise<Response> =>
  post("/v1/history/download", { history_item_ids: ids, output_format: format });

/** What came of speaking, after which nobody can be spoken to any more. */
async function speakOnce(format: string): Promise<Spoken> {
  const spoken = await speak(format);
  tone.failWith(new Error("nothing is to be spoken again"));
  return spoken;
}

/** Makes an item as it was before its sound was kept. */
async function forgetSound(id: string): Promise<void> {
  const turn = await stores.history.find(id);
  if (!turn) throw new Error("nothing was recorded");
  await stores.history.delete(id);
  await stores.history.add({ ...turn, audioFormat: undefined });
}

const formats = ["mp3_44100_128", "mp3_22050_32", "pcm_16000", "ulaw_8000", "alaw_8000"];

describe("what was sent is kept", () => {
  it.each([...formats, "opus_48000_64", "wav_22050"])(
    "in %s, and given back byte for byte",
    async (format) => {
      const { id, audio, contentType } = await speakOnce(format);
      const item = (await (await get(`/v1/history/${id}`)).json()) as { content_type: string };
      expect(item.content_type).toBe(contentType);
      const again = await download([id], format);
      expect(again.headers.get("content-type")).toBe(contentType);
      expect((await bytesOf(again)).equals(audio)).toBe(true);
    },
  );

  it.each(["mp3_44100_128", "mp3_22050_32"])(
    "and %s is answered as it is to who asks for nothing",
    async (format) => {
      const { id, audio } = await speakOnce(format);
      for (const response of [
        await get(`/v1/history/${id}/audio`),
        await download([id]),
        await download([id], "default"),
      ]) {
        expect(response.headers.get("content-type")).toBe("audio/mpeg");
        expect((await bytesOf(response)).equals(audio)).toBe(true);
      }
    },
  );

  it.each(["/stream", "/with-timestamps", "/stream/with-timestamps"])(
    "of an answer to %s",
    async (suffix) => {
      const response = await post(`${speech}${suffix}?output_format=pcm_16000`, { text });
      const id = response.headers.get("history-item-id") ?? "";
      const body = await bytesOf(response);
      const audio =
        suffix === "/stream"
          ? body
          : Buffer.concat(
              body
                .toString()
                .trim()
                .split("\n")
                .map((line) => JSON.parse(line) as { audio_base64: string })
                .map(({ audio_base64 }) => Buffer.from(audio_base64, "base64")),
            );
      expect(audio.length).toBeGreaterThan(0);
      expect((await bytesOf(await download([id], "pcm_16000"))).equals(audio)).toBe(true);
    },
  );

  it("also of a voice that is gone", async () => {
    const { id, audio } = await speak("mp3_44100_128");
    const turn = await stores.history.find(id);
    if (!turn) throw new Error("nothing was recorded");
    const gone = { ...turn, id: `${id.slice(0, -1)}0`, voiceId: "goneVoice00000000000" };
    stores.history.addAudio(gone.id, audio);
    await stores.history.add(gone);
    const response = await get(`/v1/history/${gone.id}/audio`);
    expect((await bytesOf(response)).equals(audio)).toBe(true);
  });

  it("in parts, however long it is", async () => {
    const { id, audio } = await speakOnce("pcm_16000");
    const turn = await stores.history.find(id);
    if (!turn) throw new Error("nothing was recorded");
    await stores.history.delete(id);
    const long = Buffer.concat(Array.from({ length: 30 }, () => audio));
    stores.history.addAudio(id, long);
    await stores.history.add(turn);
    expect((await bytesOf(await download([id], "pcm_16000"))).equals(long)).toBe(true);
  });

  it("and is not there any more once it is deleted", async () => {
    const { id } = await speakOnce("mp3_44100_128");
    await fetch(`${server.url}/v1/history/${id}`, { method: "DELETE" });
    for (const path of ["", "/audio"]) {
      expect((await get(`/v1/history/${id}${path}`)).status).toBe(404);
    }
    for await (const part of stores.history.audio(id)) expect(part).toBeUndefined();
  });

  it("and is a 404 when it goes while it is looked for", async () => {
    const { id } = await speakOnce("mp3_44100_128");
    const find = stores.history.find.bind(stores.history);
    stores.history.find = async (asked) => {
      const turn = await find(asked);
      await stores.history.delete(asked);
      return turn;
    };
    const response = await get(`/v1/history/${id}/audio`);
    expect(response.status).toBe(404);
    expect(response.headers.get("content-type")).toMatch(/^application\/json/);
  });
});

describe("what was kept in another form", () => {
  const formatOf = (name: string) => {
    const output = findFormat(name, "whole");
    if (!output) throw new Error(`no format ${name}`);
    return output.format;
  };

  /** The same in one go, without threads. */
  async function recode(audio: Uint8Array, from: string, to: string): Promise<Buffer> {
    const decoder = await createDecoder(formatOf(from));
    const encoder = await createEncoder(formatOf(to), formatOf(from).sampleRateHz);
    return Buffer.concat([encoder.encode(decoder.decode(audio)), encoder.finish()]);
  }

  it.each([...formats, "opus_48000_64", "wav_22050"].filter((name) => !name.startsWith("mp3")))(
    "such as %s, is coded as MP3 for who asks for nothing",
    async (format) => {
      const { id, audio } = await speakOnce(format);
      const expected = await recode(audio, format, "mp3_44100_128");
      for (const response of [await get(`/v1/history/${id}/audio`), await download([id])]) {
        expect(response.headers.get("content-type")).toBe("audio/mpeg");
        expect((await bytesOf(response)).equals(expected)).toBe(true);
      }
    },
  );

  it.each(formats)("such as %s, is a whole file as wav", async (format) => {
    const { id, audio } = await speakOnce(format);
    const response = await download([id], "wav");
    expect(response.headers.get("content-type")).toBe("audio/wav");
    const file = await bytesOf(response);
    const expected = await recode(audio, format, "wav_44100");
    expect(file.subarray(wavHeaderBytes).equals(expected.subarray(wavHeaderBytes))).toBe(true);
    expect(file.readUInt32LE(40)).toBe(file.length - wavHeaderBytes);
  });

  it("is not MP3 of another bit rate to who asks for one", async () => {
    const { id, audio } = await speakOnce("mp3_22050_32");
    const response = await download([id], "mp3_44100_128");
    const expected = await recode(audio, "mp3_22050_32", "mp3_44100_128");
    expect((await bytesOf(response)).equals(expected)).toBe(true);
  });
});

describe("many items", () => {
  it("come in one archive, once each, under names that tell them apart", async () => {
    const spoken: Spoken[] = [];
    for (const word of ["one", "two", "three"]) {
      spoken.push(await speak("mp3_44100_64", `Number ${word}.`));
    }
    const ids = spoken.map(({ id }) => id);
    const response = await download([...ids, ...ids]);
    expect(response.headers.get("content-disposition")).toBe('attachment; filename="history.zip"');
    const files = unzipSync(await bytesOf(response));
    expect(Object.keys(files)).toEqual(ids.map((id) => `2026-11-21T09-30-00_Tone_${id}.mp3`));
    Object.values(files).forEach((bytes, index) => {
      expect(Buffer.from(bytes).equals(spoken[index]?.audio ?? Buffer.alloc(0))).toBe(true);
    });
  });
});

describe("what was not kept", () => {
  it.each([...formats, "opus_48000_64", "wav_22050"])(
    "is spoken again in %s, and costs nothing",
    async (format) => {
      const { id, audio, contentType } = await speak(format);
      await forgetSound(id);
      const again = await download([id], format);
      expect(again.headers.get("content-type")).toBe(contentType);
      expect((await bytesOf(again)).equals(audio)).toBe(true);
      expect((await stores.usage.total(undefined)).requests).toBe(1);
      const item = (await (await get(`/v1/history/${id}`)).json()) as { content_type: string };
      expect(item.content_type).toBe("audio/mpeg");
    },
  );

  it("breaks an archive off that fails midway, and does not cut it short", async () => {
    const ids: string[] = [];
    for (const word of ["one", "two"]) {
      const { id } = await speak("mp3_44100_128", `Number ${word}.`);
      await forgetSound(id);
      ids.push(id);
    }
    tone.failWith(new Error("no"), "two");
    const response = await download(ids);
    expect(response.status).toBe(200);
    await expect(bytesOf(response)).rejects.toThrow("terminated");
    await until(() => server.server.sessions === 0, "no session is left");
  });

  it("is the answer's problem if the first file of an archive fails", async () => {
    const ids: string[] = [];
    for (const word of ["one", "two"]) {
      const { id } = await speak("mp3_44100_128", `Number ${word}.`);
      await forgetSound(id);
      ids.push(id);
    }
    tone.failWith(new Error("no"));
    const response = await download(ids);
    expect(response.status).toBe(500);
    expect(response.headers.get("content-type")).toMatch(/^application\/json/);
  });

  it("is a clear 404 when its voice is gone", async () => {
    const { id } = await speak("mp3_44100_128");
    const turn = await stores.history.find(id);
    if (!turn) throw new Error("nothing was recorded");
    await stores.history.delete(id);
    await stores.history.add({ ...turn, audioFormat: undefined, voiceId: "goneVoice00000000000" });
    const response = await get(`/v1/history/${id}/audio`);
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ detail: { status: "voice_not_found" } });
  });
});

it("of an answer whose client goes in the middle that is kept which was made till then", async () => {
  const soundRows = (): Promise<unknown[]> =>
    records.database.query.selectFrom("turn_audio").select("turn_id").execute();
  const leave = new AbortController();
  const response = await fetch(`${server.url}${speech}/stream?output_format=pcm_48000`, {
    method: "POST",
    headers: json,
    body: JSON.stringify({ text: text.repeat(100) }),
    signal: leave.signal,
  });
  const reader = response.body?.getReader();
  let rows = await soundRows();
  while (rows.length === 0) {
    expect(await reader?.read()).toMatchObject({ done: false });
    rows = await soundRows();
  }
  leave.abort();
  await until(() => server.server.sessions === 0, "no session is left");
  const spoken = text.repeat(100);
  let kept: { history: { history_item_id: string }[] } = { history: [] };
  while (kept.history.length === 0) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    kept = (await (await get("/v1/history")).json()) as typeof kept;
  }
  // It was charged for when it began, and all that is known of it agrees.
  expect(kept).toMatchObject({
    history: [{ text: spoken, character_count_change_to: spoken.length }],
  });
  expect((await stores.usage.total(undefined)).characters).toBe(spoken.length);
  const [turn] = await soundRows();
  expect(turn).toEqual({ turn_id: kept.history[0]?.history_item_id });
});

it("what is too old is gone soon after the server has started", async () => {
  const old = await speak("mp3_44100_128");
  const young = await speak("mp3_44100_128");
  const turn = await stores.history.find(old.id);
  if (!turn) throw new Error("nothing was recorded");
  const monthSeconds = 31 * 24 * 60 * 60;
  await stores.history.delete(old.id);
  const id = createTurnId(nowMs - monthSeconds * 1000);
  await stores.history.add({ ...turn, id, startedAtUnix: turn.startedAtUnix - monthSeconds });
  await server.close();
  server = await start({});
  while (await stores.history.find(id)) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(await stores.history.find(young.id)).toBeDefined();
});

describe("without a history", () => {
  const everything = {
    pageSize: 100,
    order: "oldest-first",
    afterId: undefined,
    keyId: undefined,
    voiceId: undefined,
    modelId: undefined,
    fromUnix: undefined,
    untilUnix: undefined,
    search: undefined,
  } as const;

  it("nothing is kept, nothing is found, and usage is counted", async () => {
    const { id } = await speak("mp3_44100_128");
    await server.close();
    server = await start({ history: "off" });
    const response = await post(speech, { text });
    await bytesOf(response);
    expect(response.headers.has("history-item-id")).toBe(false);
    const client = await openStreamInput(server.wsUrl);
    client.send({ text }, { text: "" });
    await client.closed;
    const empty = { history: [], last_history_item_id: null, has_more: false };
    expect(await (await get("/v1/history")).json()).toEqual(empty);
    expect((await get(`/v1/history/${id}`)).status).toBe(404);
    const { turns } = await stores.history.list(everything);
    expect(turns.map((turn) => turn.id)).toEqual([id]);
    expect((await stores.usage.total(undefined)).requests).toBe(3);
  });
});
