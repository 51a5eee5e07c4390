import { Writable } from "node:stream";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createLogger } from "../../src/transport/log.ts";
import { until } from "../property/until.ts";
import {
  type DataFolder,
  findIn,
  formsOfWord,
  openDataFolder,
  piecesOfAudio,
} from "../support/data-folder.ts";
import {
  createWatchedTone,
  startServer,
  type TestServer,
  type WatchedTone,
} from "../support/server.ts";
import { openStreamInput, type StreamInput } from "../support/stream-input.ts";
import { openWaves } from "../support/waves.ts";

const words = ["Quixelvanter", "Zyzzomarphic", "Wobbulendrix"] as const;
const said = `${words[0]} was here and there. `;
const more = `Then ${words[1]} went. ${words[2]} did not. `;
const text = `${said}${more}`;

let folder: DataFolder;
let tone: WatchedTone;
let server: TestServer;
let log: Buffer[];

beforeEach(async () => {
  folder = await openDataFolder();
  tone = createWatchedTone({ msPerChar: 10 });
  log = [];
  const output = new Writable({
    write(chunk, _encoding, done) {
      log.push(Buffer.from(chunk as string));
      done();
    },
  });
  server = await startServer({
    engines: [tone.engine],
    records: folder.records,
    logger: createLogger("trace", output as NodeJS.WriteStream),
    flags: { auth: "off", workers: "1" },
  });
});
afterEach(async () => {
  tone.release();
  await server.close();
  await folder.close();
});

/** What of these words and this audio is in any file of the data folder, or in the log. */
async function traces(audio: Buffer): Promise<{ words: string[]; audio: number }> {
  const files = [...(await folder.read()), Buffer.concat(log)];
  return {
    words: words.filter((word) => findIn(files, formsOfWord(word)).length > 0),
    audio: findIn(files, piecesOfAudio(audio)).length,
  };
}

const nothing = { words: [], audio: 0 };

/** Longer than what is to be kept waits to be written. */
const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 150));

/** Speaks all of the text, and gives what was heard so far: at least once in the middle, and at the end. */
type Speak = (query: string) => AsyncGenerator<Buffer, Buffer>;

const json = { "content-type": "application/json" };

/** Lets the engine wait until it has been looked what is on the disk while it is to speak. */
async function* heldUp(speak: () => Promise<Buffer>): AsyncGenerator<Buffer, Buffer> {
  tone.hold();
  const answer = speak();
  await until(() => tone.begun.length > 0, "speech has begun");
  yield Buffer.alloc(0);
  tone.release();
  return answer;
}

const post = async (path: string, body: object): Promise<Buffer> => {
  const response = await fetch(`${server.url}${path}`, {
    method: "POST",
    headers: json,
    body: JSON.stringify(body),
  });
  expect(response.status).toBe(200);
  return Buffer.from(await response.arrayBuffer());
};

/** The audio in lines of JSON or events, wherever it is. */
const audioIn = (body: Buffer): Buffer =>
  Buffer.concat(
    [...body.toString().matchAll(/"audio(?:_base64)?":\s?"([^"]+)"/g)].map(([, coded]) =>
      Buffer.from(coded ?? "", "base64"),
    ),
  );

async function* overSocket(
  client: StreamInput,
  of: object,
  end: object,
): AsyncGenerator<Buffer, Buffer> {
  client.send({ text: " ", ...of }, { text: said, flush: true, ...of });
  await client.frame(({ audio }) => typeof audio === "string");
  yield client.audio();
  client.send({ text: more, ...of }, end);
  await client.closed;
  return client.audio();
}

const elevenLabs: Readonly<Record<string, Speak>> = {
  async *"stream-input"(query) {
    const client = await openStreamInput(server.wsUrl, { query });
    return yield* overSocket(client, {}, { text: "" });
  },
  async *"multi-stream-input"(query) {
    const path = "/v1/text-to-speech/tone/multi-stream-input";
    const client = await openStreamInput(server.wsUrl, { path, query });
    return yield* overSocket(client, { context_id: "a" }, { close_socket: true });
  },
  "an answer": (query) => heldUp(() => post(`/v1/text-to-speech/tone?${query}`, { text })),
  "a streamed answer": (query) =>
    heldUp(() => post(`/v1/text-to-speech/tone/stream?${query}`, { text })),
  "an answer with timestamps": (query) =>
    heldUp(async () =>
      audioIn(await post(`/v1/text-to-speech/tone/with-timestamps?${query}`, { text })),
    ),
  "a streamed answer with timestamps": (query) =>
    heldUp(async () =>
      audioIn(await post(`/v1/text-to-speech/tone/stream/with-timestamps?${query}`, { text })),
    ),
};

const waves: Readonly<Record<string, Speak>> = {
  async *"a Waves socket"() {
    const client = await openWaves(server.wsUrl);
    client.send({ voice_id: "tone", text: said, flush: true });
    await client.heard("chunk");
    yield client.audio();
    client.send({ voice_id: "tone", text: more, flush: true });
    await client.heard("complete", 2);
    client.socket.close();
    await client.closed;
    return client.audio();
  },
  "a Waves answer": () => heldUp(() => post("/waves/v1/tts", { voice_id: "tone", text })),
  "Waves events": () =>
    heldUp(async () => audioIn(await post("/waves/v1/tts/live", { voice_id: "tone", text }))),
};

/** What is found while it is spoken, right after, and when the server has gone. */
async function tracesOf(speech: AsyncGenerator<Buffer, Buffer>) {
  const found: Awaited<ReturnType<typeof traces>>[] = [];
  for (;;) {
    const { value, done } = await speech.next();
    await pause();
    found.push(await traces(value));
    if (!done) continue;
    expect(piecesOfAudio(value).length).toBeGreaterThan(100);
    await server.close();
    found.push(await traces(value));
    return found;
  }
}

const formats = ["mp3_44100_128", "pcm_16000"];

describe.each(formats)("of speech in %s", (format) => {
  it.each(Object.entries(elevenLabs))(
    "with enable_logging=false, nothing touches the disk or the log: %s",
    async (_, speak) => {
      const found = await tracesOf(speak(`output_format=${format}&enable_logging=false`));
      expect(found).toEqual([nothing, nothing, nothing]);
    },
  );

  // Shows that what is looked for would be found.
  it.each(Object.entries(elevenLabs))(
    "that is kept, text and sound are on the disk in the end: %s",
    async (_, speak) => {
      const last = (await tracesOf(speak(`output_format=${format}`))).at(-1);
      expect(last?.words).toEqual(words);
      expect(last?.audio).toBeGreaterThan(100);
      expect(findIn(log, words.flatMap(formsOfWord))).toEqual([]);
    },
  );
});

it.each(Object.entries(waves))("nothing of %s touches the disk or the log", async (_, speak) => {
  expect(await tracesOf(speak(""))).toEqual([nothing, nothing, nothing]);
});

describe("deleting over HTTP", () => {
  it.each(formats)("leaves nothing of text and sound in %s on the disk", async (format) => {
    const audio: Buffer[] = [];
    for (const speak of [elevenLabs["stream-input"], elevenLabs["a streamed answer"]]) {
      if (!speak) throw new Error("there is no such way to speak");
      const speech = speak(`output_format=${format}`);
      for (let next = await speech.next(); ; next = await speech.next()) {
        if (!next.done) continue;
        audio.push(next.value);
        break;
      }
    }
    const before = await traces(Buffer.concat(audio));
    expect(before.words).toEqual(words);
    expect(before.audio).toBeGreaterThan(100);
    const page = (await (await fetch(`${server.url}/v1/history`)).json()) as {
      history: { history_item_id: string }[];
    };
    expect(page.history).toHaveLength(2);
    for (const { history_item_id } of page.history) {
      const path = `/v1/history/${history_item_id}`;
      expect((await fetch(`${server.url}${path}`, { method: "DELETE" })).status).toBe(200);
    }
    expect(await traces(Buffer.concat(audio))).toEqual(nothing);
  });
});
