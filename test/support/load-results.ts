import type { Round } from "../../src/load/compare.ts";
import type { LoadResult } from "../../src/load/run.ts";
import { summarize } from "../../src/load/summary.ts";
import type { TurnResult } from "../../src/load/turn-result.ts";

/** A turn of which nothing is known but what is given. */
export function turnResult(given: Partial<TurnResult>): TurnResult {
  return {
    stream: 0,
    turn: 0,
    startedAt: 0,
    endedAt: 100,
    isInterrupted: false,
    audioMs: 0,
    underruns: [],
    sentChars: 0,
    frames: 0,
    receivedBytes: 0,
    ...given,
  };
}

export function loadResult(
  turns: readonly TurnResult[],
  given: Partial<LoadResult> = {},
): LoadResult {
  return { streams: 1, turns, elapsedMs: 1000, cpuMs: 10, isInterrupted: false, ...given };
}

/** A round of which only the turns are known. */
export function roundOf(
  round: number,
  target: number,
  turns: readonly TurnResult[],
  given: Partial<LoadResult> = {},
): Round {
  const result = loadResult(turns, given);
  return { round, target, result, summary: summarize(result) };
}
