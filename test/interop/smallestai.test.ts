import { text as readText } from "node:stream/consumers";
import type { Readable } from "node:stream";
import { Configuration, WavesClient } from "smallestai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type BuiltServer, startBuiltServer } from "../cli/built.ts";

// The vendor's client for JavaScript: it knows the routes before `/waves/v1`, and HTTP only.

const text = "The first move is what sets everything in motion, 42 times.";
const request = { text, voice_id: "emily", sample_rate: 24_000 };
const bytesPerS = 48_000;

let server: BuiltServer;
let client: WavesClient;

beforeAll(async () => {
  server = await startBuiltServer();
  client = new WavesClient(new Configuration({ basePath: server.url, accessToken: server.key }));
});
afterAll(() => server?.close());

const bytesOf = ({ data }: { readonly data: unknown }): Buffer => Buffer.from(data as ArrayBuffer);

describe("smallestai 1.0.1", () => {
  it("speaks with Lightning, in samples or as a file", async () => {
    const samples = bytesOf(await client.synthesize("lightning", request));
    expect(samples.length).toBeGreaterThan(3 * bytesPerS);
    const file = bytesOf(
      await client.synthesize("lightning", { ...request, add_wav_header: true }),
    );
    expect(file.subarray(0, 4).toString("latin1")).toBe("RIFF");
    expect(file.subarray(44)).toEqual(samples);
  });

  it("speaks with Lightning Large, a long text in pieces of its own", async () => {
    const long = `${text} `.repeat(8).trim();
    const samples = bytesOf(await client.synthesize("lightning-large", { ...request, text: long }));
    expect(samples.length).toBeGreaterThan(20 * bytesPerS);
  });

  it("streams with Lightning Large", async () => {
    const { data } = await client.synthesizeStream(request);
    const events = (await readText(data as unknown as Readable)).trim().split("\n\n");
    const frames = events.map((event) => JSON.parse(event.replace(/^data: /, "")) as StreamFrame);
    const sound = frames.flatMap(({ data: own }) =>
      own ? [Buffer.from(own.audio, "base64")] : [],
    );
    const whole = bytesOf(await client.synthesize("lightning-large", request));
    expect(Buffer.concat(sound)).toEqual(whole);
    expect(frames.at(-1)).toMatchObject({ status: "complete", done: true });
  });

  it("lists voices, none of them cloned", async () => {
    const { data } = await client.getWavesVoices("lightning");
    expect((data as VoiceList).voices.map(({ voiceId }) => voiceId)).toContain("emily");
    expect((await client.getClonedVoices()).data).toEqual({ voices: [] });
  });

  it("reports a bad key, a voice there is not, and what cannot be done", async () => {
    const other = new WavesClient(
      new Configuration({ basePath: server.url, accessToken: "wrong" }),
    );
    await expect(other.synthesize("lightning", request)).rejects.toMatchObject({
      response: { status: 401 },
    });
    await expect(other.getWavesVoices("lightning")).rejects.toMatchObject({
      response: { status: 401, data: { error: "Unauthorized" } },
    });
    await expect(
      client.synthesize("lightning", { ...request, voice_id: "nobody" }),
    ).rejects.toMatchObject({ response: { status: 400 } });
    await expect(client.deleteVoiceClone({ voiceId: "emily" })).rejects.toMatchObject({
      response: { status: 403, data: { error: "Forbidden" } },
    });
  });
});

interface StreamFrame {
  readonly status: string;
  readonly data?: { readonly audio: string };
}

interface VoiceList {
  readonly voices: readonly { readonly voiceId: string }[];
}
