import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { type BuiltServer, startBuiltServer } from "../../cli/built.ts";
import {
  type Frame,
  openStreamInput,
  spelled,
  type StreamInput,
  type WireAlignment,
} from "../../support/stream-input.ts";

const voice = "21m00Tcm4TlvDq8ikWAM";
const bytesPerMs = 32;

let server: BuiltServer;

beforeAll(async () => {
  server = await startBuiltServer();
});
afterAll(() => server?.close());

/** Messages of a language model's answer, as most samples cut it. */
const chunks = [
  "The twilight sun cast ",
  "its warm golden hues ",
  "upon the vast ",
  "rolling hills. ",
];
const text = chunks.join("");

function open(query: string, headers: Record<string, string> = {}): Promise<StreamInput> {
  return openStreamInput(server.wsUrl, { voice, query, headers });
}

const pcm = "output_format=pcm_16000";

/** What a client has heard when its socket is closed, as far as every client relies on it. */
async function outcomeOf(client: StreamInput): Promise<unknown> {
  const closed = await client.closed;
  const { frames } = client;
  const members = ["alignment", "audio", "isFinal", "normalizedAlignment"];
  const malformed = frames
    .slice(0, -1)
    .filter(
      (frame) =>
        Object.keys(frame).toSorted(byName).join() !== members.join() ||
        !/^[A-Za-z0-9+/]+=*$/.test(frame.audio ?? "") ||
        frame.isFinal !== null,
    );
  const heard = client.audio().length > 1000;
  const last = frames.at(-1);
  return { closed, last, text: spelled(frames), malformed, heard, binary: client.binary };
}

/** The outcome every client hopes for. */
const spoken = (words: string): unknown => ({
  closed: { code: 1000, reason: "" },
  last: { audio: null, isFinal: true, normalizedAlignment: null, alignment: null },
  text: words,
  malformed: [],
  heard: true,
  binary: [],
});

const byName = (a: string, b: string): number => a.localeCompare(b);

const lengthMs = (alignment: WireAlignment | null | undefined): number =>
  (alignment?.charStartTimesMs.at(-1) ?? 0) + (alignment?.charDurationsMs.at(-1) ?? 0);

/** In `pcm_16000` the alignments of all utterances together last as long as the audio. */
function expectWholeAlignment(frames: readonly Frame[], audio: Buffer): void {
  for (const which of ["alignment", "normalizedAlignment"] as const) {
    const totalMs = frames.reduce((sum, frame) => sum + lengthMs(frame[which]), 0);
    const aligned = frames.filter((frame) => frame[which]).length;
    expect(Math.abs(totalMs - audio.length / bytesPerMs)).toBeLessThanOrEqual(aligned);
  }
}

describe("a plain socket client speaks", () => {
  it("as the vendor documents it: key, settings and schedule in the first message", async () => {
    const client = await open(`model_id=eleven_flash_v2_5&${pcm}`);
    client.send({
      text: " ",
      voice_settings: { stability: 0.5, similarity_boost: 0.8, use_speaker_boost: false },
      generation_config: { chunk_length_schedule: [120, 160, 250, 290] },
      xi_api_key: server.key,
    });
    client.send(...chunks.map((chunk) => ({ text: chunk })), { text: "" });
    expect(await outcomeOf(client)).toEqual(spoken(text));
    expectWholeAlignment(client.frames, client.audio());
  });

  it("with text in the very first message and a flush at the end", async () => {
    const client = await open(pcm, { "xi-api-key": server.key });
    client.send({ text: "Hello world. " }, { text: "Bye. ", flush: true });
    await client.frame(({ alignment }) => alignment?.chars.join("").includes("Bye.") === true);
    client.send({ text: "" });
    expect(await outcomeOf(client)).toEqual(spoken("Hello world. Bye. "));
    expectWholeAlignment(client.frames, client.audio());
  });

  it("with every letter in a message of its own", async () => {
    const client = await open(pcm, { "xi-api-key": server.key });
    client.send({ text: " " }, ...Array.from(text, (char) => ({ text: char })), { text: "" });
    expect(await outcomeOf(client)).toEqual(spoken(text));
    const whole = await open(pcm, { "xi-api-key": server.key });
    whole.send({ text: " " }, { text }, { text: "" });
    expect(await outcomeOf(whole)).toEqual(spoken(text));
    expect(client.audio().equals(whole.audio())).toBe(true);
  });

  it("with the key as a bearer token or in the query", async () => {
    const bearer = await open(pcm, { authorization: `Bearer ${server.key}` });
    bearer.send({ text: " " }, { text: "Hello. " }, { text: "" });
    expect(await outcomeOf(bearer)).toEqual(spoken("Hello. "));
    const query = await open(`${pcm}&authorization=${encodeURIComponent(`Bearer ${server.key}`)}`);
    query.send({ text: " " }, { text: "Hello. " }, { text: "" });
    expect(await outcomeOf(query)).toEqual(spoken("Hello. "));
  });

  it("with the first audio before the last text", async () => {
    const client = await open(`${pcm}&auto_mode=true`, { "xi-api-key": server.key });
    client.send({ text: " " }, { text: "The first sentence is complete. " });
    await client.frame(({ audio }) => typeof audio === "string");
    client.send({ text: "The second one comes later. " }, { text: "" });
    expect(await outcomeOf(client)).toEqual(
      spoken("The first sentence is complete. The second one comes later. "),
    );
    expectWholeAlignment(client.frames, client.audio());
  });

  it("with alignment in every frame when it asks for it", async () => {
    const client = await open(`${pcm}&sync_alignment=true`, { "xi-api-key": server.key });
    client.send({ text: " " }, ...chunks.map((chunk) => ({ text: chunk })), { text: "" });
    expect(await outcomeOf(client)).toEqual(spoken(text));
    expect(client.frames.filter(({ alignment }) => alignment).length).toBeGreaterThan(1);
  });
});

describe("messages as known clients send them", () => {
  it("old LiveKit: inactivity_timeout=300 and True, one flush per sentence", async () => {
    const query = `model_id=eleven_turbo_v2_5&output_format=mp3_22050_32&optimize_streaming_latency=3&enable_ssml_parsing=False&inactivity_timeout=300&sync_alignment=True`;
    const client = await open(query, { "xi-api-key": server.key });
    client.send({
      text: " ",
      voice_settings: {
        stability: 0.71,
        similarity_boost: 0.5,
        style: 0.0,
        use_speaker_boost: true,
      },
      generation_config: { chunk_length_schedule: [80, 120, 200, 260] },
    });
    client.send({ text: "One sentence. " }, { flush: true }, { text: "And two. ", flush: true });
    client.send({ text: "" });
    expect(await outcomeOf(client)).toEqual(spoken("One sentence. And two. "));
    const audio = client.audio();
    expect(audio.readUInt16BE(0) & 0xffe0).toBe(0xffe0);
  });

  it("an offer of permessage-deflate changes nothing", async () => {
    const client = await openStreamInput(server.wsUrl, {
      voice,
      query: pcm,
      headers: { "xi-api-key": server.key },
      client: { perMessageDeflate: { threshold: 0 } },
    });
    expect(client.socket.readyState).toBe(WebSocket.OPEN);
    client.send({ text: " " }, { text: "Hello. " }, { text: "" });
    expect(await outcomeOf(client)).toEqual(spoken("Hello. "));
  });

  it("base addresses that end in /v1 or leave it out", async () => {
    const headers = { "xi-api-key": server.key };
    const path = `/text-to-speech/${voice}/stream-input`;
    const client = await openStreamInput(server.wsUrl, { path, query: pcm, headers });
    client.send({ text: " " }, { text: "Hello. " }, { text: "" });
    expect(await outcomeOf(client)).toEqual(spoken("Hello. "));
  });
});
