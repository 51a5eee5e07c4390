import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { hear, openStream } from "./client.ts";
import { median } from "../src/load/percentile.ts";
import { type Figure } from "./figure.ts";
import { paragraph } from "./throughput.ts";

const entry = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));
const mebibyte = 1024 * 1024;
const streams = 16;
const rounds = 7;

/** `syrinx serve` with so many processes, as a user runs it. */
interface Served {
  readonly url: string;
  /** Resident memory of all its processes. */
  rssBytes(): Promise<number>;
  stop(): Promise<void>;
}

/** What more processes cost in memory, and in throughput where there are no more cores for them. */
export async function measureSeveralProcesses(): Promise<Figure[]> {
  return [await measureThroughput(), await measureMemory()];
}

async function measureThroughput(): Promise<Figure> {
  const [one, two] = [await serve(1), await serve(2)];
  const alone: number[] = [];
  const shared: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    alone.push(await speakAll(one.url));
    shared.push(await speakAll(two.url));
  }
  await Promise.all([one.stop(), two.stop()]);
  return {
    name: `audio seconds per second of two processes, ${streams} streams, flite-slt, pcm_24000`,
    unit: "s/s",
    measured: median(shared),
    bound: median(alone),
    boundName: "one process",
    compare: "ratio",
    target: 0.9,
    better: "higher",
  };
}

async function speakAll(url: string): Promise<number> {
  const startedAt = performance.now();
  const spoken = await Promise.all(Array.from({ length: streams }, () => speak(url)));
  const audioBytes = spoken.reduce((sum, bytes) => sum + bytes, 0);
  return (audioBytes / 48_000 / (performance.now() - startedAt)) * 1000;
}

async function speak(url: string): Promise<number> {
  const socket = await openStream(url, "flite-slt", "output_format=pcm_24000");
  const hearing = hear(socket);
  socket.send(JSON.stringify({ text: paragraph }));
  socket.send('{"text":""}');
  return (await hearing).audioBytes;
}

async function measureMemory(): Promise<Figure> {
  const [one, two, four] = [await memoryOf(1), await memoryOf(2), await memoryOf(4)];
  process.stderr.write(
    `memory of 1, 2 and 4 processes: ${[one, two, four].map(Math.round).join(", ")} MiB\n`,
  );
  return {
    name: "memory of each further process",
    unit: "MiB",
    measured: (four - two) / 2,
    bound: one,
    boundName: "the only one",
    compare: "ratio",
    target: 1,
    better: "lower",
  };
}

/** Each process has spoken. */
async function memoryOf(processes: number): Promise<number> {
  const server = await serve(processes);
  await speakAll(server.url);
  const rssBytes = await server.rssBytes();
  await server.stop();
  return rssBytes / mebibyte;
}

async function serve(processes: number): Promise<Served> {
  const settings = ["--port", "0", "--auth", "off", "--log-level", "silent"];
  const unlimited = ["--lead-seconds", "any", "--overload", "admit", "--cache-mib", "0"];
  // They share a database, which must not be the one that somebody uses.
  const folder = await mkdtemp(join(tmpdir(), "syrinx-bench-"));
  const child = spawn(
    process.execPath,
    [
      "--max-semi-space-size=4",
      ...[entry, "serve", "--processes", `${processes}`],
      ...settings,
      ...unlimited,
      ...["--data-dir", folder],
    ],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  const url = /speaks at (\S+)/.exec(line.toString())?.[1] ?? "";
  return {
    url,
    async rssBytes() {
      const { stdout } = await promisify(execFile)("ps", ["-A", "-o", "pid=,ppid=,rss="]);
      const rows = stdout.split("\n").map((row) => row.trim().split(/\s+/).map(Number));
      const own = rows.filter(([pid, parent]) => pid === child.pid || parent === child.pid);
      return own.reduce((sum, [, , rssKib = 0]) => sum + rssKib * 1024, 0);
    },
    async stop() {
      child.kill("SIGTERM");
      await once(child, "exit");
      await rm(folder, { recursive: true });
    },
  };
}
