import { compareRounds, type Round } from "./compare.ts";
import type { BenchDescription } from "./report-json.ts";
import { failuresOf, formatRatio, formatSpread, formatWarnings } from "./report-table.ts";
import {
  bar,
  dot,
  escapeHtml,
  linearAxis,
  percentileAxis,
  plot,
  shareAt,
  stepLine,
} from "../svg-plot.ts";
import type { TurnResult } from "./turn-result.ts";

/** More rows than this cannot be told apart. */
const maxTimelineStreams = 400;
/** The least number of colours; further servers take them again. */
const colours = 4;

/**
 * One page with the figures and plots of all rounds. Everything is in it: it needs no network and
 * runs no script.
 */
export function formatHtml(
  description: BenchDescription,
  rounds: readonly Round[],
  names: readonly string[],
): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="content-security-policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>syrinx bench</title>
<style>${style}</style>
</head>
<body>
<h1>syrinx bench</h1>
${formatDescription(description)}
${formatWarnings(rounds)
  .map((warning) => `<p class="warning">${escapeHtml(warning)}</p>`)
  .join("\n")}
<h2>Figures</h2>
${formatFigures(rounds, names)}
<h2>First audio</h2>
<p>From the first text sent to the first sound, of all rounds together: the curve says which share of the turns was heard after so long.</p>
${formatPercentiles(rounds, names)}
<h2>Underruns</h2>
<p>Each dot is a time in which a listener who plays at 1x had nothing to play: when it began, and how long it lasted.</p>
${formatGaps(rounds, names)}
<h2>Streams over time</h2>
<p>One row for each stream. <i class="key waiting"></i> waiting for the first frame, <i class="key playing"></i> playing, <i class="key gap"></i> underrun, <i class="key failed"></i> failed.</p>
${rounds.map((round, index) => formatTimeline(round, names, index === 0)).join("\n")}
</body>
</html>
`;
}

function formatDescription(description: BenchDescription): string {
  const { startedAtUnixMs, pace, socketUse, streams, durationSeconds, rounds } = description;
  const lasting = durationSeconds === undefined ? "one turn each" : `${durationSeconds} s`;
  const facts = [
    new Date(startedAtUnixMs).toISOString(),
    `${streams} streams, ${pace}, ${lasting}, ${rounds === 1 ? "one round" : `${rounds} rounds`}`,
    socketUse === "multi"
      ? "one multi-stream-input socket per stream"
      : "one stream-input socket per turn",
    `voice ${description.voice}`,
    ...(description.model === undefined ? [] : [`model ${description.model}`]),
    description.format,
    `Node ${description.node}, ${description.cores} x ${description.cpu}`,
  ];
  return `<p>${facts.map(escapeHtml).join(" · ")}</p>`;
}

function formatFigures(rounds: readonly Round[], names: readonly string[]): string {
  const heading = names
    .map(
      (name, target) =>
        `<th class="c${target % colours}">${escapeHtml(name)}</th>${target > 0 ? "<th>ratio</th>" : ""}`,
    )
    .join("");
  const rows = compareRounds(rounds, names.length).map(({ row, spreads }) => {
    const cells = spreads.map(
      (spread, target) =>
        `<td>${formatSpread(spread, row.unit)}</td>${target > 0 ? `<td>${formatRatio(spread)}</td>` : ""}`,
    );
    return `<tr><th>${escapeHtml(row.label)}</th>${cells.join("")}</tr>`;
  });
  const failures = names.flatMap((name, target) =>
    failuresOf(rounds, target).map(
      ({ cause, reason = "", turns }) =>
        `<tr><td>${turns}</td><td>${escapeHtml(name)}</td><td>${escapeHtml(cause)}</td><td>${escapeHtml(reason)}</td></tr>`,
    ),
  );
  const failureTable =
    failures.length === 0
      ? ""
      : `<h2>Failed turns</h2><table><tr><th>turns</th><th>server</th><th>cause</th><th>first reason</th></tr>${failures.join("")}</table>`;
  return `<p>Median of the rounds (lowest..highest).</p><table><tr><th></th>${heading}</tr>${rows.join("")}</table>${failureTable}`;
}

const turnsOf = (rounds: readonly Round[], target: number): TurnResult[] =>
  rounds.filter((round) => round.target === target).flatMap(({ result }) => result.turns);

const nothing = "<p>Nothing to show.</p>";

function formatPercentiles(rounds: readonly Round[], names: readonly string[]): string {
  const series = names.map((_, target) =>
    turnsOf(rounds, target)
      .flatMap(({ firstAudioMs }) => firstAudioMs ?? [])
      .toSorted((one, other) => one - other),
  );
  const most = Math.max(...series.map(({ length }) => length));
  if (most === 0) return nothing;
  const slowest = Math.max(...series.map((values) => values.at(-1) ?? 0));
  const x = percentileAxis("share of turns", most);
  const y = linearAxis("first audio, ms", slowest);
  return plot("First audio by percentile", x, y, 360, (scale) =>
    series
      .map((values, target) => {
        // The middle of a value's own share: the last one lies at no finite place otherwise.
        const points = values.map(
          (value, index) => [shareAt((index + 0.5) / values.length), value] as const,
        );
        return `<path class="line c${target % colours}" d="${stepLine(points, scale)}"/>`;
      })
      .join(""),
  );
}

function formatGaps(rounds: readonly Round[], names: readonly string[]): string {
  const series = names.map((_, target) =>
    turnsOf(rounds, target).flatMap(({ underruns }) => underruns),
  );
  const all = series.flat();
  if (all.length === 0) return "<p>There was none.</p>";
  const longest = all.reduce((most, { gapMs }) => Math.max(most, gapMs), 0);
  const last = all.reduce((most, { startedAt }) => Math.max(most, startedAt), 0);
  const x = linearAxis("time in the round, s", last / 1000, 10);
  const y = linearAxis("gap, ms", longest);
  return plot("Underruns over time", x, y, 300, (scale) =>
    series
      .map((gaps, target) => {
        const dots = gaps.map(({ startedAt, gapMs }) => dot(startedAt / 1000, gapMs, scale));
        return `<path class="dots c${target % colours}" d="${dots.join("")}"/>`;
      })
      .join(""),
  );
}

function formatTimeline(
  { round, target, result }: Round,
  names: readonly string[],
  isOpen: boolean,
): string {
  const rows = Math.min(result.streams, maxTimelineStreams);
  const turns = result.turns.filter(({ stream }) => stream < rows);
  const left = result.streams - rows;
  const note = left > 0 ? ` (the first ${rows}; ${left} more are not shown)` : "";
  const title = `Round ${round + 1}, ${names[target] ?? ""}${note}`;
  const endMs = turns.reduce(
    (end, { endedAt, playedTo = 0 }) => Math.max(end, endedAt, playedTo),
    0,
  );
  const x = linearAxis("time in the round, s", endMs / 1000, 10);
  const ticks = linearAxis("", rows).ticks.filter(({ at }) => Number.isInteger(at) && at < rows);
  const y = { label: "stream", from: -0.5, to: rows - 0.5, ticks };
  const pitch = Math.max(2, Math.min(14, 600 / rows));
  const thickness = Math.max(1.5, Math.round(pitch * 7) / 10);
  const picture = plot(title, x, y, 56 + rows * pitch, (scale) => {
    const bars = (from: number, to: number, stream: number): string =>
      bar(from / 1000, to / 1000, stream, thickness, scale);
    const layers: Readonly<Record<string, string[]>> = {
      waiting: turns.map(({ startedAt, endedAt, playedFrom = endedAt, stream }) =>
        bars(startedAt, playedFrom, stream),
      ),
      playing: turns.flatMap(({ playedFrom, playedTo = 0, stream }) =>
        playedFrom === undefined ? [] : [bars(playedFrom, playedTo, stream)],
      ),
      gap: turns.flatMap(({ underruns, stream }) =>
        underruns.map(({ startedAt, gapMs }) => bars(startedAt, startedAt + gapMs, stream)),
      ),
      failed: turns.flatMap(({ failure, endedAt, stream }) =>
        failure ? [bars(endedAt, endedAt + endMs / 200, stream)] : [],
      ),
    };
    return Object.entries(layers)
      .map(([name, paths]) => `<path class="${name}" d="${paths.join("")}"/>`)
      .join("");
  });
  return `<details${isOpen ? " open" : ""}><summary>${escapeHtml(title)}</summary>${picture}</details>`;
}

const style = `
:root { color-scheme: light dark; --line: #8884; --c0: #1f6fb4; --c1: #d1620a; --c2: #2c8a3c; --c3: #8a4fbf; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 980px; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; margin: 0 0 1rem; }
th, td { text-align: left; padding: .2rem .8rem .2rem 0; border-bottom: 1px solid var(--line); font-variant-numeric: tabular-nums; }
svg { width: 100%; height: auto; font-size: 11px; }
svg text { fill: currentColor; }
.grid { stroke: var(--line); }
.line { fill: none; stroke-width: 2; }
.dots { fill: none; stroke-width: 5; stroke-linecap: round; }
path.c0 { stroke: var(--c0); } path.c1 { stroke: var(--c1); } path.c2 { stroke: var(--c2); } path.c3 { stroke: var(--c3); }
th.c0 { color: var(--c0); } th.c1 { color: var(--c1); } th.c2 { color: var(--c2); } th.c3 { color: var(--c3); }
.waiting { fill: #9a9a9a; background: #9a9a9a; } .playing { fill: #3b8fd0; background: #3b8fd0; }
.gap { fill: #d02c2c; background: #d02c2c; } .failed { fill: #8a1a8a; background: #8a1a8a; }
.key { display: inline-block; width: .8em; height: .8em; }
.warning { border-left: 4px solid #d02c2c; padding-left: .8rem; }
summary { cursor: pointer; }
`;
