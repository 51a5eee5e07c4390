import { readFileSync } from "node:fs";
import { type Figure, isReached, valueOf } from "../bench/figure.ts";
import { type BenchmarkName, methods, shortfalls } from "../bench/methods.ts";
import { type Measurement, readResults } from "../bench/results.ts";
import { notice, table } from "./markdown.ts";

/** The figures that were measured last, and how. */
export function performancePage(): string {
  const guide = readFileSync(new URL("performance-guide.md", import.meta.url), "utf8");
  const results = readResults();
  const names = (Object.keys(methods) as BenchmarkName[]).filter((name) => results[name]);
  const rows = names.flatMap((name) =>
    (results[name]?.figures ?? []).map((figure) => rowOf(figure, name)),
  );
  const header = ["figure", "measured", "against", "compared", "to reach", "", "command"];
  const parts: Readonly<Record<string, string>> = {
    notice,
    table: table(header, rows),
    methods: names.map((name) => methodOf(name)).join("\n"),
  };
  return guide.replaceAll(/\{(\w+)\}/g, (_, name: string) => parts[name] ?? "");

  function methodOf(name: BenchmarkName): string {
    const { measuredOn, machine } = results[name] as Measurement;
    const { cpu, cores, memoryGib, node } = machine;
    return `- **${name}**: ${methods[name]} Measured on ${measuredOn}: ${cores} cores of ${cpu}, ${memoryGib} GiB, Node ${node}.`;
  }
}

function rowOf(figure: Figure, benchmark: BenchmarkName): string[] {
  const { name, unit, measured, bound, boundName, compare, better, target, spread } = figure;
  const compared = compare === "ratio" ? "×" : unit;
  const missed = Object.entries(shortfalls).find(([start]) => name.startsWith(start))?.[1];
  return [
    name,
    `${number(measured)} ${unit}`,
    `${number(bound)} ${unit}: ${boundName}`,
    `${number(valueOf(figure))} ${compared}${spread ? ` (${spread.map(number).join(" to ")})` : ""}`,
    `${better === "lower" ? "≤" : "≥"} ${number(target)} ${compared}`,
    isReached(figure) ? "reached" : `**missed**${missed === undefined ? "" : `: ${missed}`}`,
    `\`npm run bench -- ${benchmark}\``,
  ];
}

const number = (value: number): string =>
  value.toLocaleString("en-US", { maximumSignificantDigits: 3 });
