import { buffer } from "node:stream/consumers";
import { type ElevenLabs, ElevenLabsClient, ElevenLabsError } from "elevenlabs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type BuiltServer, startBuiltServer } from "../cli/built.ts";
import { readMp3 } from "../conformance/audio-files.ts";

// The JavaScript client before it was renamed; many applications have not moved on.

const text = "The first move is what sets everything in motion, 42 times.";
const voice = "21m00Tcm4TlvDq8ikWAM";
const pcm = { text, output_format: "pcm_16000" } as const;
const bytesPerS = 32_000;

let server: BuiltServer;
let client: ElevenLabsClient;

beforeAll(async () => {
  server = await startBuiltServer();
  client = new ElevenLabsClient({ baseUrl: server.url, apiKey: server.key });
});
afterAll(() => server?.close());

describe("elevenlabs 1.59 speaks", () => {
  it("convert gives a whole mp3", async () => {
    const mp3 = readMp3(await buffer(await client.textToSpeech.convert(voice, { text })));
    expect(mp3.every(({ sampleRateHz }) => sampleRateHz === 44_100)).toBe(true);
    expect(mp3.length * 1152).toBeGreaterThan(3 * 44_100);
  });

  it("convertAsStream gives the samples of convert", async () => {
    const whole = await buffer(await client.textToSpeech.convert(voice, pcm));
    const streamed = await buffer(await client.textToSpeech.convertAsStream(voice, pcm));
    expect(streamed.equals(whole)).toBe(true);
    expect(whole.length / bytesPerS).toBeGreaterThan(3);
  });

  it("generate streams for an id, as its README shows", async () => {
    const streamed = await buffer(await client.generate({ ...pcm, stream: true, voice }));
    const whole = await buffer(await client.generate({ ...pcm, voice }));
    expect(streamed.equals(whole)).toBe(true);
  });

  it("generate finds a voice by its name", async () => {
    const [first] = (await client.voices.getAll()).voices;
    const named = await client.generate({ ...pcm, voice: first?.name ?? "" });
    const byId = await client.textToSpeech.convert(first?.voice_id ?? "", pcm);
    expect((await buffer(named)).equals(await buffer(byId))).toBe(true);
  });

  it("the address can be given as its environment, too", async () => {
    const environment = { base: server.url, wss: server.wsUrl };
    const other = new ElevenLabsClient({ environment, apiKey: server.key });
    expect(await other.models.getAll()).toEqual(await client.models.getAll());
  });

  it("convertWithTimestamps spells the text over the whole audio", async () => {
    const answer = await client.textToSpeech.convertWithTimestamps(voice, pcm);
    const durationS = Buffer.from(answer.audio_base64, "base64").length / bytesPerS;
    expect(answer.alignment?.characters.join("")).toBe(text);
    expect(answer.alignment?.character_end_times_seconds.at(-1)).toBeCloseTo(durationS, 2);
    expect(answer.normalized_alignment?.characters.join("")).toContain("forty two times");
  });

  it("streamWithTimestamps gives the same in parts", async () => {
    const whole = await client.textToSpeech.convertWithTimestamps(voice, pcm);
    const parts: ElevenLabs.StreamingAudioChunkWithTimestampsResponse[] = [];
    for await (const part of await client.textToSpeech.streamWithTimestamps(voice, pcm)) {
      parts.push(part);
    }
    const audio = Buffer.concat(parts.map((part) => Buffer.from(part.audio_base64, "base64")));
    expect(parts.length).toBeGreaterThan(1);
    expect(audio.equals(Buffer.from(whole.audio_base64, "base64"))).toBe(true);
    const characters = parts.flatMap(({ alignment }) => alignment?.characters ?? []);
    expect(characters.join("")).toBe(text);
    const ends = parts.flatMap(({ alignment }) => alignment?.character_end_times_seconds ?? []);
    expect(ends).toEqual(whole.alignment?.character_end_times_seconds);
  });
});

describe("elevenlabs 1.59 looks around", () => {
  it("voices.getAll, get and search agree", async () => {
    const { voices } = await client.voices.getAll({ show_legacy: true });
    expect(voices.length).toBeGreaterThanOrEqual(4);
    for (const { voice_id: id, name } of voices) {
      expect((await client.voices.get(id)).name).toBe(name);
      const found = await client.voices.search({ search: name ?? "" });
      expect(found.voices.map(({ voice_id }) => voice_id)).toContain(id);
    }
  });

  it("models.getAll names the models it knows", async () => {
    const ids = (await client.models.getAll()).map(({ model_id }) => model_id);
    expect(ids).toEqual(expect.arrayContaining(["eleven_multilingual_v2", "eleven_turbo_v2_5"]));
  });
});

describe("elevenlabs 1.59 keeps house", () => {
  it("finds what was spoken in the history, hears it again and removes it", async () => {
    const spoken = await buffer(await client.textToSpeech.convert(voice, { text }));
    const { history } = await client.history.getAll({ page_size: 1 });
    const [item] = history;
    expect(item).toMatchObject({ text, content_type: "audio/mpeg", state: "created" });
    const id = item?.history_item_id ?? "";
    expect((await client.history.get(id)).voice_id).toBe(item?.voice_id);
    expect((await buffer(await client.history.getAudio(id))).equals(spoken)).toBe(true);
    expect(await client.history.delete(id)).toEqual({ status: "ok" });
    expect((await failureOf(client.history.get(id))).statusCode).toBe(404);
  });

  it("reads the account", async () => {
    const subscription = await client.user.getSubscription();
    expect(subscription.status).toBe("active");
    expect((await client.user.get()).subscription).toMatchObject({ status: "active" });
  });

  it("keeps a voice's settings", async () => {
    const { voice_id: id } = await client.voices.get(voice);
    const settings = { stability: 0.3, similarity_boost: 0.6, style: 0, speed: 1.1 };
    expect(await client.voices.editSettings(id, settings)).toEqual({ status: "ok" });
    expect(await client.voices.getSettings(id)).toMatchObject(settings);
    expect((await client.voices.getDefaultSettings()).stability).toBe(0.5);
  });
});

describe("elevenlabs 1.59 is told what is wrong", () => {
  it("a bad key: 401", async () => {
    const stranger = new ElevenLabsClient({ baseUrl: server.url, apiKey: "sk_no" });
    const error = await failureOf(stranger.voices.getAll());
    expect(error.statusCode).toBe(401);
    expect(error.body).toMatchObject({ detail: { status: "invalid_api_key" } });
  });

  it("an unknown voice: 404", async () => {
    const error = await failureOf(client.voices.get("notARealVoiceId00000"));
    expect(error.statusCode).toBe(404);
    expect(error.body).toMatchObject({ detail: { status: "voice_not_found" } });
  });

  it("a body that cannot be read: its own class for 422", async () => {
    const error = await failureOf(client.textToSpeech.convert(voice, { text, seed: -1 }));
    expect(error.statusCode).toBe(422);
    expect(error.constructor.name).toBe("UnprocessableEntityError");
  });
});

async function failureOf(request: Promise<unknown>): Promise<ElevenLabsError> {
  try {
    await request;
  } catch (error) {
    if (error instanceof ElevenLabsError) return error;
    throw error;
  }
  throw new Error("The request did not fail");
}
