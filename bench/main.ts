import { writeFileSync } from "node:fs";
import { performancePage } from "../scripts/performance-page.ts";
import { measureAccounts } from "./accounts.ts";
import { measureConnections } from "./connections.ts";
import { measureBargeIn, measureSharing } from "./contexts.ts";
import { measureConversations } from "./conversations.ts";
import { measureCost } from "./cost.ts";
import { measureDialects } from "./dialects.ts";
import { measureEngines } from "./engines.ts";
import { measureFairness } from "./fairness.ts";
import { type Figure, formatFigures } from "./figure.ts";
import { measureFirstAudio } from "./first-audio.ts";
import { measureFrames } from "./frames.ts";
import { measureIdle } from "./idle.ts";
import { measureBook } from "./memory.ts";
import type { BenchmarkName } from "./methods.ts";
import { measureRecorder } from "./recorder.ts";
import { keepFigures } from "./results.ts";
import { measureSeveralProcesses } from "./several-processes.ts";
import { measureStalled } from "./stalled.ts";
import { measureThroughput } from "./throughput.ts";

const benchmarks: Readonly<Partial<Record<BenchmarkName, () => Promise<readonly Figure[]>>>> = {
  "first-audio": measureFirstAudio,
  throughput: measureThroughput,
  fairness: measureFairness,
  "conversations-kal16": () => measureConversations("kal16"),
  "conversations-slt": () => measureConversations("slt"),
  cost: measureCost,
  dialects: measureDialects,
  sharing: measureSharing,
  "barge-in": measureBargeIn,
  frames: measureFrames,
  connections: measureConnections,
  accounts: measureAccounts,
  recorder: measureRecorder,
  stalled: measureStalled,
  book: async () => [await measureBook()],
  engines: measureEngines,
  processes: measureSeveralProcesses,
  idle: measureIdle,
};

const names = Object.keys(benchmarks) as BenchmarkName[];
const chosen = process.argv.slice(2);
const unknown = chosen.find((name) => !Object.hasOwn(benchmarks, name));
if (unknown !== undefined) {
  throw new Error(`There is no benchmark ${unknown}; there are: ${names.join(", ")}`);
}

const all: Figure[] = [];
for (const name of names) {
  if (chosen.length > 0 && !chosen.includes(name)) continue;
  process.stderr.write(`measuring ${name} ...\n`);
  const figures = (await benchmarks[name]?.()) ?? [];
  keepFigures(name, figures);
  all.push(...figures);
}

process.stdout.write(`${formatFigures(all)}\n`);
writeFileSync(new URL("../docs/performance.md", import.meta.url), performancePage());
process.stdout.write("written to bench/results.json and docs/performance.md\n");
