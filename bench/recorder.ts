import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Figure, figureOfRounds } from "./figure.ts";
import { startServerProcess } from "./processes.ts";
import { inTurns, speakTogether, streams } from "./two-servers.ts";

const timesPerRound = 3;

/** What the records of connections cost: a server that keeps them in SQLite beside one that keeps none. */
export async function measureRecorder(): Promise<Figure[]> {
  const dataDir = await mkdtemp(join(tmpdir(), "syrinx-bench-"));
  const kept = await startServerProcess("syrinx-process.js", [
    "flite",
    "database=",
    `dataDir=${dataDir}`,
  ]);
  const bare = await startServerProcess("syrinx-process.js", ["flite", "connectionRecords=off"]);
  try {
    // More than once, so that one slow moment is not a round.
    const measured = await inTurns(kept.url, bare.url, async (url) => {
      let sum = 0;
      for (let time = 0; time < timesPerRound; time += 1) sum += await speakTogether(url);
      return sum / timesPerRound;
    });
    return [
      figureOfRounds(
        {
          name: `audio seconds per second, ${streams} streams of 60 words, flite-slt, with records of connections`,
          unit: "s/s",
          boundName: "the same server with --connection-records off",
          compare: "ratio",
          target: 0.98,
          better: "higher",
        },
        measured,
      ),
    ];
  } finally {
    await Promise.all([kept.stop(), bare.stop()]);
    await rm(dataDir, { recursive: true, force: true });
  }
}
