import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { toneBytes } from "../conformance/bench.ts";
import { until } from "../property/until.ts";
import { createWatchedTone, startServer, type TestServer } from "../support/server.ts";
import { type Frame, openStreamInput, type StreamInput } from "../support/stream-input.ts";
import { livePath, type WavesFrame } from "../support/waves.ts";

// Sockets of both families speak at once, and more of them than the one limit allows.

const limit = 60;
const socketsOfEach = 50;
const text = "All of us speak at once. ";

/** How a dialect asks for speech, and how it is answered. */
interface Manner {
  readonly path: string;
  readonly messages: readonly object[];
  readonly problem: object;
  /** Whether a socket whose request was refused can be used again. */
  readonly staysOpen: boolean;
  isEnd(frame: Frame & WavesFrame): boolean;
  audioOf(frame: Frame & WavesFrame): string | null | undefined;
}

const elevenlabs: Manner = {
  path: "/v1/text-to-speech/tone/stream-input?output_format=pcm_16000",
  messages: [{ text }, { text: "" }],
  problem: { error: "too_many_concurrent_requests", code: 1008 },
  staysOpen: false,
  isEnd: ({ isFinal }) => isFinal === true,
  audioOf: ({ audio }) => audio,
};

const waves: Manner = {
  path: livePath,
  messages: [{ voice_id: "tone", sample_rate: 16_000, text, flush: true }],
  problem: { status: "error", error: { code: "concurrency_limited", retryable: true } },
  staysOpen: true,
  isEnd: ({ status }) => status === "complete",
  audioOf: ({ data }) => data?.audio,
};

/** A socket that asks for the text once at a time. */
class Speaker {
  readonly manner: Manner;
  readonly client: StreamInput;
  #from = 0;

  constructor(manner: Manner, client: StreamInput) {
    this.manner = manner;
    this.client = client;
  }

  ask(): void {
    this.#from = this.client.frames.length;
    this.client.send(...this.manner.messages);
  }

  get isDone(): boolean {
    return this.#frames.some((frame) => this.manner.isEnd(frame));
  }

  get problems(): object[] {
    return this.#frames.filter(({ error }) => error !== undefined);
  }

  get audio(): Buffer {
    const sounding = this.#frames.map((frame) => this.manner.audioOf(frame) ?? "");
    return Buffer.concat(sounding.map((base64) => Buffer.from(base64, "base64")));
  }

  /** What came since the last request. */
  get #frames(): (Frame & WavesFrame)[] {
    return this.client.frames.slice(this.#from) as unknown as (Frame & WavesFrame)[];
  }
}

const tone = createWatchedTone();
const clients: StreamInput[] = [];
let server: TestServer;

beforeAll(async () => {
  const flags = { auth: "off", workers: "1", maxConcurrency: String(limit) } as const;
  server = await startServer({ engines: [tone.engine], flags });
});
afterAll(async () => {
  tone.release();
  for (const { socket } of clients) socket.terminate();
  await server?.close();
});

async function open(manner: Manner): Promise<Speaker> {
  const client = await openStreamInput(server.wsUrl, { path: manner.path });
  clients.push(client);
  return new Speaker(manner, client);
}

const openAgain = async (speaker: Speaker): Promise<Speaker> =>
  speaker.manner.staysOpen ? speaker : open(speaker.manner);

const isRefused = ({ problems }: Speaker): boolean => problems.length > 0;

/** Lets all of them ask at once; nobody is answered before everybody was heard. */
async function askAtOnce(speakers: readonly Speaker[]): Promise<void> {
  tone.begun.length = 0;
  tone.hold();
  for (const speaker of speakers) speaker.ask();
  const answered = (): number => tone.begun.length + speakers.filter(isRefused).length;
  await until(() => answered() >= speakers.length, "each begins to speak or is refused");
}

async function expectWhole(speakers: readonly Speaker[]): Promise<void> {
  await until(() => speakers.every(({ isDone }) => isDone), "each has spoken");
  const sizes = new Set(speakers.map(({ audio }) => audio.length));
  expect([...sizes]).toEqual([toneBytes(text)]);
  expect(speakers.flatMap(({ problems }) => problems)).toEqual([]);
}

describe("50 ElevenLabs and 50 Waves sockets on one server", () => {
  it("share one limit, which each dialect tells in its own words, and free it when they end", async () => {
    const speakers: Speaker[] = [];
    for (let index = 0; index < socketsOfEach; index += 1) {
      speakers.push(await open(elevenlabs), await open(waves));
    }

    await askAtOnce(speakers);
    const refused = speakers.filter(isRefused);
    const admitted = speakers.filter((speaker) => !isRefused(speaker));
    expect(tone.begun).toHaveLength(limit);
    expect(admitted).toHaveLength(limit);
    for (const { problems, manner, client } of refused) {
      expect(problems).toMatchObject([manner.problem]);
      if (manner.staysOpen) expect(client.socket.readyState).toBe(client.socket.OPEN);
      else expect((await client.closed).code).toBe(1008);
    }
    tone.release();
    await expectWhole(admitted);
    expect(refused.filter(({ isDone, audio }) => isDone || audio.length > 0)).toEqual([]);

    // As many as may speak at once: those that were refused, and some of those that were not.
    const next = [...refused, ...admitted].slice(0, limit);
    const again = await Promise.all(next.map(openAgain));
    await askAtOnce(again);
    expect(tone.begun).toHaveLength(limit);
    tone.release();
    await expectWhole(again);
  });
});
