import { writeFile } from "node:fs/promises";
import { availableParallelism, cpus } from "node:os";
import { measureConnections } from "./connections.ts";
import { measureBargeIn, measureSharing } from "./contexts.ts";
import { measureDialects } from "./dialects.ts";
import { type Figure, formatFigures, isReached, valueOf } from "./figure.ts";
import { measureFirstAudio } from "./first-audio.ts";
import { measureFrames } from "./frames.ts";
import { measureIdle } from "./idle.ts";
import { measureBook } from "./memory.ts";
import { measureStalled } from "./stalled.ts";
import { measureThroughput } from "./throughput.ts";

const benchmarks: Readonly<Record<string, () => Promise<readonly Figure[]>>> = {
  "first-audio": measureFirstAudio,
  throughput: measureThroughput,
  dialects: measureDialects,
  sharing: measureSharing,
  "barge-in": measureBargeIn,
  frames: measureFrames,
  connections: measureConnections,
  stalled: measureStalled,
  book: async () => [await measureBook()],
  idle: measureIdle,
};

const chosen = process.argv.slice(2);
const unknown = chosen.find((name) => !Object.hasOwn(benchmarks, name));
if (unknown !== undefined) {
  throw new Error(
    `There is no benchmark ${unknown}; there are: ${Object.keys(benchmarks).join(", ")}`,
  );
}

const figures: Figure[] = [];
for (const [name, measure] of Object.entries(benchmarks)) {
  if (chosen.length > 0 && !chosen.includes(name)) continue;
  process.stderr.write(`measuring ${name} ...\n`);
  figures.push(...(await measure()));
}

process.stdout.write(`${formatFigures(figures)}\n`);
const report = {
  node: process.version,
  cpu: cpus()[0]?.model,
  cores: availableParallelism(),
  figures: figures.map((figure) => ({
    ...figure,
    value: valueOf(figure),
    reached: isReached(figure),
  })),
};
await writeFile("bench-results.json", `${JSON.stringify(report, null, 2)}\n`);
process.stdout.write("written to bench-results.json\n");
