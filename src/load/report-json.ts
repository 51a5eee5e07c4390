import { compareRounds, type Round } from "./compare.ts";
import type { Pace } from "./scenario.ts";
import type { TurnResult } from "./turn-result.ts";
import type { SocketUse } from "./wire.ts";

/** What was measured and how; every report shows it. Nothing secret is in it. */
export interface BenchDescription {
  /** Unix time in ms. */
  readonly startedAtUnixMs: number;
  readonly pace: Pace;
  readonly socketUse: SocketUse;
  readonly streams: number;
  /** Absent when each stream speaks a fixed number of turns. */
  readonly durationSeconds?: number;
  readonly rounds: number;
  readonly voice: string;
  readonly model?: string;
  readonly format: string;
  readonly node: string;
  readonly cpu: string;
  readonly cores: number;
}

/** Changes when a member is renamed, removed or means something else. */
const schemaVersion = 1;

/**
 * The document of `--json`; docs/bench.md describes it. Instants and lengths are in ms, instants
 * counted from the start of their round.
 */
export function formatJson(
  description: BenchDescription,
  rounds: readonly Round[],
  names: readonly string[],
): string {
  const figures = compareRounds(rounds, names.length);
  const document = {
    schema: "syrinx-bench",
    schemaVersion,
    ...description,
    isInterrupted: rounds.some(({ summary }) => summary.isInterrupted),
    targets: names.map((url, target) => ({
      url,
      figures: Object.fromEntries(
        figures.flatMap(({ row, spreads }) => {
          const spread = spreads[target];
          return spread ? [[row.key, spread]] : [];
        }),
      ),
      rounds: rounds
        .filter((round) => round.target === target)
        .map(({ round, summary, result }) => ({
          round,
          summary,
          turns: result.turns.map(formatTurn),
        })),
    })),
  };
  return `${JSON.stringify(document, rounded, 2)}\n`;
}

function formatTurn(result: TurnResult): object {
  const { startedAt, endedAt, playedFrom, playedTo, underruns, ...others } = result;
  return {
    ...others,
    startedAtMs: startedAt,
    endedAtMs: endedAt,
    ...(playedFrom !== undefined && { playedFromMs: playedFrom }),
    ...(playedTo !== undefined && { playedToMs: playedTo }),
    underruns: underruns.map(({ startedAt: at, gapMs }) => ({ startedAtMs: at, gapMs })),
  };
}

/** Thousandths are finer than anything that is measured here. */
const rounded = (_key: string, value: unknown): unknown =>
  typeof value === "number" ? Math.round(value * 1000) / 1000 : value;
