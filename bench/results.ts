import { readFileSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, totalmem } from "node:os";
import type { Figure } from "./figure.ts";
import type { BenchmarkName } from "./methods.ts";

/** What was measured last, benchmark by benchmark. */
export interface Results {
  readonly [benchmark: string]: Measurement;
}

export interface Measurement {
  /** ISO date. */
  readonly measuredOn: string;
  readonly machine: Machine;
  readonly figures: readonly Figure[];
}

interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGib: number;
  readonly node: string;
}

const file = new URL("results.json", import.meta.url);

export const readResults = (): Results => JSON.parse(readFileSync(file, "utf8")) as Results;

/** Puts the figures of a benchmark in the place of those that were measured before. */
export function keepFigures(benchmark: BenchmarkName, figures: readonly Figure[]): void {
  const machine: Machine = {
    cpu: cpus()[0]?.model ?? "unknown",
    cores: availableParallelism(),
    memoryGib: Math.round(totalmem() / 2 ** 30),
    node: process.version,
  };
  const measuredOn = new Date().toISOString().slice(0, 10);
  const results = { ...readResults(), [benchmark]: { measuredOn, machine, figures } };
  writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`);
}
