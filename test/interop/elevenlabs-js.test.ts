import { type ElevenLabs, ElevenLabsClient, ElevenLabsError } from "@elevenlabs/elevenlabs-js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type BuiltServer, startBuiltServer } from "../cli/built.ts";
import { openStreamInput, Refused } from "../support/stream-input.ts";

const text = "The first move is what sets everything in motion, 42 times.";
const voice = "JBFqnCBsd6RMkjVDRZzb";

let server: BuiltServer;
let client: ElevenLabsClient;

beforeAll(async () => {
  server = await startBuiltServer();
  client = new ElevenLabsClient({ baseUrl: server.url, apiKey: server.key, maxRetries: 0 });
});
afterAll(() => server?.close());

describe("the official JavaScript client speaks", () => {
  it("convert gives one mp3 by default", async () => {
    const answer = await client.textToSpeech
      .convert(voice, { text, modelId: "eleven_multilingual_v2" })
      .withRawResponse();
    expect(answer.rawResponse.headers.get("content-type")).toBe("audio/mpeg");
    expect(answer.rawResponse.headers.get("request-id")).toMatch(/^[A-Za-z0-9]{20}$/);
    const mp3 = readMp3(await join(answer.data));
    expect(mp3).toMatchObject({ sampleRateHz: 44_100, bitrateKbps: 128, strayBytes: 0 });
    expect(mp3.durationS).toBeGreaterThan(3);
  });

  it("stream gives the same samples as convert", async () => {
    const request = { text, outputFormat: "pcm_24000" } as const;
    const whole = await join(await client.textToSpeech.convert(voice, request));
    const answer = await client.textToSpeech.stream(voice, request).withRawResponse();
    expect(answer.rawResponse.headers.get("content-type")).toBe("audio/pcm");
    const streamed = await join(answer.data);
    expect(streamed.equals(whole)).toBe(true);
    expect(whole.length % 2).toBe(0);
    expect(loudest(whole)).toBeGreaterThan(3000);
  });

  it.each([
    ["ulaw_8000", "audio/ulaw", 8000],
    ["alaw_8000", "audio/alaw", 8000],
    ["pcm_16000", "audio/pcm", 32_000],
    ["wav_24000", "audio/wav", 48_000],
  ] as const)("%s lasts as long as mp3 does", async (outputFormat, contentType, bytesPerS) => {
    const reference = readMp3(await join(await client.textToSpeech.convert(voice, { text })));
    const answer = await client.textToSpeech
      .convert(voice, { text, outputFormat })
      .withRawResponse();
    expect(answer.rawResponse.headers.get("content-type")).toBe(contentType);
    const { length } = await join(answer.data);
    // An mp3 is padded to whole frames and holds the encoder's delay.
    expect(Math.abs(length / bytesPerS - reference.durationS)).toBeLessThan(0.12);
  });

  it("opus arrives in pages", async () => {
    const outputFormat = "opus_48000_64";
    const answer = await client.textToSpeech.stream(voice, { text, outputFormat });
    const bytes = await join(answer);
    expect(bytes.subarray(0, 4).toString("latin1")).toBe("OggS");
    expect(bytes.subarray(28, 36).toString("latin1")).toBe("OpusHead");
  });

  it("speed is heard", async () => {
    expect(await secondsAt(0.8)).toBeGreaterThan(1.3 * (await secondsAt(1.2)));
  });

  it("convertWithTimestamps tells when each character is heard", async () => {
    const answer = await client.textToSpeech.convertWithTimestamps(voice, {
      text,
      outputFormat: "pcm_16000",
    });
    const durationS = Buffer.from(answer.audioBase64, "base64").length / 32_000;
    expect(spell([answer.alignment])).toBe(text);
    expect(spell([answer.normalizedAlignment])).toContain("forty two times");
    expectTimings([answer.alignment], durationS);
    expectTimings([answer.normalizedAlignment], durationS);
  });

  it("streamWithTimestamps counts from the start of the response", async () => {
    const long = `${text} ${text} Then it stops.`;
    const parts: ElevenLabs.StreamingAudioChunkWithTimestampsResponse[] = [];
    const answer = await client.textToSpeech.streamWithTimestamps(voice, {
      text: long,
      outputFormat: "pcm_16000",
    });
    for await (const part of answer) parts.push(part);
    const bytes = parts.reduce(
      (sum, { audioBase64 }) => sum + Buffer.from(audioBase64, "base64").length,
      0,
    );
    expect(parts.length).toBeGreaterThan(3);
    expect(spell(parts.map(({ alignment }) => alignment))).toBe(long);
    const alignments = parts.map(({ alignment }) => alignment);
    expectTimings(alignments, bytes / 32_000);
  });

  it("every language of letters and text without any is answered", async () => {
    for (const odd of ["Füße, naïve, Привет, 你好.", "🎉", '-t "%s" \\n $(x) `y`', "!!!"]) {
      const audio = await join(await client.textToSpeech.convert(voice, { text: odd }));
      expect(readMp3(audio).durationS).toBeGreaterThan(0.05);
    }
  });

  it("twenty requests at once are all answered alike", async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, async () =>
        join(await client.textToSpeech.stream(voice, { text, outputFormat: "pcm_8000" })),
      ),
    );
    const [first = Buffer.alloc(0)] = answers;
    expect(first.length).toBeGreaterThan(0);
    expect(answers.every((answer) => answer.equals(first))).toBe(true);
  });
});

describe("the official JavaScript client looks around", () => {
  it("voices.getAll, get and search agree", async () => {
    const { voices } = await client.voices.getAll();
    expect(voices.length).toBeGreaterThanOrEqual(4);
    for (const each of voices) {
      expect(each.voiceId).toMatch(/^[A-Za-z0-9]{20}$/);
      expect((await client.voices.get(each.voiceId)).name).toBe(each.name);
    }
    const found = await client.voices.search({ search: "slt" });
    expect(found.voices.map(({ name }) => name)).toEqual(["Flite SLT"]);
    expect(found.hasMore).toBe(false);
  });

  it("voices.search goes through all pages", async () => {
    const all = (await client.voices.getAll()).voices.map(({ name }) => name);
    const names: (string | undefined)[] = [];
    let nextPageToken: string | undefined;
    for (let page = 0; page < 10; page += 1) {
      const answer = await client.voices.search({
        pageSize: 1,
        ...(nextPageToken && { nextPageToken }),
      });
      names.push(...answer.voices.map(({ name }) => name));
      nextPageToken = answer.nextPageToken;
      if (!answer.hasMore) break;
    }
    expect(names).toHaveLength(all.length);
    expect(new Set(names)).toEqual(new Set(all));
  });

  it("every voice it finds speaks by its id", async () => {
    const { voices } = await client.voices.getAll();
    for (const { voiceId } of voices) {
      const audio = await join(await client.textToSpeech.convert(voiceId, { text: "Hello." }));
      expect(readMp3(audio).durationS).toBeGreaterThan(0.3);
    }
  });

  it("models.list names the models clients ask for", async () => {
    const ids = (await client.models.list()).map(({ modelId }) => modelId);
    expect(ids).toEqual(
      expect.arrayContaining(["eleven_multilingual_v2", "eleven_flash_v2_5", "eleven_turbo_v2_5"]),
    );
  });

  it("a single-use token opens one socket, once", async () => {
    const { token } = await client.tokens.singleUse.create("tts_websocket");
    const query = `single_use_token=${token}&output_format=pcm_16000`;
    const first = await openStreamInput(server.wsUrl, { voice, query });
    first.send({ text: " " }, { text: "Hello. " }, { text: "" });
    expect(await first.closed).toEqual({ code: 1000, reason: "" });
    expect(first.audio().length).toBeGreaterThan(0);
    const second = await openStreamInput(server.wsUrl, { voice, query });
    second.send({ text: " " });
    expect((await second.closed).code).toBe(1008);
    expect(second.audio()).toHaveLength(0);
  });
});

describe("the official JavaScript client is told what is wrong", () => {
  it("a bad key: 401", async () => {
    const stranger = new ElevenLabsClient({ baseUrl: server.url, apiKey: "sk_no", maxRetries: 0 });
    const error = await failureOf(stranger.textToSpeech.convert(voice, { text }));
    expect(error.statusCode).toBe(401);
    expect(error.body).toMatchObject({
      detail: { status: "invalid_api_key", message: "Invalid API key" },
    });
    expect((await failureOf(stranger.voices.getAll())).statusCode).toBe(401);
    expect((await failureOf(stranger.models.list())).statusCode).toBe(401);
  });

  it("an unknown voice: 404 with its id", async () => {
    const error = await failureOf(client.textToSpeech.stream("notARealVoiceId00000", { text }));
    expect(error.statusCode).toBe(404);
    expect(error.body).toMatchObject({
      detail: {
        status: "voice_not_found",
        message: "A voice with voice_id 'notARealVoiceId00000' was not found.",
      },
    });
    expect((await failureOf(client.voices.get("notARealVoiceId00000"))).statusCode).toBe(404);
  });

  it("a body that cannot be read: 422 in the shape of its own class", async () => {
    const error = await failureOf(client.textToSpeech.convert(voice, { text, seed: -1 }));
    expect(error.name).toBe("UnprocessableEntityError");
    expect(error.statusCode).toBe(422);
    expect(error.body).toMatchObject({
      detail: [{ loc: ["body", "seed"] }],
    });
  });

  it("an unknown format: 403; an unknown model and an empty text: 400", async () => {
    const format = await failureOf(
      client.textToSpeech.convert(
        voice,
        { text },
        { queryParams: { output_format: "ulaw_16000" } },
      ),
    );
    expect(format.statusCode).toBe(403);
    const model = await failureOf(client.textToSpeech.convert(voice, { text, modelId: "no" }));
    expect(model.statusCode).toBe(400);
    const empty = await failureOf(client.textToSpeech.convert(voice, { text: " " }));
    expect(empty.statusCode).toBe(400);
  });

  it("a socket of an unknown voice is refused, or closed with 1008", async () => {
    const path = "/v1/text-to-speech/notARealVoiceId00000/stream-input";
    const headers = { "xi-api-key": server.key };
    const refusal = await openStreamInput(server.wsUrl, { path, headers }).then(
      async (socket) => {
        socket.send({ text: " " }, { text: "Hello. " });
        return (await socket.closed).code;
      },
      (error: unknown) => (error instanceof Refused ? error.status : error),
    );
    expect([404, 1008]).toContain(refusal);
  });
});

async function join(stream: ReadableStream<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts);
}

async function secondsAt(speed: number): Promise<number> {
  const voiceSettings = { speed };
  return readMp3(await join(await client.textToSpeech.convert(voice, { text, voiceSettings })))
    .durationS;
}

async function failureOf(request: PromiseLike<unknown>): Promise<ElevenLabsError> {
  try {
    await request;
  } catch (error) {
    if (error instanceof ElevenLabsError) return error;
    throw error;
  }
  throw new Error("The request did not fail");
}

function loudest(pcm: Buffer): number {
  let peak = 0;
  for (let at = 0; at + 1 < pcm.length; at += 2)
    peak = Math.max(peak, Math.abs(pcm.readInt16LE(at)));
  return peak;
}

const bitratesKbps = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];

interface Mp3 {
  readonly sampleRateHz: number;
  readonly bitrateKbps: number;
  readonly durationS: number;
  /** Bytes that belong to no frame. */
  readonly strayBytes: number;
}

/** Goes from header to header of an MPEG-1 layer III stream at 44.1 kHz. */
function readMp3(bytes: Buffer): Mp3 {
  let at = 0;
  let frames = 0;
  let bitrateKbps = 0;
  while (at + 4 <= bytes.length && bytes.readUInt16BE(at) >> 1 === 0xfffb >> 1) {
    const third = bytes.readUInt8(at + 2);
    bitrateKbps = bitratesKbps[third >> 4] ?? 0;
    expect((third >> 2) & 3).toBe(0);
    at += Math.floor((144_000 * bitrateKbps) / 44_100) + ((third >> 1) & 1);
    frames += 1;
  }
  const strayBytes = bytes.length - at;
  return { sampleRateHz: 44_100, bitrateKbps, durationS: (frames * 1152) / 44_100, strayBytes };
}

type Timings = ElevenLabs.CharacterAlignmentResponseModel | null | undefined;

function spell(parts: readonly Timings[]): string {
  return parts.flatMap((part) => part?.characters ?? []).join("");
}

/** Characters follow one another without gaps, from 0 to at most the end of the audio. */
function expectTimings(parts: readonly Timings[], durationS: number): void {
  const starts = parts.flatMap((part) => part?.characterStartTimesSeconds ?? []);
  const ends = parts.flatMap((part) => part?.characterEndTimesSeconds ?? []);
  const count = parts.reduce((sum, part) => sum + (part?.characters.length ?? 0), 0);
  expect(starts).toHaveLength(count);
  expect(ends).toHaveLength(count);
  expect(starts[0]).toBe(0);
  expect(ends.filter((end, index) => end < (starts[index] ?? 0))).toEqual([]);
  const gaps = starts.slice(1).map((start, index) => start - (ends[index] ?? 0));
  expect(Math.max(0, ...gaps.map(Math.abs))).toBeLessThan(0.0021);
  const last = ends.at(-1) ?? 0;
  expect(last).toBeLessThanOrEqual(durationS + 0.001);
  // Silence after the last word may be left out together with the space that stood for it.
  expect(last).toBeGreaterThan(durationS - 0.3);
}
