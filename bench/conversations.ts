import { median, percentile } from "../src/load/percentile.ts";
import { conversationTexts, pacedTurnMs, pauseMs } from "../src/load/scenario.ts";
import type { TurnResult } from "../src/load/turn-result.ts";
import { type BareSpeech, startBareSpeech } from "./bare-engine.ts";
import { type Figure, figureOfRounds, type Round } from "./figure.ts";
import {
  type LoadProcess,
  type ServerProcess,
  startLoadProcess,
  startSyrinx,
} from "./processes.ts";

const format = "mp3_44100_128";
const mp3 = {
  encoding: "mp3",
  container: "raw",
  sampleRateHz: 44_100,
  bitrateBps: 128_000,
} as const;
const rounds = Number(process.env["ROUNDS"] ?? 7);
/** The share of the bound that is tried first in the first round, and how far the next one is from it. */
const firstPercent = 80;
const stepPercent = 5;
/** The first turn of each stream gets a run going; what comes after counts. */
const settleMs = pacedTurnMs + 5000;
const countedMs = 25_000;

/** What came of a number of conversations at once. */
interface Run {
  readonly conversations: number;
  /** Audio of complete turns that nobody ran dry in, per second. */
  readonly goodput: number;
  readonly underruns: number;
  readonly refused: number;
  /** Of all that were not refused. */
  readonly firstAudioMs: number;
  readonly firstAudioP95Ms: number;
}

/** One server and the generator that puts load on it. */
interface Bench {
  readonly server: ServerProcess;
  readonly generator: LoadProcess;
  readonly voice: string;
}

async function converse({ server, generator, voice }: Bench, conversations: number): Promise<Run> {
  const target = { url: server.url, voice: `flite-${voice}`, format };
  const durationMs = settleMs + countedMs;
  const result = await generator.run({ target, conversations, durationMs });
  const counted = result.turns.filter(({ startedAt }) => startedAt >= settleMs);
  const isGood = ({ failure, underruns }: TurnResult): boolean =>
    !failure && underruns.length === 0;
  const audioMs = counted.filter(isGood).reduce((sum, turn) => sum + turn.audioMs, 0);
  const admitted = counted.filter(({ failure }) => !failure);
  const waitedMs = admitted.flatMap(({ firstAudioMs }) => firstAudioMs ?? []);
  if (waitedMs.length === 0) throw new Error(`In ${conversations} conversations nothing was heard`);
  return {
    conversations,
    goodput: audioMs / countedMs,
    underruns: counted.filter(({ underruns }) => underruns.length > 0).length,
    refused: counted.filter(({ failure }) => failure).length,
    firstAudioMs: median(waitedMs),
    firstAudioP95Ms: percentile(waitedMs, 0.95),
  };
}

/**
 * How many conversations are as much audio as engine and encoder make. Each wants as much as it
 * speaks in the time from one of its turns to the next, on a server that nobody else uses.
 */
function conversationsFor({ secondsPerSecond, textSeconds }: BareSpeech, unloaded: Run): number {
  const speechMs = textSeconds * 1000;
  const turnMs = unloaded.firstAudioMs + speechMs + pauseMs;
  return Math.round((secondsPerSecond * turnMs) / speechMs);
}

/** Paced conversations nobody runs dry in, and what is left of them when three times as many come. */
export async function measureConversations(voice: "kal16" | "slt"): Promise<Figure[]> {
  const carried: Round[] = [];
  const overloaded: { peak: number; unloaded: Run; over: Run }[] = [];
  const bare = await startBareSpeech(mp3, voice, conversationTexts, voice === "slt" ? 4 : 12);
  const server = await startSyrinx({ overload: "refuse", leadSeconds: "10" });
  const generator = startLoadProcess();
  const bench = { server, generator, voice };
  const findMost = async (unloaded: Run): Promise<number> =>
    conversationsFor(await bare.run(), unloaded);
  // The bound's code is all compiled when it begins to count; so is the server's and the generator's.
  const cold = await converse(bench, 2);
  await converse(bench, shareOf(await findMost(cold), firstPercent));
  let percent = firstPercent;
  for (let round = 0; round < rounds; round += 1) {
    const unloaded = await converse(bench, 2);
    const { largest, best } = await findLargest(bench, () => findMost(unloaded), percent);
    carried.push(largest);
    percent = Math.round((largest.measured / largest.bound) * 20) * stepPercent || firstPercent;
    const most = await findMost(unloaded);
    const over = await converse(bench, 3 * (largest.measured || best.run.conversations));
    report(voice, most, over);
    // The machine may be faster or slower than it was when that load was tried.
    const peak = (best.run.goodput * most) / best.bound;
    overloaded.push({ peak, unloaded, over });
  }
  await server.stop();
  await bare.stop();
  await generator.stop();
  const each = `flite-${voice}, ${format}`;
  return [
    figureOfRounds(
      {
        name: `paced conversations without an underrun, ${each}`,
        unit: "conversations",
        boundName: "engine and encoder alone on two threads",
        compare: "ratio",
        target: 0.85,
        better: "higher",
      },
      carried,
    ),
    figureOfRounds(
      {
        name: `goodput at three times that load, ${each}`,
        unit: "s/s",
        boundName: "the peak, at the speed the machine had then",
        compare: "ratio",
        target: 0.9,
        better: "higher",
      },
      overloaded.map(({ over, peak }) => ({ measured: over.goodput, bound: peak })),
    ),
    figureOfRounds(
      {
        name: `first audio p95 of the admitted at three times that load, ${each}`,
        unit: "ms",
        boundName: "two conversations",
        compare: "ratio",
        target: 2,
        better: "lower",
      },
      overloaded.map(({ over, unloaded }) => ({
        measured: over.firstAudioP95Ms,
        bound: unloaded.firstAudioP95Ms,
      })),
    ),
  ];
}

/** A load that was tried, and the bound of that moment. */
interface Tried {
  readonly run: Run;
  readonly bound: number;
}

/**
 * Tries more conversations as long as all are carried, or fewer until all are: the largest share that
 * was carried, beside the bound of that moment, and of all that were tried the one with the most
 * goodput for its bound.
 */
async function findLargest(
  bench: Bench,
  findMost: () => Promise<number>,
  triedFirst: number,
): Promise<{ readonly largest: Round; readonly best: Tried }> {
  let largest: Round | undefined;
  let best: Tried | undefined;
  let step = 0;
  for (let percent = triedFirst; ; percent += step) {
    const bound = await findMost();
    const run = await converse(bench, shareOf(bound, percent));
    report(bench.voice, bound, run);
    if (!best || run.goodput / bound > best.run.goodput / best.bound) best = { run, bound };
    const isCarried = run.underruns === 0 && run.refused === 0;
    if (isCarried) largest = { measured: run.conversations, bound };
    const isLast = step !== 0 && isCarried !== step > 0;
    step ||= isCarried ? stepPercent : -stepPercent;
    if (isLast || percent + step <= 0) return { largest: largest ?? { measured: 0, bound }, best };
  }
}

const shareOf = (most: number, percent: number): number => Math.ceil((most * percent) / 100);

function report(voice: string, bound: number, run: Run): void {
  const { conversations, goodput, underruns, refused, firstAudioP95Ms } = run;
  const percent = Math.round((conversations / bound) * 100);
  process.stderr.write(
    `  ${voice}: ${conversations} conversations (${percent} % of the bound): goodput ${goodput.toFixed(1)} s/s, ` +
      `${underruns} turns dry, ${refused} refused, first audio p95 ${firstAudioP95Ms.toFixed(0)} ms\n`,
  );
}
