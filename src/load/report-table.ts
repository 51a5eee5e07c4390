import { compareRounds, type FigureSpread, type Round } from "./compare.ts";
import type { FailureCount } from "./summary.ts";

/** Rows of cells, each column as wide as its widest cell; the first row is the heading. */
export function alignColumns(rows: readonly (readonly string[])[]): string {
  const columns = Math.max(...rows.map(({ length }) => length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** A number with as many digits as are worth reading. */
export function formatNumber(value: number): string {
  if (Number.isInteger(value)) return String(value);
  const digits =
    Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : Math.abs(value) >= 1 ? 2 : 3;
  return value.toFixed(digits);
}

/** The median; with more than one round also the lowest and the highest. */
export function formatSpread(spread: FigureSpread | undefined, unit: string): string {
  if (!spread) return "-";
  const { median, min, max } = spread;
  const value = unit === "" ? formatNumber(median) : `${formatNumber(median)} ${unit}`;
  return min === max ? value : `${value} (${formatNumber(min)}..${formatNumber(max)})`;
}

export function formatRatio(spread: FigureSpread | undefined): string {
  return spread?.ratio === undefined ? "" : `${formatNumber(spread.ratio)} x`;
}

/** The figures of all rounds, and what went wrong, for a terminal or a pipe. */
export function formatReport(rounds: readonly Round[], names: readonly string[]): string {
  const heading = names.flatMap((name, target) => (target === 0 ? [name] : [name, "ratio"]));
  const figures = compareRounds(rounds, names.length).map(({ row, spreads }) => [
    row.label,
    ...spreads.flatMap((spread, target) => {
      const value = formatSpread(spread, row.unit);
      return target === 0 ? [value] : [value, formatRatio(spread)];
    }),
  ]);
  const parts = [alignColumns([["figure", ...heading], ...figures])];
  const failures = names.flatMap((name, target) =>
    failuresOf(rounds, target).map(({ cause, reason = "", turns }) => [
      String(turns),
      ...(names.length > 1 ? [name] : []),
      cause,
      reason,
    ]),
  );
  if (failures.length > 0) {
    const server = names.length > 1 ? ["server"] : [];
    parts.push(alignColumns([["failed turns", ...server, "cause", "first reason"], ...failures]));
  }
  parts.push(...formatWarnings(rounds));
  return `${parts.join("\n\n")}\n`;
}

/** The failures of one server over all rounds, most frequent first. */
export function failuresOf(rounds: readonly Round[], target: number): FailureCount[] {
  const counts = new Map<string, FailureCount>();
  for (const round of rounds) {
    if (round.target !== target) continue;
    for (const failure of round.summary.failures) {
      const key = `${failure.cause} ${failure.reason ?? ""}`;
      const turns = (counts.get(key)?.turns ?? 0) + failure.turns;
      counts.set(key, { ...failure, turns });
    }
  }
  return [...counts.values()].toSorted((one, other) => other.turns - one.turns);
}

/** What a reader must know before believing the figures. */
export function formatWarnings(rounds: readonly Round[]): string[] {
  const busiest = Math.max(0, ...rounds.map(({ summary }) => summary.generatorCpuShare));
  return [
    ...(rounds.some(({ summary }) => summary.isGeneratorSaturated)
      ? [
          `The generator itself was saturated (${formatNumber(busiest * 100)} % of a core): latencies and ` +
            "underruns may be its own. Measure with fewer streams, or from several machines.",
        ]
      : []),
    ...(rounds.some(({ summary }) => summary.isInterrupted)
      ? ["The run was interrupted: the figures are of the turns until then."]
      : []),
    ...(rounds.some(({ summary }) => summary.completeTurns > 0 && summary.comparedChars === 0)
      ? ["No alignment came with the audio, so lost and repeated characters are unknown."]
      : []),
  ];
}
