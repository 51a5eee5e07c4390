import { access, constants, readFile, writeFile } from "node:fs/promises";
import { availableParallelism, cpus } from "node:os";
import { dirname } from "node:path";
import { SingleBar } from "cli-progress";
import { systemClock } from "../clock.ts";
import { type Round, type RoundParts, runRounds } from "../load/compare.ts";
import { type Failure, nameOf } from "../load/failure.ts";
import { formatHtml } from "../load/report-html.ts";
import { type BenchDescription, formatJson } from "../load/report-json.ts";
import { formatReport } from "../load/report-table.ts";
import { type LoadPlan, runLoad } from "../load/run.ts";
import { conversationTexts, planStreams } from "../load/scenario.ts";
import { type BenchOptions, type BenchSetup, nameTargets, readSetup } from "./bench-options.ts";
import { onceAskedToEnd } from "./end-signals.ts";
import { CommandError } from "./errors.ts";
import { startMeasuredServer } from "./measured-server-process.ts";

/** Puts load on servers and reports what they did. */
export async function bench(options: BenchOptions): Promise<void> {
  const setup = readSetup(options, process.env["SYRINX_API_KEY"]);
  const texts = await readTexts(options.textFile);
  for (const path of [options.report, options.json]) await checkWritable(path);
  const interruption = new AbortController();
  const stopListening = onceAskedToEnd(() => interruption.abort());
  // Between turns there are only timers to wait for, and those keep no process alive.
  const awake = setInterval(() => {}, 60_000);
  const ownServer = setup.urls.length === 0 ? await startMeasuredServer() : undefined;
  try {
    const urls = ownServer ? [ownServer.url] : setup.urls;
    const names = nameTargets(setup.urls);
    const plans = urls.map((url, index) => createPlan(url, index, setup, texts));
    const startedAtUnixMs = Date.now();
    for (const [index, plan] of plans.entries()) {
      await checkTarget(plan, names[index] ?? "", interruption.signal);
    }
    const rounds = await measure(plans, names, setup, interruption.signal);
    if (rounds.length === 0) throw new CommandError("Interrupted before anything was measured.");
    await report(rounds, names, describe(setup, startedAtUnixMs), options);
  } finally {
    await ownServer?.close();
    clearInterval(awake);
    stopListening();
  }
}

async function readTexts(file: string | undefined): Promise<readonly string[]> {
  if (file === undefined) return conversationTexts;
  const content = await readFile(file, "utf8").catch(() => {
    throw new CommandError(`The file ${file} cannot be read: name a text file.`);
  });
  const lines = content.split(/\r?\n/).filter((line) => line.trim() !== "");
  if (lines.length > 0) return lines;
  throw new CommandError(`The file ${file} holds no text: write one turn in each line.`);
}

/** Said before the run, and not when its results are lost. */
async function checkWritable(path: string | undefined): Promise<void> {
  if (path === undefined || path === "-") return;
  await access(dirname(path), constants.W_OK).catch(() => {
    throw new CommandError(`The file ${path} cannot be written: choose another place.`);
  });
}

function createPlan(
  url: string,
  index: number,
  { pace, streams, socketUse, durationSeconds, targetAt }: BenchSetup,
  texts: readonly string[],
): LoadPlan {
  const turns = durationSeconds === undefined ? 1 : undefined;
  return {
    target: targetAt(url, index),
    socketUse,
    streams: planStreams({ pace, streams, texts, turns }),
    ...(durationSeconds !== undefined && { durationMs: durationSeconds * 1000 }),
  };
}

const checkPatienceMs = 15_000;

/**
 * Speaks one word before the measurement: the server is there, takes the key, the voice and the
 * format, and has been woken up.
 */
async function checkTarget(plan: LoadPlan, name: string, signal: AbortSignal): Promise<void> {
  const streams = planStreams({ pace: "all-at-once", streams: 1, texts: ["Hello."], turns: 1 });
  const { turns } = await runLoad(
    { target: plan.target, socketUse: plan.socketUse, streams },
    { clock: systemClock, signal, patienceMs: checkPatienceMs },
  );
  const failure = turns.find((turn) => turn.failure)?.failure;
  if (failure) throw new CommandError(`${name} cannot be measured: ${explain(failure)}`);
}

/** What went wrong and what to do, in one line. */
function explain(failure: Failure): string {
  const name = nameOf(failure);
  const { reason = "" } = failure;
  const [, hint] = hints.find(([pattern]) => pattern.test(name)) ?? [];
  const words = reason === "" || name.includes(reason) ? name : `${name}: ${reason}`;
  return `${words.replace(/\.$/, "")}${hint === undefined ? "" : `; ${hint}`}.`;
}

const hints: readonly (readonly [RegExp, string])[] = [
  [/^not reachable/, "check the address, and that the server runs"],
  [/^HTTP 40[13]|api_key|authentication/, "give its key as SYRINX_API_KEY or with --api-key"],
  [/^HTTP [2345]\d\d$/, "give the address of a server with ElevenLabs' sockets, up to /v1"],
  [/voice/, "name one of its voices with --voice"],
  [/^no answer|^closed|^no audio/, "try another --socket, --voice or --format"],
];

async function measure(
  plans: readonly LoadPlan[],
  names: readonly string[],
  { rounds, durationSeconds }: BenchSetup,
  signal: AbortSignal,
): Promise<Round[]> {
  const progress = createProgress(names, rounds, durationSeconds);
  try {
    return await runRounds(plans, rounds, {
      clock: systemClock,
      signal,
      onProgress: progress.show,
    });
  } finally {
    progress.stop();
  }
}

interface Progress {
  readonly show: NonNullable<RoundParts["onProgress"]>;
  stop(): void;
}

/** A line on a terminal, nothing on a pipe. */
function createProgress(
  names: readonly string[],
  rounds: number,
  durationSeconds: number | undefined,
): Progress {
  if (!process.stderr.isTTY) return { show: () => {}, stop: () => {} };
  const bar = new SingleBar({
    format:
      "round {round} of {rounds} | {name} | {elapsed} | {speaking} speaking, {turns} turns, {failed} failed",
    clearOnComplete: true,
  });
  bar.start(1, 0, {
    round: 1,
    rounds,
    name: names[0],
    elapsed: "0 s",
    speaking: 0,
    turns: 0,
    failed: 0,
  });
  const of = durationSeconds === undefined ? "" : ` of ${durationSeconds}`;
  return {
    show: ({ elapsedMs, ...counts }, round, target) => {
      const elapsed = `${Math.round(elapsedMs / 1000)}${of} s`;
      bar.update(0, { ...counts, round: round + 1, name: names[target], elapsed });
    },
    stop: () => bar.stop(),
  };
}

function describe(setup: BenchSetup, startedAtUnixMs: number): BenchDescription {
  const { pace, socketUse, streams, rounds, durationSeconds, target } = setup;
  return {
    startedAtUnixMs,
    pace,
    socketUse,
    streams,
    rounds,
    ...(durationSeconds !== undefined && { durationSeconds }),
    voice: target.voice,
    ...(target.model !== undefined && { model: target.model }),
    format: target.format,
    node: process.version,
    cpu: cpus()[0]?.model ?? "",
    cores: availableParallelism(),
  };
}

async function report(
  rounds: readonly Round[],
  names: readonly string[],
  description: BenchDescription,
  { json, report: page }: BenchOptions,
): Promise<void> {
  if (page !== undefined) await writeReport(page, formatHtml(description, rounds, names));
  if (json !== undefined && json !== "-") {
    await writeReport(json, formatJson(description, rounds, names));
  }
  process.stdout.write(
    json === "-" ? formatJson(description, rounds, names) : formatReport(rounds, names),
  );
  if (rounds.every(({ summary }) => summary.completeTurns === 0 && !summary.isInterrupted)) {
    throw new CommandError("No turn was completed: the report says why.");
  }
}

function writeReport(path: string, content: string): Promise<void> {
  return writeFile(path, content).catch(() => {
    throw new CommandError(`The file ${path} cannot be written: choose another place.`);
  });
}
