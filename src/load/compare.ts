import type { Clock } from "../clock.ts";
import { median } from "./percentile.ts";
import {
  type LoadParts,
  type LoadPlan,
  type LoadProgress,
  type LoadResult,
  runLoad,
} from "./run.ts";
import { type LoadSummary, summarize } from "./summary.ts";

/** One run of a comparison. */
export interface Round {
  /** Counts from 0. */
  readonly round: number;
  /** Which of the plans it ran. */
  readonly target: number;
  readonly result: LoadResult;
  readonly summary: LoadSummary;
}

/** What {@link runRounds} needs besides the plans. */
export interface RoundParts extends Omit<LoadParts, "onProgress"> {
  readonly onProgress?: (progress: LoadProgress, round: number, target: number) => void;
}

/**
 * Which plan is run when: all of them in each round, in turns forwards and backwards (A B, B A,
 * A B, ...), so that what the machine or the network does over time hits all alike.
 */
export function interleave(targets: number, rounds: number): { round: number; target: number }[] {
  return Array.from({ length: rounds }, (_, round) => {
    const order = Array.from({ length: targets }, (_, target) => ({ round, target }));
    return round % 2 === 0 ? order : order.toReversed();
  }).flat();
}

/**
 * Runs the plans against each other, the next one when all of the last one would have been heard: until then a
 * server counts its listeners, and may refuse others. An aborted signal leaves what was measured until then.
 */
export async function runRounds(
  plans: readonly LoadPlan[],
  rounds: number,
  parts: RoundParts,
): Promise<Round[]> {
  const { clock, signal } = parts;
  const done: Round[] = [];
  for (const { round, target } of interleave(plans.length, rounds)) {
    const last = done.at(-1)?.result;
    if (last) await pause(unheardMs(last), clock, signal);
    const plan = plans[target];
    if (!plan || signal?.aborted) break;
    const result = await runLoad(plan, {
      ...parts,
      onProgress: (progress) => parts.onProgress?.(progress, round, target),
    });
    done.push({ round, target, result, summary: summarize(result) });
  }
  return done;
}

/** How long a listener goes on hearing what came of a run. */
function unheardMs({ turns, elapsedMs }: LoadResult): number {
  const heardAt = turns.reduce((latest, { playedTo = 0 }) => Math.max(latest, playedTo), 0);
  return Math.max(0, heardAt - elapsedMs);
}

/** Ends early when the signal is aborted. */
function pause(ms: number, clock: Clock, signal: AbortSignal | undefined): Promise<void> {
  if (ms === 0 || signal?.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const end = (): void => {
      cancel();
      signal?.removeEventListener("abort", end);
      resolve();
    };
    const cancel = clock.schedule(ms, end);
    signal?.addEventListener("abort", end);
  });
}

/** One figure of a run, as reports show it. */
export interface FigureRow {
  /** Its name in JSON, with its unit. */
  readonly key: string;
  readonly label: string;
  readonly unit: string;
  readonly valueOf: (summary: LoadSummary) => number | undefined;
}

/** The figures in the order of the reports. */
export const figureRows: readonly FigureRow[] = [
  figure("firstAudioP50Ms", "first audio p50", "ms", (run) => run.firstAudioMs?.p50),
  figure("firstAudioP95Ms", "first audio p95", "ms", (run) => run.firstAudioMs?.p95),
  figure("firstAudioP99Ms", "first audio p99", "ms", (run) => run.firstAudioMs?.p99),
  figure("firstFrameP50Ms", "first frame p50", "ms", (run) => run.firstFrameMs?.p50),
  figure("leadingSilenceP50Ms", "leading silence p50", "ms", (run) => run.leadingSilenceMs?.p50),
  figure("connectP50Ms", "connecting p50", "ms", (run) => run.connectMs?.p50),
  figure("completeTurns", "complete turns", "", (run) => run.completeTurns),
  figure("failedTurns", "failed turns", "", (run) => run.failedTurns),
  figure("underrunTurns", "turns with underruns", "", (run) => run.underrunTurns),
  figure("underruns", "underruns", "", (run) => run.underruns),
  figure("gapP95Ms", "gap p95", "ms", (run) => run.gapMs?.p95),
  figure("gapMaxMs", "longest gap", "ms", (run) => run.gapMs?.max),
  figure("lostChars", "lost characters", "", (run) => unlessUncompared(run, run.lostChars)),
  figure("repeatedChars", "repeated characters", "", (run) =>
    unlessUncompared(run, run.repeatedChars),
  ),
  figure("rtfP50", "RTF p50", "", (run) => run.rtf?.p50),
  figure("rtfP95", "RTF p95", "", (run) => run.rtf?.p95),
  figure("audioSecondsPerSecond", "throughput", "s/s", (run) => run.audioSecondsPerSecond),
  figure("generatorCpuShare", "CPU of this generator", "cores", (run) => run.generatorCpuShare),
];

function figure(
  key: string,
  label: string,
  unit: string,
  valueOf: FigureRow["valueOf"],
): FigureRow {
  return { key, label, unit, valueOf };
}

const unlessUncompared = (run: LoadSummary, value: number): number | undefined =>
  run.comparedChars > 0 ? value : undefined;

/** A figure over all rounds of one server. */
export interface FigureSpread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  /** The median as a multiple of the first server's; absent for itself and where that is 0. */
  readonly ratio?: number;
}

/** For each figure one spread per server; undefined where no round has the figure. */
export function compareRounds(
  rounds: readonly Round[],
  targets: number,
): { readonly row: FigureRow; readonly spreads: readonly (FigureSpread | undefined)[] }[] {
  return figureRows.map((row) => {
    const spreads = Array.from({ length: targets }, (_, target) =>
      spreadOf(
        rounds
          .filter((round) => round.target === target)
          .map(({ summary }) => row.valueOf(summary)),
      ),
    );
    const base = spreads[0]?.median;
    return {
      row,
      spreads: spreads.map((spread, target) =>
        spread && target > 0 && base ? { ...spread, ratio: spread.median / base } : spread,
      ),
    };
  });
}

function spreadOf(values: readonly (number | undefined)[]): FigureSpread | undefined {
  const known = values.filter((value) => value !== undefined);
  if (known.length === 0) return undefined;
  return { median: median(known), min: Math.min(...known), max: Math.max(...known) };
}
