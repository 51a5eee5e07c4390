import { describe, expect, it } from "vitest";
import { toneBytes, useFliteServer, useToneServer } from "./bench.ts";
import { say } from "./waves-bench.ts";

const hello = "Hello there. ";

const bench = useToneServer();
const post = (path: string, body: object, headers: Record<string, string> = {}) =>
  fetch(`${bench.server.url}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
const bytesOf = async (response: Response): Promise<Buffer> =>
  Buffer.from(await response.arrayBuffer());

interface SpeechEvent {
  readonly event: string | undefined;
  readonly data: Readonly<Record<string, unknown>>;
}

const eventsOf = (text: string): SpeechEvent[] =>
  text
    .split("\n\n")
    .filter(Boolean)
    .map((block) => {
      const lines = block.split("\n");
      const data = lines.find((line) => line.startsWith("data: "))?.slice(6) ?? "null";
      const event = lines.find((line) => line.startsWith("event: "))?.slice(7);
      return { event, data: JSON.parse(data) as SpeechEvent["data"] };
    });

describe("speech over HTTP", () => {
  it.for(["audio/wav", "application/json", "*/*"])(
    "[W47] must answer with samples for Accept: %s",
    async (accept) => {
      const response = await post("/waves/v1/tts", say(hello), { accept });
      expect(response.status).toBe(200);
      expect(response.headers.get("content-type")).toBe("audio/wav");
      expect(response.headers.get("x-request-id")).toMatch(/./);
      expect(response.headers.get("x-session-id")).toMatch(/./);
      expect(await bytesOf(response)).toHaveLength(toneBytes(hello));
    },
  );

  const files: [string, object][] = [
    ["output_format: wav", { output_format: "wav" }],
    ["add_wav_header", { add_wav_header: true }],
  ];
  it.for(files)("[W47] must answer with a file for %s", async ([, others]) => {
    const response = await post("/api/v1/lightning-large/get_speech", say(hello, others));
    const file = await bytesOf(response);
    expect(file.subarray(0, 4).toString("latin1")).toBe("RIFF");
    expect(file.readUInt32LE(40)).toBe(toneBytes(hello));
    expect(file).toHaveLength(44 + toneBytes(hello));
  });

  it("[W47] must send the client's ids back in headers", async () => {
    const response = await post("/waves/v1/tts", say(hello, { request_id: "r", session_id: "s" }));
    expect(response.headers.get("x-external-request-id")).toBe("r");
    expect(response.headers.get("x-external-session-id")).toBe("s");
    await response.arrayBuffer();
  });

  it("[W48] must answer with events and the one that ends them", async () => {
    const response = await post("/waves/v1/tts/live", say(hello));
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("text/event-stream");
    expect(response.headers.get("cache-control")).toBe("no-cache");
    const events = eventsOf(await response.text());
    const audio = events.slice(0, -1);
    for (const { event, data } of audio) {
      expect(event).toBe("audio");
      expect(data).toEqual({ audio: expect.any(String), done: false, status: "206" });
    }
    const sound = Buffer.concat(
      audio.map(({ data }) => Buffer.from(String(data["audio"]), "base64")),
    );
    expect(sound).toHaveLength(toneBytes(hello));
    expect(events.at(-1)).toEqual({ event: undefined, data: { status: "200", done: true } });
  });

  it("[W48] must send what older clients read on routes of older models", async () => {
    const response = await post("/api/v1/lightning-large/stream", say(hello));
    const events = eventsOf(await response.text());
    expect(events[0]?.data).toMatchObject({ status: "chunk", done: false });
    expect(events[0]?.data["data"]).toEqual({ audio: events[0]?.data["audio"] });
    expect(events.at(-1)?.data).toMatchObject({ status: "complete", done: true });
  });

  it("[W48] must tell a failure in the middle in an event, and one before it with a status", async () => {
    bench.tone.failWith(new Error("The tone has gone flat"), "flat");
    const early = await post("/waves/v1/tts/live", say("All flat."));
    expect(early.status).toBe(500);
    expect(await early.json()).toMatchObject({ error: "InternalError", code: "synthesis_failed" });
    const late = await post("/waves/v1/tts/live", say(`${"It goes on. ".repeat(20)}It is flat.`));
    expect(late.status).toBe(200);
    const events = eventsOf(await late.text());
    expect(events.length).toBeGreaterThan(1);
    expect(events.at(-1)?.data).toMatchObject({
      status: "error",
      done: true,
      code: "synthesis_failed",
    });
  });

  it("[W49] must list voices with the members clients read", async () => {
    const lists = await Promise.all(
      ["lightning-v3.1", "lightning_v3.1"].map(async (model) => {
        const response = await fetch(`${bench.server.url}/waves/v1/${model}/get_voices`);
        expect(response.status).toBe(200);
        return (await response.json()) as { voices: Record<string, unknown>[] };
      }),
    );
    expect(lists[0]).toEqual(lists[1]);
    for (const voice of lists[0]?.voices ?? []) {
      expect(voice).toMatchObject({
        voiceId: expect.any(String),
        displayName: expect.any(String),
        tags: { language: ["english"], gender: expect.any(String), emotions: [] },
      });
    }
    expect(lists[0]?.voices.length).toBeGreaterThan(0);
  });

  it("[W49] must refuse addresses below its own in its own manner", async () => {
    const missing = await fetch(`${bench.server.url}/waves/v1/nothing/here`);
    expect(missing.status).toBe(404);
    expect(await missing.json()).toMatchObject({ error: "NotFound", code: "not_found" });
    const method = await fetch(`${bench.server.url}/api/v1/tts`);
    expect(method.status).toBe(405);
    expect(await method.json()).toMatchObject({ error: "MethodNotAllowed" });
    const elsewhere = await fetch(`${bench.server.url}/v1/nothing/here`);
    expect(await elsewhere.json()).toHaveProperty("detail");
  });
});

describe("the voices clients have built in", () => {
  const flite = useFliteServer();

  it("[W49] must be listed, and speak", async () => {
    const response = await fetch(`${flite.server.url}/waves/v1/lightning-v3.1/get_voices`);
    const { voices } = (await response.json()) as { voices: { voiceId: string }[] };
    const ids = voices.map(({ voiceId }) => voiceId);
    for (const id of ["meher", "sophia", "magnus", "emily", "irisha"]) expect(ids).toContain(id);
    const speech = await fetch(`${flite.server.url}/waves/v1/tts`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ voice_id: "sophia", text: "Hello.", sample_rate: 24_000 }),
    });
    expect((await bytesOf(speech)).length).toBeGreaterThan(12_000);
  });
});
