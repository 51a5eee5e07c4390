import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { median } from "../src/load/percentile.ts";
import { type Figure, figureOfRounds, type Round } from "./figure.ts";
import { serveOnce } from "./first-audio.ts";
import { type ServerProcess, startServerProcess } from "./processes.ts";
import { inTurns, speakTogether, streams } from "./two-servers.ts";

const adminKey = "sk_bench_0123456789abcdef0123456789abcdef";
const format = "pcm_24000";
const firstAudiosPerRound = 15;
const requestsPerRound = 2000;
const atOnce = 50;

/** A server, and what a URL says to be let in by it. */
interface Side {
  readonly server: ServerProcess;
  readonly query: string;
}

/** What accounts cost: a server with keys, quotas, limits, usage and history beside one with nothing of it. */
export async function measureAccounts(): Promise<Figure[]> {
  const dataDir = await mkdtemp(join(tmpdir(), "syrinx-bench-"));
  const open = await startServerProcess("syrinx-process.js", ["flite"]);
  const kept = await startServerProcess(
    "syrinx-process.js",
    ["flite", "auth=on", "database=", "history=on", `dataDir=${dataDir}`],
    { SYRINX_API_KEY: adminKey },
  );
  try {
    const key = await createKey(kept.url);
    const sides = {
      open: { server: open, query: "" },
      kept: { server: kept, query: `&authorization=${key}` },
    };
    return [
      await measureFirstAudio(sides),
      await measureUtterances(sides),
      await measureKeyChecks(sides, key),
    ];
  } finally {
    await Promise.all([open.stop(), kept.stop()]);
    await rm(dataDir, { recursive: true, force: true });
  }
}

/** A key with a limit of every kind, none of which is reached. */
async function createKey(url: string): Promise<string> {
  const response = await fetch(`${url}/v1/admin/keys`, {
    method: "POST",
    headers: { "xi-api-key": adminKey, "content-type": "application/json" },
    body: JSON.stringify({
      name: "bench",
      scopes: ["tts", "voices:read"],
      voices: ["flite-kal16", "flite-slt"],
      character_quota: { characters: 1_000_000_000, period: "day" },
      max_concurrency: 1000,
      requests_per_second: 1_000_000,
      addresses: ["127.0.0.0/8", "::1"],
    }),
  });
  const answer = (await response.json()) as { xi_api_key?: string };
  if (answer.xi_api_key === undefined) throw new Error(`No key was made: ${response.status}`);
  return answer.xi_api_key;
}

type Sides = Readonly<Record<"open" | "kept", Side>>;

const inRounds = (
  { open, kept }: Sides,
  measure: (side: Side) => Promise<number>,
): Promise<readonly Round[]> => inTurns(kept, open, measure);

async function measureFirstAudio(sides: Sides): Promise<Figure> {
  const measured = await inRounds(sides, async ({ server, query }) => {
    const elapsedMs: number[] = [];
    for (let count = 0; count < firstAudiosPerRound; count += 1) {
      elapsedMs.push(await serveOnce(server.url, "flite-kal16", `${format}${query}`));
    }
    return median(elapsedMs);
  });
  return figureOfRounds(
    {
      name: "first audio, 4 words, flite-kal16, with accounts",
      unit: "ms",
      boundName: "the same server with --auth off and nothing kept",
      compare: "ratio",
      target: 1 / 0.97,
      better: "lower",
    },
    measured,
  );
}

async function measureUtterances(sides: Sides): Promise<Figure> {
  const measured = await inRounds(sides, ({ server, query }) => speakTogether(server.url, query));
  return figureOfRounds(
    {
      name: `audio seconds per second, ${streams} streams of 60 words, flite-slt, with accounts`,
      unit: "s/s",
      boundName: "the same server with --auth off and nothing kept",
      compare: "ratio",
      target: 0.97,
      better: "higher",
    },
    measured,
  );
}

/** Small requests, each with a key, for each second of the server's processor time. */
async function measureKeyChecks(sides: Sides, key: string): Promise<Figure> {
  const measured = await inRounds(sides, async ({ server }) => {
    const cpuBefore = await server.cpuMs();
    let left = requestsPerRound;
    const ask = async (): Promise<void> => {
      while (left > 0) {
        left -= 1;
        const response = await fetch(`${server.url}/v1/voices/settings/default`, {
          headers: { "xi-api-key": key },
        });
        if (!response.ok) throw new Error(`A request was answered with ${response.status}`);
        await response.arrayBuffer();
      }
    };
    await Promise.all(Array.from({ length: atOnce }, ask));
    return (requestsPerRound / ((await server.cpuMs()) - cpuBefore)) * 1000;
  });
  return figureOfRounds(
    {
      name: "requests per second and core, each with a key that has limits",
      unit: "/s",
      boundName: "the same server with --auth off",
      compare: "ratio",
      target: 0.9,
      better: "higher",
    },
    measured,
  );
}
