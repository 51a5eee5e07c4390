import { nameOf } from "./failure.ts";
import { type Distribution, distribution } from "./percentile.ts";
import type { LoadResult } from "./run.ts";
import type { TurnResult } from "./turn-result.ts";

/** Failures with the same cause. */
export interface FailureCount {
  readonly cause: string;
  /** The server's own words the first time. */
  readonly reason?: string;
  readonly turns: number;
}

/** What a run comes down to. Distributions are absent when no turn got so far. */
export interface LoadSummary {
  readonly streams: number;
  readonly elapsedMs: number;
  readonly isInterrupted: boolean;
  readonly completeTurns: number;
  readonly failedTurns: number;
  /** Broken off together with the run; neither complete nor failed. */
  readonly interruptedTurns: number;
  readonly failures: readonly FailureCount[];
  readonly firstAudioMs?: Distribution;
  readonly firstFrameMs?: Distribution;
  readonly leadingSilenceMs?: Distribution;
  readonly connectMs?: Distribution;
  readonly rtf?: Distribution;
  readonly underruns: number;
  readonly underrunTurns: number;
  /** How long each gap was. */
  readonly gapMs?: Distribution;
  /** Of turns whose text was compared with its alignment. */
  readonly comparedChars: number;
  readonly lostChars: number;
  readonly repeatedChars: number;
  readonly audioSeconds: number;
  /** Seconds of audio received in a second, over all streams. */
  readonly audioSecondsPerSecond: number;
  /** CPU time of the generator itself, as a share of one core. */
  readonly generatorCpuShare: number;
  /** Whether the generator was so busy that what it measured may be its own slowness. */
  readonly isGeneratorSaturated: boolean;
}

/** Above this share of a core messages begin to wait for the generator. */
export const saturatedCpuShare = 0.8;

/** Sums up a run. */
export function summarize(result: LoadResult): LoadSummary {
  const { turns, elapsedMs } = result;
  const failed = turns.filter(({ failure }) => failure !== undefined);
  const interrupted = turns.filter(({ isInterrupted }) => isInterrupted);
  const compared = turns.filter(({ lostChars }) => lostChars !== undefined);
  const audioSeconds = sum(turns, ({ audioMs }) => audioMs) / 1000;
  const generatorCpuShare = elapsedMs > 0 ? result.cpuMs / elapsedMs : 0;
  return {
    streams: result.streams,
    elapsedMs,
    isInterrupted: result.isInterrupted,
    completeTurns: turns.length - failed.length - interrupted.length,
    failedTurns: failed.length,
    interruptedTurns: interrupted.length,
    failures: countFailures(failed),
    ...spread("firstAudioMs", turns, (turn) => turn.firstAudioMs),
    ...spread("firstFrameMs", turns, (turn) => turn.firstFrameMs),
    ...spread("leadingSilenceMs", turns, (turn) => turn.leadingSilenceMs),
    ...spread("connectMs", turns, (turn) => turn.connectMs),
    ...spread("rtf", turns, (turn) => (turn.failure || turn.isInterrupted ? undefined : turn.rtf)),
    underruns: sum(turns, ({ underruns }) => underruns.length),
    underrunTurns: turns.filter(({ underruns }) => underruns.length > 0).length,
    ...spread(
      "gapMs",
      turns.flatMap(({ underruns }) => underruns),
      ({ gapMs }) => gapMs,
    ),
    comparedChars: sum(compared, ({ sentChars }) => sentChars),
    lostChars: sum(compared, ({ lostChars = 0 }) => lostChars),
    repeatedChars: sum(compared, ({ repeatedChars = 0 }) => repeatedChars),
    audioSeconds,
    audioSecondsPerSecond: elapsedMs > 0 ? (audioSeconds * 1000) / elapsedMs : 0,
    generatorCpuShare,
    isGeneratorSaturated: generatorCpuShare > saturatedCpuShare,
  };
}

const sum = <Each>(all: readonly Each[], valueOf: (each: Each) => number): number =>
  all.reduce((total, each) => total + valueOf(each), 0);

function spread<Name extends string, Each>(
  name: Name,
  all: readonly Each[],
  valueOf: (each: Each) => number | undefined,
): Partial<Record<Name, Distribution>> {
  const values = all.map(valueOf).filter((value) => value !== undefined);
  const found = distribution(values);
  return found ? ({ [name]: found } as Record<Name, Distribution>) : {};
}

/** Most frequent first. Reasons that differ in numbers alone, such as ids and times, count as one. */
function countFailures(failed: readonly TurnResult[]): FailureCount[] {
  const counts = new Map<string, FailureCount>();
  for (const { failure } of failed) {
    if (!failure) continue;
    const cause = nameOf(failure);
    const key = `${cause} ${failure.reason?.replaceAll(/[0-9a-f]*\d[0-9a-f]*/gi, "#") ?? ""}`;
    const before = counts.get(key);
    const { reason } = before ?? failure;
    counts.set(key, { cause, ...(reason && { reason }), turns: (before?.turns ?? 0) + 1 });
  }
  return [...counts.values()].toSorted((one, other) => other.turns - one.turns);
}
