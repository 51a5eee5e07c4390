import { type ChildProcess, execFileSync, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { median } from "../src/load/percentile.ts";
import { pacedTurnMs } from "../src/load/scenario.ts";
import { utterancesOf } from "./bare-engine.ts";
import { hear, openStream } from "./client.ts";
import { paragraphs } from "./cost.ts";
import { type Figure, figureOfRounds, type Round } from "./figure.ts";
import { serveOnce } from "./first-audio.ts";
import {
  type LoadProcess,
  type ServerProcess,
  startLoadProcess,
  startServerProcess,
} from "./processes.ts";

const rounds = 7;
const clause = "Hello my good friend.";
const pacedStreams: readonly number[] = [1, 4, 8];

/** One engine: a voice of the server, and the same voice with nothing around it. */
interface Case {
  readonly slug: string;
  readonly engine: string;
  /** What the bare engine is told to speak with. */
  readonly bareVoice: string;
  readonly boundName: string;
  readonly sampleRateHz: number;
  /** How many speak at once, and how much. */
  readonly streams: number;
  readonly texts: readonly string[];
}

/** First audio and audio seconds per core second of each engine, beside the engine alone. */
export async function measureEngines(): Promise<Figure[]> {
  const dataDir = await mkdtemp(join(tmpdir(), "syrinx-bench-"));
  const realistic = join(dataDir, "voices", "realistic");
  const script = fileURLToPath(new URL("../scripts/build-realistic-voice.ts", import.meta.url));
  execFileSync("npx", ["tsx", script, realistic], { stdio: "ignore" });
  const server = await startServerProcess("syrinx-process.js", ["own", `dataDir=${dataDir}`]);
  try {
    const figures: Figure[] = [];
    for (const each of casesWith(realistic)) figures.push(...(await measureCase(server, each)));
    const generator = startLoadProcess();
    for (const streams of pacedStreams) {
      figures.push(await measurePaced(server, generator, streams));
    }
    await generator.stop();
    return figures;
  } finally {
    await server.stop();
    await rm(dataDir, { recursive: true });
  }
}

const casesWith = (realistic: string): readonly Case[] => [
  {
    slug: "flite-slt",
    engine: "flite",
    bareVoice: "slt",
    boundName: "Flite's program alone",
    sampleRateHz: 16_000,
    streams: 8,
    texts: paragraphs,
  },
  {
    slug: "flite-kal16",
    engine: "flite",
    bareVoice: "kal16",
    boundName: "Flite's program alone",
    sampleRateHz: 16_000,
    streams: 8,
    texts: paragraphs,
  },
  {
    slug: "espeak-en-us",
    engine: "espeak",
    bareVoice: "gmw/en-US",
    boundName: "espeak-ng's module alone",
    sampleRateHz: 22_050,
    streams: 8,
    texts: paragraphs,
  },
  {
    slug: "realistic",
    engine: "sherpa-onnx",
    bareVoice: realistic,
    boundName: "sherpa-onnx with the model alone",
    sampleRateHz: 22_050,
    streams: 2,
    texts: paragraphs.slice(0, 1),
  },
];

async function measureCase(server: ServerProcess, each: Case): Promise<Figure[]> {
  const bare = await startBareVoice(each);
  const format = `pcm_${each.sampleRateHz}`;
  const texts = utterancesOf(each.texts.join(""));
  const first: Round[] = [];
  const work: Round[] = [];
  for (let round = -1; round < rounds; round += 1) {
    const firstMs: number[] = [];
    const bareFirstMs: number[] = [];
    for (let count = 0; count < 10; count += 1) {
      firstMs.push(await serveOnce(server.url, each.slug, format));
      bareFirstMs.push((await bare.speak([clause])).firstMs);
    }
    const { audioSeconds, cpuMs } = await runServed(server, each, format);
    const alone = await bare.speak(texts);
    if (round < 0) continue;
    first.push({ measured: median(firstMs), bound: median(bareFirstMs) });
    // The same texts, so the same audio, whatever silence each leaves around it.
    work.push({
      measured: (audioSeconds / cpuMs) * 1000,
      bound: (audioSeconds / each.streams / alone.cpuMs) * 1000,
    });
  }
  await bare.stop();
  return [
    figureOfRounds(
      {
        name: `audio seconds per core second, ${each.streams} streams, ${each.slug}, ${format}`,
        unit: "s/s",
        boundName: each.boundName,
        compare: "ratio",
        target: 0.9,
        better: "higher",
      },
      work,
    ),
    figureOfRounds(
      {
        name: `first audio, 4 words, ${each.slug}, ${format}`,
        unit: "ms",
        boundName: each.boundName,
        compare: "difference",
        target: Math.max(3, 0.11 * median(first.map(({ bound }) => bound))),
        better: "lower",
      },
      first,
    ),
  ];
}

/** All streams speak the same texts at once. */
async function runServed(
  server: ServerProcess,
  { slug, sampleRateHz, streams, texts }: Case,
  format: string,
): Promise<{ readonly audioSeconds: number; readonly cpuMs: number }> {
  const sockets = await Promise.all(
    Array.from({ length: streams }, () => openStream(server.url, slug, `output_format=${format}`)),
  );
  const before = await server.cpuMs();
  const heard = await Promise.all(
    sockets.map((socket) => {
      const hearing = hear(socket);
      for (const text of texts) socket.send(JSON.stringify({ text }));
      socket.send('{"text":""}');
      return hearing;
    }),
  );
  const cpuMs = (await server.cpuMs()) - before;
  const bytes = heard.reduce((sum, { audioBytes }) => sum + audioBytes, 0);
  return { audioSeconds: bytes / (2 * sampleRateHz), cpuMs };
}

/** Conversations with the neural voice; what is counted is who ran dry. */
async function measurePaced(
  server: ServerProcess,
  generator: LoadProcess,
  streams: number,
): Promise<Figure> {
  const result = await generator.run({
    target: { url: server.url, voice: "realistic", format: "mp3_44100_128" },
    conversations: streams,
    durationMs: 2 * pacedTurnMs,
  });
  const bad = result.turns.filter(({ underruns, failure }) => failure || underruns.length > 0);
  return {
    name: `turns with an underrun, ${streams} paced conversations, a neural voice of realistic size`,
    unit: "turns",
    measured: bad.length,
    bound: result.turns.length,
    boundName: "turns in all",
    compare: "absolute",
    target: 0,
    better: "lower",
  };
}

interface BareRun {
  readonly firstMs: number;
  readonly cpuMs: number;
}

interface BareVoice {
  speak(texts: readonly string[]): Promise<BareRun>;
  stop(): Promise<void>;
}

async function startBareVoice({ engine, bareVoice }: Case): Promise<BareVoice> {
  const script = fileURLToPath(new URL("bare-voice-process.js", import.meta.url));
  const child: ChildProcess = fork(script, [engine, bareVoice]);
  child.once("exit", (code) => {
    if (code) throw new Error(`${engine} alone ended with ${code}`);
  });
  await once(child, "message");
  return {
    async speak(texts) {
      child.send({ texts });
      const [run] = (await once(child, "message")) as [BareRun];
      return run;
    },
    async stop() {
      child.disconnect();
      await once(child, "exit");
    },
  };
}
