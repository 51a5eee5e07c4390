import { initializeLogger, type tts } from "@livekit/agents";
import { TTS } from "@livekit/agents-plugin-elevenlabs";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type BuiltServer, startBuiltServer } from "../cli/built.ts";
import { findOnsets } from "../support/onsets.ts";
import { openSocketTap, type SocketTap, type TappedMessage } from "../support/socket-tap.ts";

// LiveKit's own class, without a room: what an agent would play is what comes out of its streams.

const sampleRateHz = 16_000;
const toleranceMs = 60;
const story =
  "Once upon a time there was a server that spoke. It spoke all day long to whoever would listen. " +
  "In the evening it was a little tired. But then somebody asked it for one more story, and so it " +
  "began again from the very beginning.";
const answer = "Of course, I can do that for you.";

let server: BuiltServer;
let tap: SocketTap;
let livekit: TTS;
/** Connects past the tap: what an utterance sounds like when nothing else is going on. */
let alone: TTS;

const connect = (url: string): TTS =>
  new TTS({
    baseURL: `${url}/v1`,
    apiKey: server.key,
    voiceId: "EXAVITQu4vr4xnSDxMaL",
    encoding: "pcm_16000",
  });

beforeAll(async () => {
  initializeLogger({ pretty: false, level: "fatal" });
  server = await startBuiltServer();
  alone = connect(server.url);
});
afterAll(async () => {
  await alone?.close();
  await server?.close();
});
beforeEach(async () => {
  tap = await openSocketTap(server.wsUrl);
  livekit = connect(tap.url);
});
afterEach(async () => {
  await livekit.close();
  await tap.close();
});

describe("LiveKit's plugin speaks", () => {
  it("two overlapping utterances on one socket", async () => {
    const first = begin(livekit, story);
    const storyHeard = listen(first);
    await tap.until(isAudio);
    const second = begin(livekit, answer);
    const answerHeard = listen(second);
    const [one, other] = await Promise.all([storyHeard, answerHeard]);
    expect(tap.paths).toHaveLength(1);
    const begunAt = tap.messages.findIndex(names(second.contextId));
    const storyEndedAt = tap.messages.findIndex(isFinalOf(first.contextId));
    expect(begunAt).toBeLessThan(storyEndedAt);
    expect(one.pcm.equals((await speak(alone, story)).pcm)).toBe(true);
    expect(other.pcm.equals((await speak(alone, answer)).pcm)).toBe(true);
    expect(one.segments).toEqual(new Set([first.contextId]));
    expect(other.segments).toEqual(new Set([second.contextId]));
  });

  it("at once after an interruption, and nothing of what was interrupted", async () => {
    const interrupted = livekit.stream();
    write(interrupted, `${story} ${story} `);
    await interrupted.next();
    interrupted.close();
    const next = begin(livekit, answer);
    const heard = await listen(next);
    expect(heard.pcm.equals((await speak(alone, answer)).pcm)).toBe(true);
    expect(heard.segments).toEqual(new Set([next.contextId]));
    expect(tap.paths).toHaveLength(1);
    // The plugin has closed the first context in mid-story, and gets the final frame that frees it.
    await tap.until(isFinalOf(interrupted.contextId));
    expect(tap.messages.filter(isFinalOf())).toHaveLength(2);
    const answeredAt = tap.messages.findIndex(
      (tapped) => isAudio(tapped) && names(next.contextId)(tapped),
    );
    expect(answeredAt).toBeLessThan(tap.messages.findIndex(isFinalOf(interrupted.contextId)));
  });

  it.each([
    ["as it is", ""],
    ["with the faults of the hosted service", "/compat/observed"],
  ])("ten turns on one socket of a server %s", async (_, prefix) => {
    const talkative = connect(`${tap.url}${prefix}`);
    for (let turn = 1; turn <= 10; turn += 1) {
      const text = `This is turn ${turn} of our conversation.`;
      const { pcm, words } = await speak(talkative, text);
      expect(pcm.length).toBeGreaterThan(sampleRateHz);
      expect(words.map((word) => word.text.trim()).slice(0, 3)).toEqual(["This", "is", "turn"]);
    }
    expect(tap.paths).toHaveLength(1);
    await talkative.close();
    expect(tap.messages.filter(isFinalOf())).toHaveLength(10);
    expect(tap.messages.filter(({ message }) => "error" in message)).toEqual([]);
  });

  it("with a schedule instead of sentences, word by word", async () => {
    const scheduled = new TTS({
      baseURL: `${tap.url}/v1`,
      apiKey: server.key,
      voiceId: "EXAVITQu4vr4xnSDxMaL",
      encoding: "pcm_16000",
      chunkLengthSchedule: [50, 90],
    });
    const { pcm, words } = await speak(scheduled, story);
    await scheduled.close();
    expect(tap.paths).toEqual([expect.stringContaining("auto_mode=false")]);
    expect(pcm.length / (2 * sampleRateHz)).toBeGreaterThan(8);
    expect(words.map((word) => word.text.trim()).join(" ")).toBe(story);
  });

  it("a whole text over HTTP", async () => {
    const heard: tts.SynthesizedAudio[] = [];
    for await (const audio of alone.synthesize(story)) heard.push(audio);
    const samples = heard.reduce((sum, { frame }) => sum + frame.samplesPerChannel, 0);
    expect(samples / sampleRateHz).toBeGreaterThan(8);
    expect(heard.map(({ final }) => final).lastIndexOf(true)).toBe(heard.length - 1);
  });
});

describe("LiveKit's word timings", () => {
  it("are within 60 ms of where the words begin in the audio", async () => {
    // Each sentence is flushed on its own: in the second one the clock has to go on, not restart.
    const text = "One, nine, eleven, morning. River, yellow, window, lemon.";
    const { pcm, words } = await speak(livekit, text);
    expect(words.map((word) => word.text.trim()).join(" ")).toBe(text);
    const onsets = findOnsets(pcm, sampleRateHz);
    expect(onsets).toHaveLength(words.length);
    const off = words
      .map(({ text: word, startMs }, index) => ({ word, byMs: startMs - (onsets[index] ?? 0) }))
      .filter(({ byMs }) => Math.abs(byMs) > toleranceMs);
    expect(off).toEqual([]);
  });

  it("follow one another to the end of the audio", async () => {
    const { pcm, words } = await speak(livekit, story);
    const durationMs = pcm.length / ((2 * sampleRateHz) / 1000);
    const starts = words.map(({ startMs }) => startMs);
    expect(starts).toEqual(starts.toSorted((one, other) => one - other));
    expect(Math.abs((words.at(-1)?.endMs ?? 0) - durationMs)).toBeLessThanOrEqual(toleranceMs);
  });
});

describe("LiveKit's plugin looks around and is told what is wrong", () => {
  it("lists voices", async () => {
    const voices = await alone.listVoices();
    expect(voices.map(({ name }) => name)).toContain("Flite SLT");
    expect(voices.every(({ category }) => category === "premade")).toBe(true);
  });

  it("says which voice there is not", async () => {
    const errors: Error[] = [];
    alone.on("error", ({ error }) => errors.push(error));
    alone.updateOptions({ voiceId: "notARealVoiceId00000" });
    const connOptions = { maxRetry: 0, retryIntervalMs: 0, timeoutMs: 1000 };
    const stream = alone.stream({ connOptions });
    stream.pushText(answer);
    stream.endInput();
    expect((await listen(stream)).pcm).toHaveLength(0);
    expect(errors).toHaveLength(1);
    alone.updateOptions({ voiceId: "EXAVITQu4vr4xnSDxMaL" });
    expect((await speak(alone, answer)).pcm.length).toBeGreaterThan(sampleRateHz);
  });
});

type Stream = ReturnType<TTS["stream"]>;

interface Heard {
  readonly pcm: Buffer;
  readonly words: { readonly text: string; readonly startMs: number; readonly endMs: number }[];
  /** Whose frames these were. */
  readonly segments: ReadonlySet<string>;
}

/** In small pieces, as a language model does. */
function write(stream: Stream, text: string): void {
  for (const piece of text.match(/.{1,12}/gs) ?? []) stream.pushText(piece);
}

function begin(speaker: TTS, text: string): Stream {
  const stream = speaker.stream();
  write(stream, text);
  stream.endInput();
  return stream;
}

const speak = (speaker: TTS, text: string): Promise<Heard> => listen(begin(speaker, text));

async function listen(stream: Stream): Promise<Heard> {
  const parts: Buffer[] = [];
  const words: Heard["words"] = [];
  const segments = new Set<string>();
  for await (const audio of stream) {
    if (typeof audio === "symbol") continue;
    const { data } = audio.frame;
    parts.push(Buffer.from(data.buffer, data.byteOffset, data.byteLength));
    segments.add(audio.segmentId);
    for (const { text, startTime = 0, endTime = 0 } of audio.timedTranscripts ?? []) {
      words.push({ text, startMs: startTime * 1000, endMs: endTime * 1000 });
    }
  }
  return { pcm: Buffer.concat(parts), words, segments };
}

const isAudio = ({ from, message }: TappedMessage): boolean =>
  from === "server" && typeof message["audio"] === "string";
const names =
  (id: string) =>
  ({ message }: TappedMessage): boolean =>
    message["context_id"] === id || message["contextId"] === id;
const isFinalOf =
  (id?: string) =>
  ({ message }: TappedMessage): boolean =>
    message["isFinal"] === true && (id === undefined || message["contextId"] === id);
