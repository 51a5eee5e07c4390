import { describe, expect, it } from "vitest";
import { Refused } from "../support/stream-input.ts";
import { courseOf, type WavesClient, type WavesFrame } from "../support/waves.ts";
import { toneBytes, useToneServer } from "./bench.ts";
import { openOn } from "./waves-bench.ts";

// Clients in Python, message by message: what they send in which order, and what they do with the
// frames that come back.

const bench = useToneServer();
const { clock, tone } = bench;

/** What the client reads until it takes a speech for finished: all of them stop at `complete`. */
async function hearOne(client: WavesClient, from: number): Promise<readonly WavesFrame[]> {
  const earlier = client.frames.slice(0, from).filter(({ status }) => status === "complete").length;
  await client.heard("complete", earlier + 1);
  const frames = client.frames.slice(from);
  const failed = frames.find(({ status }) => status === "error");
  if (failed) throw new Error(failed.message);
  return frames;
}

const soundOf = (frames: readonly WavesFrame[]): Buffer =>
  Buffer.concat(
    frames
      .filter(({ status }) => status === "chunk")
      .map(({ data }) => Buffer.from(String(data?.audio), "base64")),
  );

describe("the Python SDK", () => {
  const settings = { voice_id: "tone", language: "en", sample_rate: 16_000, speed: 1 };
  const model = "lightning_v3.1";

  it("[W51] must serve its one-shot client", async () => {
    const client = await openOn(bench);
    const text = "One call with all of the text. ";
    client.send({
      ...settings,
      model,
      text,
      max_buffer_flush_ms: 0,
      continue: false,
      flush: false,
    });
    const frames = await hearOne(client, 0);
    client.socket.close();
    expect(soundOf(frames)).toHaveLength(toneBytes(text));
    // It looks for audio in every frame, and cannot read a `data` that is null.
    for (const frame of frames) expect(frame.data).not.toBeNull();
  });

  it("[W51] must serve its streaming client, and version 4 of it", async () => {
    const older = { consistency: 0.5, similarity: 0, enhancement: 1 };
    for (const [path, own] of [
      ["/waves/v1/tts/live", { model }],
      ["/api/v1/lightning-v2/get_speech/stream", older],
    ] as const) {
      const client = await openOn(bench, { path });
      const one = { ...settings, ...own, max_buffer_flush_ms: 0, flush: false };
      const fragments = ["Fragments ", "of a ", "stream. "];
      for (const text of fragments) client.send({ ...one, text, continue: true });
      client.send({ ...one, text: "", continue: false, flush: true });
      const frames = await hearOne(client, 0);
      client.socket.close();
      expect(soundOf(frames)).toHaveLength(toneBytes(fragments.join("")));
    }
  });

  it("[W51] must serve its streaming client when there is nothing to say", async () => {
    const client = await openOn(bench);
    client.send({ ...settings, model, text: "", continue: false, flush: true });
    expect(soundOf(await hearOne(client, 0))).toHaveLength(0);
  });
});

describe("LiveKit's plugin", () => {
  const base = {
    model: "lightning-v3.1",
    voice_id: "tone",
    sample_rate: 16_000,
    speed: 1,
    language: "en",
    max_buffer_flush_ms: 0,
    word_timestamps: true,
  };

  it("[W52] must speak two utterances on one socket, each with its words", async () => {
    const client = await openOn(bench);
    for (const tokens of [
      ["The first ", "utterance ", "is here."],
      ["And the ", "second", " one."],
    ]) {
      const from = client.frames.length;
      for (const text of tokens) client.send({ ...base, text, continue: true, flush: false });
      client.send({ ...base, text: "", continue: false, flush: true });
      const frames = await hearOne(client, from);
      const whole = tokens.join("");
      expect(soundOf(frames)).toHaveLength(toneBytes(whole));
      const words = frames.filter(({ status }) => status === "word_timestamp");
      expect(words.map(({ data }) => data?.word)).toEqual(whole.split(" "));
      for (const { data } of words) expect(data?.end).toBeGreaterThan(data?.start ?? Infinity);
      expect(frames.at(-1)?.status).toBe("complete");
      // It hands the socket to the next utterance: nothing may follow.
      await client.settled();
      clock.advance(9000);
      await client.settled();
      expect(client.frames).toHaveLength(from + frames.length);
    }
  });

  it("[W52] must find a socket from its pool closed with a reason", async () => {
    const client = await openOn(bench);
    clock.advance(60_000);
    expect((await client.closed).code).toBe(1000);
    expect(courseOf(client.frames)).toEqual(["error"]);
  });

  it("[W52] must speak for synthesize()", async () => {
    const text = "Spoken over HTTP. ";
    const { max_buffer_flush_ms: _, word_timestamps: __, ...settings } = base;
    const response = await fetch(`${bench.server.url}/waves/v1/tts`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-source": "livekit" },
      body: JSON.stringify({ ...settings, output_format: "pcm", text }),
    });
    expect(response.status).toBe(200);
    expect(await response.arrayBuffer()).toHaveProperty("byteLength", toneBytes(text));
  });
});

describe("Pipecat", () => {
  const base = {
    voice_id: "tone",
    model: "lightning-v3.1",
    language: "en",
    sample_rate: 16_000,
    word_timestamps: true,
    output_format: "pcm",
  };
  const keepalive = { text: " ", voice_id: "tone", model: "lightning-v3.1", language: "en" };

  it("[W53] must speak sentences with words that name their request", async () => {
    const client = await openOn(bench);
    const sentences = ["The first sentence.", "Then the second."];
    for (const text of sentences) client.send({ ...base, text });
    await client.heard("word_timestamp", 6);
    const requests = new Set(client.frames.map(({ request_id }) => request_id));
    expect(requests.size).toBe(2);
    for (const { status, data } of client.frames) {
      if (status === "chunk") expect(data?.audio).toMatch(/./);
    }
    await client.settled();
    clock.advance(250);
    await client.heard("complete");
  });

  it("[W53] must stop for a client that interrupts, and let it in again at once", async () => {
    const first = await openOn(bench);
    tone.hold();
    first.send({ ...base, text: "This is interrupted." });
    await first.settled();
    first.socket.close();
    await first.closed;
    tone.release();
    const second = await openOn(bench);
    second.send({ ...base, text: "Yes?" });
    await second.heard("chunk");
    expect(tone.aborted).toEqual(["This is interrupted."]);
    expect(second.frames.some(({ status }) => status === "error")).toBe(false);
  });

  it.for([
    ["a space", keepalive],
    ["a lone flush, as older ones do", { flush: true }],
  ] as const)("[W53] must bear 90 s of silence with %s now and then", async ([, message]) => {
    const client = await openOn(bench);
    for (let round = 0; round < 3; round += 1) {
      clock.advance(30_000);
      client.send(message);
      await client.settled();
    }
    expect(client.frames).toEqual([]);
    expect(client.socket.readyState).toBe(client.socket.OPEN);
  });

  it("[W53] must refuse a bad model with a status, not with an open socket", async () => {
    const path = "/waves/v1/thunder/get_speech/stream";
    const refused: unknown = await openOn(bench, { path }).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(Refused);
  });
});
