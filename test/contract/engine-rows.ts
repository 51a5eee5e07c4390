import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import type { Clock, ManualClock } from "../../src/clock.ts";
import { createEspeakEngine, findEspeak } from "../../src/engine/espeak/espeak.ts";
import { createFliteEngine } from "../../src/engine/flite/flite.ts";
import { createFolderEngines, type FolderEngineOptions } from "../../src/engine/folder-engines.ts";
import { findRuntime } from "../../src/engine/sherpa/runtime.ts";
import { createSherpaEngine } from "../../src/engine/sherpa/sherpa.ts";
import { createSpeechCache } from "../../src/engine/stages/cache.ts";
import { type Engine, inPieces } from "../../src/engine/synthesizer.ts";
import { createToneEngine } from "../../src/engine/tone.ts";
import { readVoiceFolders, type VoiceFolder } from "../../src/engine/voice-folders.ts";
import { installOf } from "../../src/protocol/optional-engines.ts";
import type { TextNormalization } from "../../src/protocol/normalization.ts";
import { SpeechError } from "../../src/protocol/problems.ts";
import { writeToneVoice } from "../support/onnx-fixture.ts";
import { childrenRunning } from "../support/child-processes.ts";
import { startOpenAiServer } from "../support/openai-server.ts";
import { startServer } from "../support/server.ts";
import { upstream, voiceFolder } from "../support/voice-folder.ts";

/** One engine, and where it rightly differs from others. */
export interface EngineRow {
  readonly name: string;
  readonly create: (clock: ManualClock) => Promise<Engine>;
  /** Whether an engine says nothing for signs without a spoken form. */
  readonly skipsSigns: boolean;
  /** What is spoken for {@link figures}, where it is this server that knows what figures mean. */
  readonly spokenFigures?: Readonly<Record<TextNormalization, string>>;
  /** Whether it can be told the sounds of a word; it can unless given. */
  readonly speaksPhones?: boolean;
  /** Whether it speaks, and does not sing tones: then as loud as all. */
  readonly isLevel?: boolean;
  /** Ids of the processes that speak for it now. */
  readonly childIds?: () => readonly number[];
  /** The speeds that it has, all of them unless given. */
  readonly speeds?: readonly number[];
}

export const figures = "Dr. Wu paid $5 at 10:30.";
const writtenOut = "doctor wu paid five dollars at ten thirty";
/** What is spoken of them by whoever reads them by itself. */
const ownReading = { on: writtenOut, auto: "dr wu paid 5 at 1030", off: "dr wu paid 5 at 1030" };

const espeak = findEspeak();
if (espeak === undefined) {
  console.log(`Skipped: the engine espeak. To run it: ${installOf("espeak")}`);
}

const hasSherpa = findRuntime() !== undefined;
if (!hasSherpa) {
  console.log(`Skipped: the engine sherpa-onnx. To run it: ${installOf("sherpa-onnx")}`);
}

export const engineRows: readonly EngineRow[] = [
  {
    name: "tone",
    create: () => Promise.resolve(createToneEngine()),
    skipsSigns: false,
    spokenFigures: ownReading,
  },
  {
    name: "tone, word by word",
    create: () => Promise.resolve(createToneEngine({ streams: true })),
    skipsSigns: false,
  },
  {
    name: "flite",
    create: (clock) => createFliteEngine({ clock, workers: 2 }),
    skipsSigns: true,
    isLevel: true,
    spokenFigures: {
      on: writtenOut,
      auto: writtenOut,
      off: "d r wu paid dollar five at ten thirty",
    },
  },
  ...(espeak === undefined
    ? []
    : [
        {
          name: "espeak",
          create: (clock: ManualClock) => createEspeakEngine({ clock, moduleUrl: espeak }),
          skipsSigns: true,
          isLevel: true,
          spokenFigures: ownReading,
          childIds: () => childrenRunning("espeak/child"),
        },
      ]),
  ...(hasSherpa
    ? [
        {
          name: "sherpa-onnx",
          create: createToneVoices,
          skipsSigns: true,
          isLevel: true,
          speaksPhones: false,
          childIds: () => childrenRunning("sherpa/child"),
        },
      ]
    : []),
  {
    name: "tone, behind a cache",
    create: () => Promise.resolve(cached(createToneEngine({ streams: true }))),
    skipsSigns: false,
  },
  {
    name: "flite, behind a cache",
    create: async (clock) => cached(await createFliteEngine({ clock, workers: 2 })),
    skipsSigns: true,
  },
  { name: "openai", create: createOpenAi, skipsSigns: true, speaksPhones: false },
  {
    name: "elevenlabs",
    create: (clock) => createElevenLabs(clock, "http"),
    skipsSigns: true,
    speaksPhones: false,
  },
  {
    name: "elevenlabs, over a socket",
    create: (clock) => createElevenLabs(clock, "ws"),
    skipsSigns: true,
    speaksPhones: false,
  },
  { name: "failover", create: createFailover, skipsSigns: false },
];

/** An engine that is asked for nothing twice; the contract asks for many things twice. */
function cached(engine: Engine): Engine {
  return { ...engine, ...createSpeechCache(64 * 1024 * 1024).wrap(engine) };
}

/** The engine called so, once it has found a voice in this folder; `close` ends what it speaks through. */
async function createFolderEngine(
  name: string,
  options: FolderEngineOptions,
  folder: VoiceFolder,
  close: () => Promise<void>,
): Promise<Engine> {
  const engines = createFolderEngines(options);
  const found = { folders: [folder], faults: [] };
  for (const engine of engines) expect(await engine.refresh?.(found)).toEqual([]);
  const engine = engines.find((each) => each.name === name);
  if (!engine) throw new Error(`there is no engine ${name}`);
  const { voices, streams, isDeterministic } = engine;
  return {
    name,
    voices,
    streams,
    isDeterministic,
    ready: () => engine.ready(),
    synthesize: (...asked) => engine.synthesize(...asked),
    async close() {
      await engine.close();
      await close();
    },
  };
}

async function createOpenAi(clock: Clock): Promise<Engine> {
  const tone = createToneEngine({ sampleRateHz: 24_000, streams: true });
  const server = await startOpenAiServer(tone);
  const folder = voiceFolder("other", { engines: [upstream("openai", server.url)] });
  const options = { clock, env: {}, engines: [] };
  return createFolderEngine("openai", options, folder, () => server.close());
}

async function createElevenLabs(clock: Clock, scheme: "http" | "ws"): Promise<Engine> {
  const engines = [createToneEngine({ streams: true })];
  const flags = { auth: "off", maxConcurrency: "100" } as const;
  const server = await startServer({ engines, flags });
  const url = server.url.replace("http", scheme);
  const folder = voiceFolder("other", { engines: [upstream("elevenlabs", url)] });
  const options = { clock, env: {}, engines: [] };
  return createFolderEngine("elevenlabs", options, folder, () => server.close());
}

/** One voice at half the rate of the other, and the first never works. */
function createFailover(clock: Clock): Promise<Engine> {
  const broken: Engine = {
    ...createToneEngine(),
    name: "broken",
    voices: createToneEngine({ sampleRateHz: 24_000 }).voices.map((voice) => ({
      ...voice,
      id: "Broken00000000000001",
      slug: "broken",
      engine: "broken",
    })),
    synthesize: () => inPieces(Promise.reject(new SpeechError("engine_failed"))),
  };
  const options = { clock, env: {}, engines: [broken, createToneEngine({ streams: true })] };
  const folder = voiceFolder("both", { engines: [{ voice: "broken" }, { voice: "tone" }] });
  return createFolderEngine("failover", options, folder, () => Promise.resolve());
}

/** Neural voices that sing tones: real models, without weights. */
async function createToneVoices(clock: ManualClock): Promise<Engine> {
  const voicesPath = await mkdtemp(join(tmpdir(), "syrinx-voices-"));
  await writeToneVoice(join(voicesPath, "one"), { sampleRateHz: 22_050 });
  await writeToneVoice(join(voicesPath, "two"), { speakers: 2 });
  const engine = createSherpaEngine({ clock });
  expect(await engine.refresh?.(await readVoiceFolders(voicesPath))).toEqual([]);
  return {
    ...engine,
    voices: engine.voices,
    async close() {
      await engine.close();
      await rm(voicesPath, { recursive: true });
    },
  };
}
