import type { AudioFormat } from "../src/protocol/audio-format.ts";
import { startBareEngine, utterancesOf } from "./bare-engine.ts";
import { hear, openStream } from "./client.ts";
import { median } from "../src/load/percentile.ts";
import { type Figure } from "./figure.ts";
import { type ServerProcess, startServerProcess } from "./processes.ts";

export const paragraphs: readonly string[] = [
  "The lamp in the harbour had been lit since four, and the fog came in over the wall, " +
    "slow and white, until the boats were only sounds. Somebody laughed on the quay, a bell " +
    "answered, and the old pilot put down his cup. He had seen worse nights than this, he said; " +
    "but he took his coat all the same. ",
  "Nobody spoke on the stairs. The rope lay where he had left it, wet through, and beyond the " +
    "mole the water moved like something asleep. He counted the strokes of the bell, as he had " +
    "for thirty years, and between the ninth and the tenth he heard the engine stop. ",
  "What happened next was told in many ways. The baker swore that two lights had been burning, " +
    "one above the other; his wife had seen none at all. By morning the fog was gone, the sea " +
    "was flat and blue, and there was nothing to show for it but a boat with no one in it. ",
];
const streams = 8;
const rounds = 9;

/** One figure: the server's work for a voice and a format, and the least that it consists of. */
interface Case {
  readonly voice: string;
  readonly format: string;
  readonly bytesPerSecond: number;
  /** What the bound codes to; without it, it is the engine alone. */
  readonly bareFormat?: AudioFormat;
  readonly boundName: string;
  readonly target: number;
}

const engineAndEncoder = {
  format: "mp3_44100_128",
  bytesPerSecond: 16_000,
  bareFormat: { encoding: "mp3", container: "raw", sampleRateHz: 44_100, bitrateBps: 128_000 },
  boundName: "engine and encoder alone",
  // Whoever carries 0.85 times what these two could carry has spent this much.
  target: 1.18,
} as const;

const cases: readonly Case[] = [
  {
    voice: "slt",
    format: "pcm_24000",
    bytesPerSecond: 48_000,
    boundName: "Flite's program alone",
    target: 1.15,
  },
  { voice: "slt", ...engineAndEncoder },
  { voice: "kal16", ...engineAndEncoder },
];

/** CPU time of the whole server for a second of audio, beside that of engine (and encoder) alone. */
export async function measureCost(): Promise<Figure[]> {
  const figures: Figure[] = [];
  const server = await startServerProcess("syrinx-process.js");
  for (const each of cases) figures.push(await measureCase(server, each));
  await server.stop();
  return figures;
}

async function measureCase(server: ServerProcess, each: Case): Promise<Figure> {
  const served: number[] = [];
  const bare: number[] = [];
  const engine = await startBareEngine({
    voice: each.voice,
    turns: [utterancesOf(paragraphs.join(""))],
    times: streams / 2,
    ...(each.bareFormat && { format: each.bareFormat }),
  });
  for (let round = 0; round <= rounds; round += 1) {
    const bound = await engine.run();
    const measured = await runServed(server, each, bound.audioSeconds);
    // The first round warms the server up.
    if (round === 0) continue;
    served.push(measured);
    bare.push(bound.cpuMs / bound.audioSeconds);
  }
  await engine.stop();
  const ratios = served.map((measured, round) => measured / (bare[round] ?? Number.NaN));
  return {
    name: `CPU time of the whole server per second of audio, ${streams} streams, flite-${each.voice}, ${each.format}`,
    unit: "ms",
    measured: median(served),
    bound: median(bare),
    boundName: each.boundName,
    compare: "ratio",
    target: each.target,
    better: "lower",
    spread: [Math.min(...ratios), Math.max(...ratios)],
  };
}

/** CPU ms per second of audio while all streams speak at once. */
async function runServed(
  server: ServerProcess,
  { voice, format, bytesPerSecond }: Case,
  expectedSeconds: number,
): Promise<number> {
  const sockets = await Promise.all(
    Array.from({ length: streams }, () =>
      openStream(server.url, `flite-${voice}`, `output_format=${format}`),
    ),
  );
  const before = await server.cpuMs();
  const heard = await Promise.all(
    sockets.map((socket) => {
      const hearing = hear(socket);
      for (const text of paragraphs) socket.send(JSON.stringify({ text }));
      socket.send('{"text":""}');
      return hearing;
    }),
  );
  const cpuMs = (await server.cpuMs()) - before;
  const seconds = heard.reduce((sum, { audioBytes }) => sum + audioBytes, 0) / bytesPerSecond;
  // The codecs begin and end with a little silence of their own.
  if (Math.abs(seconds / expectedSeconds - 1) > 0.01) {
    throw new Error(`The server spoke for ${seconds} s, the engine alone for ${expectedSeconds} s`);
  }
  return cpuMs / seconds;
}
