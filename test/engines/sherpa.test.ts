import { mkdtemp, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ManualClock, systemClock } from "../../src/clock.ts";
import { findEspeakData } from "../../src/engine/sherpa/espeak-data.ts";
import { findRuntime, installHint } from "../../src/engine/sherpa/runtime.ts";
import { createSherpaEngine, type SherpaOptions } from "../../src/engine/sherpa/sherpa.ts";
import { readVoiceFolders } from "../../src/engine/voice-folders.ts";
import type { Engine, Pcm } from "../../src/engine/synthesizer.ts";
import type { VoiceFault } from "../../src/protocol/engines.ts";
import { neutralSettings, type Voice, type VoiceSettings } from "../../src/protocol/voice.ts";
import { childrenRunning } from "../support/child-processes.ts";
import {
  type FolderContent,
  kitten,
  kokoro,
  matcha,
  multilingualKokoro,
  packagedPiper,
  publishedPiper,
  writeFolder,
} from "../support/model-folders.ts";
import { encodeToneVoice, toneTokens, writeToneVoice } from "../support/onnx-fixture.ts";
import { openStreamInput, type StreamInput } from "../support/stream-input.ts";
import { startServer, testKey } from "../support/server.ts";

const isPresent = findRuntime() !== undefined;
if (!isPresent) console.log("Skipped: tests of sherpa-onnx. To run them:", installHint);
const isLinux = process.platform === "linux";
/** Installed by the system; voices that read by sounds need it. */
const espeakData = await findEspeakData(join(tmpdir(), "none")).catch(() => undefined);
if (espeakData === undefined) {
  console.log("Skipped: voices that read by sounds. To run them, install espeak-ng-data.");
}

let dataDir: string;
let voicesPath: string;
let faults: VoiceFault[];
let replaced: string[];
const engines: Engine[] = [];

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "syrinx-sherpa-"));
  voicesPath = join(dataDir, "voices");
  faults = [];
  replaced = [];
});
afterEach(async () => {
  await Promise.all(engines.splice(0).map((engine) => engine.close()));
  await rm(dataDir, { recursive: true });
});

const place = (name: string): string => join(voicesPath, name);
const processes = (): number[] => childrenRunning("sherpa/child");

async function createEngine(options: Partial<SherpaOptions> = {}): Promise<Engine> {
  const engine = createSherpaEngine({
    clock: systemClock,
    onFault: (fault) => faults.push(fault),
    onWorkerReplaced: (reason) => replaced.push(reason),
    ...options,
  });
  engines.push(engine);
  faults.push(...(await refresh(engine)));
  return engine;
}

/** Lets the engine find what lies in the folder; gives what is wrong with it. */
async function refresh(engine: Engine): Promise<readonly VoiceFault[]> {
  const found = await readVoiceFolders(voicesPath);
  return [...found.faults, ...((await engine.refresh?.(found)) ?? [])];
}

function voiceOf(engine: Engine, slug: string): Voice {
  const voice = engine.voices.find((each) => each.slug === slug);
  if (!voice) throw new Error(`there is no ${slug}`);
  return voice;
}

interface Manner {
  readonly settings?: Partial<VoiceSettings>;
  readonly signal?: AbortSignal;
}

async function speak(
  engine: Engine,
  voice: Voice,
  text: string,
  { settings, signal = new AbortController().signal }: Manner = {},
): Promise<Pcm[]> {
  const wanted = { text, voice, settings: { ...neutralSettings, ...settings } };
  const pieces: Pcm[] = [];
  for await (const piece of engine.synthesize({ ...wanted, markup: "none" }, signal)) {
    pieces.push(piece);
  }
  return pieces;
}

const textOf = (pieces: readonly Pcm[]): string =>
  pieces.flatMap(({ alignment }) => alignment.original.chars).join("");
const samplesIn = (pieces: readonly Pcm[]): number =>
  pieces.reduce((sum, { samples }) => sum + samples.length, 0);
const isAudible = (pieces: readonly Pcm[]): boolean =>
  pieces.some(({ samples }) => samples.some((sample) => Math.abs(sample) > 500));

async function until(condition: () => boolean, withinMs: number): Promise<void> {
  const startMs = performance.now();
  while (!condition()) {
    if (performance.now() - startMs > withinMs) throw new Error("it never came");
    await sleep(10);
  }
}

const sentence = "The quick brown fox jumps over the lazy dog. ";

describe.runIf(isPresent)("sherpa-onnx loads and speaks", () => {
  const soundReaders: readonly (readonly [string, FolderContent, string])[] = [
    ["a Piper voice for sherpa-onnx", packagedPiper, "one"],
    ["a Piper voice as Piper publishes it", publishedPiper(), "one-p225"],
    ["Kokoro", kokoro, "one-bm-george"],
    ["a Kokoro of many languages, in English", multilingualKokoro, "one-af-bella"],
    ["a Kokoro of many languages, in Spanish", multilingualKokoro, "one-ef-dora"],
    ["Kitten", kitten, "one-expr-voice-2-f"],
    ["Matcha", matcha, "one"],
  ];
  it.runIf(espeakData).each(soundReaders)("%s", async (_, content, slug) => {
    await writeFolder(place("one"), content);
    const engine = await createEngine();
    await engine.ready();
    expect(faults).toEqual([]);
    const pieces = await speak(engine, voiceOf(engine, slug), `${sentence}Hello there.`);
    expect(textOf(pieces)).toBe(`${sentence}Hello there. `);
    expect(isAudible(pieces)).toBe(true);
    expect(replaced).toEqual([]);
  });

  it("each speaker of a model with a voice of their own", async () => {
    await writeToneVoice(place("choir"), { speakers: 2, msPerPhoneme: 200 });
    const engine = await createEngine();
    const pitches = await Promise.all(
      engine.voices.map(async (voice) => {
        const [piece] = await speak(engine, voice, "a");
        const samples = piece?.samples ?? new Int16Array(0);
        return samples.filter((sample, at) => sample > 0 && (samples[at - 1] ?? 0) <= 0).length;
      }),
    );
    // 40 Hz more for 200 ms.
    expect((pitches[1] ?? 0) - (pitches[0] ?? 0)).toBeCloseTo(8, -1);
  });

  it("what stability asks for, with another variant of the model", async () => {
    await writeToneVoice(place("one"));
    const engine = await createEngine();
    const [voice] = engine.voices;
    if (!voice) throw new Error("no voice");
    expect(voice.heeds).toEqual(["stability", "style"]);
    for (const stability of [0, 1, 0.5, 0.9, 0]) {
      expect(isAudible(await speak(engine, voice, sentence, { settings: { stability } }))).toBe(
        true,
      );
    }
    expect(replaced).toEqual([]);
  });

  it("equally loud whatever the model's own level", async () => {
    await writeToneVoice(place("one"), { loudness: 0.02 });
    await writeToneVoice(place("two"), { loudness: 0.5 });
    const engine = await createEngine();
    const levels = await Promise.all(
      engine.voices.map(async (voice) => {
        const [piece] = await speak(engine, voice, sentence);
        const samples = piece?.samples ?? new Int16Array(0);
        return Math.sqrt(samples.reduce((sum, sample) => sum + sample ** 2, 0) / samples.length);
      }),
    );
    expect((levels[0] ?? 0) / (levels[1] ?? 1)).toBeCloseTo(1, 1);
  });
});

describe.runIf(isPresent)("voice folders", () => {
  it("that come and go are voices that come and go", async () => {
    await writeToneVoice(place("stays"));
    await writeToneVoice(place("goes"));
    const clock = new ManualClock();
    const engine = await createEngine({ clock });
    await engine.ready();
    const [, stays] = engine.voices;
    const before = processes();
    await rm(place("goes"), { recursive: true });
    await writeToneVoice(place("comes"));
    await writeFolder(place("broken"), { "model.onnx": "" });
    const reported = await refresh(engine);
    expect(reported).toEqual([
      { name: "broken", reason: "Its model.onnx is empty: fetch it again." },
    ]);
    expect(engine.voices.map(({ slug }) => slug)).toEqual(["comes", "stays"]);
    expect(engine.voices[1]).toBe(stays);
    // The one that stays goes on in its process, the other one until nobody wants it any more.
    expect(processes()).toEqual(before);
    clock.advance(60_000);
    await until(() => processes().length === 1, 3000);
    expect(before).toContain(processes()[0]);
    expect(await refresh(engine)).toEqual(reported);
  });

  it("that have gone do not cut off who is speaking", async () => {
    await writeToneVoice(place("one"));
    const engine = await createEngine();
    await engine.ready();
    const text = sentence.repeat(40);
    const speaking = speak(engine, voiceOf(engine, "one"), text);
    await rm(place("one"), { recursive: true });
    await refresh(engine);
    expect(engine.voices).toEqual([]);
    expect(textOf(await speaking)).toBe(text);
  });

  it("that have gone cut off the next utterance of a stream that began with their voice", async () => {
    await writeToneVoice(place("one"));
    const clock = new ManualClock();
    const engine = await createEngine({ clock });
    await engine.ready();
    const voice = voiceOf(engine, "one");
    await rename(place("one"), join(dataDir, "elsewhere"));
    await refresh(engine);
    for (let utterance = 0; utterance < 3; utterance += 1) {
      clock.advance(50_000);
      expect(textOf(await speak(engine, voice, sentence))).toBe(sentence);
    }
    expect(faults).toEqual([]);
    clock.advance(61_000);
    await expect(speak(engine, voice, sentence)).rejects.toMatchObject({
      problem: { code: "engine_failed" },
    });
    expect(faults).toMatchObject([{ name: "one" }]);
  });

  it("whose names give the same slug are told apart by a fault", async () => {
    await writeToneVoice(place("one voice"));
    await writeToneVoice(place("one-voice"));
    const engine = await createEngine();
    expect(engine.voices.map(({ slug }) => slug)).toEqual(["one-voice"]);
    expect(faults).toMatchObject([{ name: "one-voice" }]);
  });

  it("that are refused for a slug refuse others for the rest of theirs", async () => {
    await writeToneVoice(place("X-0"));
    await writeToneVoice(place("x"), { speakers: 2 });
    await writeToneVoice(place("x-1"));
    const engine = await createEngine();
    expect(engine.voices.map(({ slug }) => slug)).toEqual(["x-0", "x-1"]);
    expect(faults).toMatchObject([{ name: "x" }]);
  });

  it.runIf(isLinux)("of which more are there than fit are loaded in turn", async () => {
    for (const name of ["a", "b", "c"]) await writeToneVoice(place(name));
    const engine = await createEngine({ maxLoaded: 2 });
    await engine.ready();
    const first = processes();
    expect(first).toHaveLength(2);
    for (const slug of ["c", "b", "a", "c", "b"]) {
      expect(isAudible(await speak(engine, voiceOf(engine, slug), sentence))).toBe(true);
    }
    await until(() => processes().length === 2, 3000);
    expect(replaced).toEqual([]);
  });

  it("with a model that cannot be loaded start a process for every request", async () => {
    for (const name of ["evil", "good"]) await writeToneVoice(place(name));
    const engine = await createEngine({ maxLoaded: 1 });
    await rm(join(place("evil"), "tokens.txt"));
    for (let request = 0; request < 3; request += 1) {
      await expect(speak(engine, voiceOf(engine, "evil"), "One.")).rejects.toMatchObject({
        problem: { code: "engine_failed" },
      });
      expect(isAudible(await speak(engine, voiceOf(engine, "good"), "Two."))).toBe(true);
    }
    expect(faults).toMatchObject([{ name: "evil" }]);
    expect(replaced).toEqual([]);
    await writeFolder(place("evil"), { "tokens.txt": toneTokens });
    await refresh(engine);
    expect(isAudible(await speak(engine, voiceOf(engine, "evil"), "Three."))).toBe(true);
  });

  it("with a model that ends its process cost one line, and nobody else anything", async () => {
    await writeToneVoice(place("good"));
    // Whole, with all metadata, and of operations that there are not.
    const broken = encodeToneVoice().toString("latin1").replace("Round", "Wound");
    await writeFolder(place("evil"), {
      "model.onnx": Buffer.from(broken, "latin1"),
      "tokens.txt": toneTokens,
    });
    const engine = await createEngine();
    await engine.ready();
    expect(faults).toEqual([
      { name: "evil", reason: expect.stringMatching(/^It cannot be loaded: .*Wound/) as string },
    ]);
    expect(faults[0]?.reason).not.toContain("\n");
    expect(replaced).toEqual([]);
    const good = speak(engine, voiceOf(engine, "good"), sentence);
    await expect(speak(engine, voiceOf(engine, "evil"), sentence)).rejects.toMatchObject({
      problem: { code: "engine_failed" },
      cause: expect.stringContaining("Wound") as string,
    });
    expect(isAudible(await good)).toBe(true);
    expect(faults).toHaveLength(1);
    expect(replaced).toEqual([]);
    // Mended, it is a voice like any other.
    await writeToneVoice(place("evil"));
    expect(await refresh(engine)).toEqual([]);
    expect(isAudible(await speak(engine, voiceOf(engine, "evil"), sentence))).toBe(true);
  });
});

describe.runIf(isPresent && isLinux)("a model's process", () => {
  it("is free for others soon after an abort", async () => {
    await writeToneVoice(place("one"));
    const engine = await createEngine();
    await engine.ready();
    const voice = voiceOf(engine, "one");
    const owner = new AbortController();
    const speaking = speak(engine, voice, sentence.repeat(200), { signal: owner.signal });
    await sleep(50);
    const abortedMs = performance.now();
    owner.abort(new Error("enough"));
    await expect(speaking).rejects.toThrow("enough");
    expect(performance.now() - abortedMs).toBeLessThan(50);
    await speak(engine, voice, "Next.");
    expect(performance.now() - abortedMs).toBeLessThan(200);
    expect(replaced).toEqual([]);
  });

  it("that is killed again and again costs 200 utterances at once not a character", async () => {
    await writeToneVoice(place("one"));
    await writeToneVoice(place("two"));
    const engine = await createEngine();
    await engine.ready();
    const texts = Array.from(
      { length: 200 },
      (_, index) => `Utterance ${index} begins. ${sentence.repeat(8)}And so ends ${index}.`,
    );
    const speaking = texts.map((text, index) => {
      const voice = engine.voices[index % 2];
      if (!voice) throw new Error("no voice");
      return speak(engine, voice, text);
    });
    const settled = Promise.allSettled(speaking);
    let ended = 0;
    for (const each of speaking) void each.finally(() => (ended += 1)).catch(() => {});
    for (let kill = 1; kill <= 3; kill += 1) {
      // Whoever was in the middle of something has been tried again by then.
      await until(() => ended >= kill * 40, 20_000);
      const [pid] = processes();
      if (pid !== undefined) process.kill(pid, "SIGKILL");
    }
    const results = await settled;
    const failed = results.filter(({ status }) => status === "rejected");
    expect(failed).toEqual([]);
    expect(results.map((result) => result.status === "fulfilled" && textOf(result.value))).toEqual(
      texts.map((text) => `${text} `),
    );
    const alone = await speak(engine, engine.voices[0] as Voice, texts[100] ?? "");
    const [hundredth] = results.slice(100);
    if (hundredth?.status !== "fulfilled") throw new Error("unreachable");
    expect(samplesIn(hundredth.value)).toBe(samplesIn(alone));
    expect(replaced).toEqual(Array(3).fill("the process ended with SIGKILL"));
    await until(() => processes().length === 2, 3000);
  });

  it("that is killed leaves 200 sockets whole or told, in time", async () => {
    await writeToneVoice(place("one"), { msPerPhoneme: 60 });
    const engine = await createEngine();
    const flags = { dataDir, maxConcurrency: "1000" };
    const server = await startServer({ engines: [engine], flags });
    try {
      const query = "output_format=pcm_16000&sync_alignment=true";
      const text = `${sentence}${sentence}And that was all of it. `;
      const clients = await Promise.all(
        Array.from({ length: 200 }, () =>
          openStreamInput(server.wsUrl, {
            voice: "one",
            query,
            headers: { "xi-api-key": testKey },
          }),
        ),
      );
      const startMs = performance.now();
      const ended = clients.map(async (client) => {
        client.send({ text: " " }, { text }, { text: "" });
        await client.closed;
        return performance.now() - startMs;
      });
      await clients[60]?.frame(({ audio }) => typeof audio === "string");
      const [pid] = processes();
      process.kill(pid ?? 0, "SIGKILL");
      const tookMs = await Promise.all(ended);
      clients.forEach((client, index) => {
        const audioMs = (client.audio().length / 2 / 16_000) * 1000;
        const isWhole = spokenTo(client) === text.trimEnd();
        const error = client.frames.find((frame) => frame.error !== undefined)?.error;
        expect(isWhole ? "whole" : error).toBe("whole");
        expect(tookMs[index]).toBeLessThan(audioMs + 1000);
      });
      expect(replaced).toEqual(["the process ended with SIGKILL"]);
      await until(() => processes().length === 1, 3000);
    } finally {
      await server.close();
    }
  });
});

const spokenTo = ({ frames }: StreamInput): string =>
  frames
    .flatMap(({ alignment }) => alignment?.chars ?? [])
    .join("")
    .trim();
