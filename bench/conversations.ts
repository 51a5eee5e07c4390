import { systemClock } from "../src/clock.ts";
import { runLoad } from "../src/load/run.ts";
import { median, percentile } from "../src/load/percentile.ts";
import { conversationTexts, pacedTurnMs, pauseMs, planStreams } from "../src/load/scenario.ts";
import type { TurnResult } from "../src/load/turn-result.ts";
import { type Figure, figureOfRounds, type Round } from "./figure.ts";
import { startSyrinx } from "./processes.ts";
import { type BareSpeech, runBare } from "./throughput.ts";

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
/** The first turn of each stream gets the run going; what comes after counts. */
const settleMs = pacedTurnMs + 5000;
const durationMs = settleMs + 25_000;

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

async function converse(url: string, voice: string, conversations: number): Promise<Run> {
  const result = await runLoad(
    {
      target: { url, voice: `flite-${voice}`, format },
      socketUse: "single",
      streams: planStreams({
        pace: "paced",
        streams: conversations,
        texts: conversationTexts,
        turns: undefined,
      }),
      durationMs,
    },
    { clock: systemClock },
  );
  const counted = result.turns.filter(({ startedAt }) => startedAt >= settleMs);
  const isGood = ({ failure, underruns }: TurnResult): boolean =>
    !failure && underruns.length === 0;
  const audioMs = counted.filter(isGood).reduce((sum, turn) => sum + turn.audioMs, 0);
  const admitted = counted.filter(({ failure }) => !failure);
  const waitedMs = admitted.flatMap(({ firstAudioMs }) => firstAudioMs ?? []);
  return {
    conversations,
    goodput: audioMs / (durationMs - settleMs),
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
  const speechMs = (textSeconds * 1000) / conversationTexts.length;
  const turnMs = unloaded.firstAudioMs + speechMs + pauseMs;
  return Math.round((secondsPerSecond * turnMs) / speechMs);
}

/** Paced conversations nobody runs dry in, and what is left of them when three times as many come. */
export async function measureConversations(voice: "kal16" | "slt"): Promise<Figure[]> {
  const text = conversationTexts.join(" ");
  const carried: Round[] = [];
  const overloaded: { peak: Run; unloaded: Run; over: Run }[] = [];
  let percent = firstPercent;
  for (let round = 0; round < rounds; round += 1) {
    const bare = await runBare(mp3, voice, text, voice === "slt" ? 4 : 12);
    const unloaded = await onServer(voice, 2);
    const most = conversationsFor(bare, unloaded);
    const { largest, peak } = await findLargest(voice, most, percent);
    carried.push({ measured: largest, bound: most });
    percent = Math.round((largest / most) * 20) * stepPercent || firstPercent;
    const over = await onServer(voice, 3 * most);
    report(voice, 300, over);
    overloaded.push({ peak, unloaded, over });
  }
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
        boundName: "the peak",
        compare: "ratio",
        target: 0.9,
        better: "higher",
      },
      overloaded.map(({ over, peak }) => ({ measured: over.goodput, bound: peak.goodput })),
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

/**
 * Tries more conversations as long as all are carried, or fewer until all are: how many that were
 * at most, and the run of those that were tried with the most goodput.
 */
async function findLargest(
  voice: string,
  most: number,
  triedFirst: number,
): Promise<{ readonly largest: number; readonly peak: Run }> {
  const tryShare = async (percent: number): Promise<Run> => {
    const run = await onServer(voice, Math.ceil((most * percent) / 100));
    report(voice, percent, run);
    return run;
  };
  let run = await tryShare(triedFirst);
  let peak = run;
  let largest = isCarried(run) ? run.conversations : 0;
  const step = largest > 0 ? stepPercent : -stepPercent;
  for (let percent = triedFirst + step; percent > 0; percent += step) {
    run = await tryShare(percent);
    if (run.goodput > peak.goodput) peak = run;
    if (isCarried(run)) largest = run.conversations;
    if (isCarried(run) !== step > 0) break;
  }
  return { largest, peak };
}

/** Nobody ran dry, and nobody was refused. */
const isCarried = ({ underruns, refused }: Run): boolean => underruns === 0 && refused === 0;

async function onServer(voice: string, conversations: number): Promise<Run> {
  const server = await startSyrinx({ overload: "refuse", leadSeconds: "10" });
  const run = await converse(server.url, voice, conversations);
  await server.stop();
  return run;
}

function report(voice: string, percent: number, run: Run): void {
  const { conversations, goodput, underruns, refused, firstAudioP95Ms } = run;
  process.stderr.write(
    `  ${voice}: ${conversations} conversations (${percent} % of the bound): goodput ${goodput.toFixed(1)} s/s, ` +
      `${underruns} turns dry, ${refused} refused, first audio p95 ${firstAudioP95Ms.toFixed(0)} ms\n`,
  );
}
