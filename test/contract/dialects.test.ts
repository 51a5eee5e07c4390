import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ManualClock } from "../../src/clock.ts";
import { SpeechError } from "../../src/protocol/problems.ts";
import { toneBytes } from "../conformance/bench.ts";
import {
  createWatchedTone,
  startServer,
  testKey,
  type TestServer,
  type WatchedTone,
} from "../support/server.ts";
import { openStreamInput, Refused, type StreamInput } from "../support/stream-input.ts";
import { livePath } from "../support/waves.ts";

// One row: what a client wants, how it says so in each dialect, and how each answers. The engine
// is asked for the same speech, whichever dialect it was asked in.

/** One side of a row. */
interface Wording {
  readonly path?: string;
  readonly query?: string;
  readonly messages: readonly (object | string)[];
  /** How many answers there are to wait for, and what they are. */
  readonly answers: readonly object[];
  readonly closed?: { readonly code: number; readonly reason?: string };
}

interface Row {
  readonly name: string;
  readonly elevenlabs: Wording;
  readonly waves: Wording;
  /** What the engine is asked to speak. */
  readonly spoken: readonly string[];
  readonly headers?: Record<string, string>;
  readonly passingMs?: number;
  readonly fails?: boolean;
}

const say = (text: string, others: object = {}): object => ({
  voice_id: "tone",
  sample_rate: 16_000,
  text,
  ...others,
});
const elevenFinal = { isFinal: true, audio: null };
const wavesComplete = { status: "complete", done: true };
const hello = "Hello there.";

const rows: readonly Row[] = [
  {
    name: "speak a text and end",
    elevenlabs: { messages: [{ text: hello }, { text: "" }], answers: [elevenFinal] },
    waves: { messages: [say(hello, { flush: true })], answers: [wavesComplete] },
    spoken: [hello],
  },
  {
    name: "speak a text that comes in pieces",
    elevenlabs: {
      messages: [{ text: "Hello " }, { text: "the" }, { text: "re." }, { text: "" }],
      answers: [elevenFinal],
    },
    waves: {
      messages: [
        say("Hello ", { continue: true }),
        say("the", { continue: true }),
        say("re.", { continue: true }),
        say("", { continue: false, flush: true }),
      ],
      answers: [wavesComplete],
    },
    spoken: [hello],
  },
  {
    name: "speak what there is, and go on later",
    elevenlabs: {
      messages: [{ text: "Hello ", flush: true }, { text: "there." }, { text: "" }],
      answers: [elevenFinal],
    },
    waves: {
      messages: [
        say("Hello ", { continue: true, flush: true }),
        say("there.", { continue: true }),
        say("", { continue: false, flush: true }),
      ],
      answers: [wavesComplete],
    },
    spoken: ["Hello ", "there."],
  },
  {
    name: "say nothing and end",
    elevenlabs: { messages: [{ text: "" }], answers: [elevenFinal] },
    waves: { messages: [say("", { continue: false, flush: true })], answers: [wavesComplete] },
    spoken: [],
  },
  {
    name: "ask for a voice there is not",
    elevenlabs: {
      path: "/v1/text-to-speech/nobody/stream-input",
      messages: [{ text: hello }],
      answers: [{ error: "voice_id_does_not_exist", code: 1008 }],
      closed: { code: 1008 },
    },
    waves: {
      messages: [say(hello, { voice_id: "nobody" })],
      answers: [{ status: "error", error: { code: "invalid_voice_id" } }],
    },
    spoken: [],
  },
  {
    name: "send what is not JSON",
    elevenlabs: {
      messages: ["{"],
      answers: [{ error: "invalid_input_message", code: 1008 }],
      closed: { code: 1008 },
    },
    waves: {
      messages: ["{"],
      answers: [{ status: "error", error: { code: "invalid_json" } }],
    },
    spoken: [],
  },
  {
    name: "be silent for too long",
    elevenlabs: {
      query: "inactivity_timeout=2",
      messages: [],
      answers: [{ error: "input_timeout_exceeded" }],
      closed: { code: 1008 },
    },
    waves: {
      query: "timeout=2",
      messages: [],
      answers: [{ status: "error", error: { code: "inactivity_timeout" } }],
      closed: { code: 1000, reason: "inactivity_timeout" },
    },
    spoken: [],
    passingMs: 2000,
  },
  {
    name: "be given a voice that fails",
    elevenlabs: {
      messages: [{ text: hello, flush: true }],
      answers: [{ error: "engine_failed", code: 1011 }],
      closed: { code: 1011 },
    },
    waves: {
      messages: [say(hello, { flush: true })],
      answers: [{ status: "error", error: { code: "synthesis_failed" } }],
    },
    spoken: [hello],
    fails: true,
  },
  {
    name: "show a bad key",
    elevenlabs: {
      messages: [],
      answers: [{ error: "invalid_api_key", code: 1008 }],
      closed: { code: 1008 },
    },
    waves: { messages: [], answers: [{ error: "Unauthorized", code: "unauthorized" }] },
    spoken: [],
    headers: { authorization: "Bearer wrong" },
  },
];

const dialects = {
  elevenlabs: { path: "/v1/text-to-speech/tone/stream-input", query: "output_format=pcm_16000" },
  waves: { path: livePath, query: "" },
} as const;

let server: TestServer;
let tone: WatchedTone;
let client: StreamInput | undefined;
const clock = new ManualClock();

beforeAll(async () => {
  tone = createWatchedTone();
  server = await startServer({ engines: [tone.engine], clock, flags: { workers: "1" } });
});
afterAll(() => server?.close());
beforeEach(() => {
  tone.begun.length = 0;
});
afterEach(() => {
  tone.failWith(undefined);
  client?.socket.terminate();
  client = undefined;
});

/** Frames without those that carry sound: what they carry is the engine's affair. */
const answersOf = ({ frames }: StreamInput): readonly object[] =>
  frames.filter((frame) => !(typeof frame.audio === "string" || "data" in frame));

describe.each(rows)("to $name", ({ spoken, headers, passingMs, fails, ...wordings }) => {
  it.each(["elevenlabs", "waves"] as const)("in the dialect %s", async (name) => {
    const { messages, answers, closed, ...own } = wordings[name];
    const { path, query } = dialects[name];
    if (fails) tone.failWith(new SpeechError("engine_failed"));
    const opening = openStreamInput(server.wsUrl, {
      path: own.path ?? path,
      query: [query, own.query].filter(Boolean).join("&"),
      headers: headers ?? { authorization: `Bearer ${testKey}` },
    });
    const opened = await opening.catch((error: unknown) => error);
    if (opened instanceof Refused) {
      expect([opened.body]).toMatchObject(answers);
      return;
    }
    const socket = opened as StreamInput;
    client = socket;
    socket.send(...messages);
    if (passingMs !== undefined) {
      await socket.settled();
      clock.advance(passingMs);
    }
    if (answers.length > 0) await socket.frame(() => answersOf(socket).length >= answers.length);
    if (closed) expect(await socket.closed).toMatchObject(closed);
    expect(answersOf(socket)).toMatchObject(answers);
    expect(tone.begun).toEqual(spoken);
    const isHeard = socket.frames.length > answers.length;
    expect(isHeard).toBe(spoken.length > 0 && !fails);
  });
});

describe("a dictionary", () => {
  it("that was made in one family is spoken by in the other", async () => {
    const rules = [{ type: "alias", string_to_replace: "there", alias: "all of you" }];
    const made = await fetch(`${server.url}/v1/pronunciation-dictionaries/add-from-rules`, {
      method: "POST",
      headers: { "xi-api-key": testKey, "content-type": "application/json" },
      body: JSON.stringify({ name: "shared", rules }),
    });
    const { id } = (await made.json()) as { id: string };
    const spoken = await fetch(`${server.url}/waves/v1/tts`, {
      method: "POST",
      headers: { authorization: `Bearer ${testKey}`, "content-type": "application/json" },
      body: JSON.stringify(say(hello, { pronunciation_dicts: [id] })),
    });
    expect((await spoken.arrayBuffer()).byteLength).toBe(toneBytes("Hello all of you."));
  });
});
