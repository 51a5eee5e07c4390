import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { sql } from "kysely";
import type { TurnRecord } from "../../src/protocol/records.ts";
import type { UsageEntry } from "../../src/protocol/stores.ts";
import { type DatabasePlace, openDatabase } from "../../src/store/database.ts";
import { joined, openRecordStores, type RecordStores, turnOf } from "./record-stores.ts";

const mp3 = { encoding: "mp3", container: "raw", sampleRateHz: 44_100 } as const;

const writer = fileURLToPath(new URL("../contract/fixtures/record-writer.ts", import.meta.url));

/** The sound that the turn of this id has: mostly short, and sometimes of several parts. */
export function soundOf(id: string): Uint8Array {
  const [kind = 0, size = 0] = createHash("sha256").update(id).digest();
  const outputLength = kind % 8 === 0 ? 1 + size * 2000 : 1 + size;
  return createHash("shake256", { outputLength }).update(id).digest();
}

export const turnWithSound = (id: string): TurnRecord => turnOf(id, { audioFormat: mp3 });

export function usageOf({ keyId, voiceId, modelId, startedAtUnix }: TurnRecord): UsageEntry {
  const ids = { keyId, voiceId, modelId };
  return { atUnix: startedAtUnix, ...ids, requests: 1, characters: 7, cost: 3, audioMs: 1 };
}

/** What became of a database through many kills. */
export interface KillCount {
  readonly kills: number;
  /** Turns that a process knew to be kept before it was killed. */
  readonly acknowledged: number;
  /** All turns that were kept. */
  readonly kept: number;
}

/**
 * Kills a process that writes turns at a random moment, again and again, and looks each time at
 * what is there.
 * @throws {Error} when something is lost that was acknowledged, or is there by halves
 */
export async function killWriters(
  place: DatabasePlace,
  kills: number,
  onKill: (count: KillCount) => void = () => {},
): Promise<KillCount> {
  let count: KillCount = { kills: 0, acknowledged: 0, kept: 0 };
  while (count.kills < kills) {
    const acknowledged = await killWriter(place, count.kills % 5 === 0);
    const kept = count.kept + (await inspect(place, acknowledged, count.kept));
    count = {
      kills: count.kills + 1,
      acknowledged: count.acknowledged + acknowledged.length,
      kept,
    };
    onKill(count);
  }
  return count;
}

/** Gives the ids that the process has written. */
async function killWriter(place: DatabasePlace, isKilledEarly: boolean): Promise<string[]> {
  const child = spawn(process.execPath, ["--import", "tsx", writer, JSON.stringify(place)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "close");
  let output = "";
  const isReady = new Promise<void>((resolve, reject) => {
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      if (output.includes("\n")) resolve();
    });
    child.on("exit", (code) => {
      if (code === null) resolve();
      else reject(new Error(`The writer has ended by itself, with ${code}`));
    });
  });
  if (isKilledEarly) await setTimeout(Math.random() * 1000);
  else await isReady.then(() => setTimeout(Math.random() * 200));
  child.kill("SIGKILL");
  await ended;
  await isReady;
  const lines = output.split("\n").slice(0, -1);
  return lines.filter((line) => line !== "ready");
}

/** Looks through what is there, and empties the history. Gives how many turns there were. */
async function inspect(
  place: DatabasePlace,
  acknowledged: readonly string[],
  keptBefore: number,
): Promise<number> {
  const database = await openDatabase(place);
  const stores = openRecordStores(database);
  try {
    const turns = await database.query.selectFrom("turns").select("id").execute();
    const ids = new Set(turns.map(({ id }) => id));
    for (const id of acknowledged) {
      if (!ids.has(id)) throw new Error(`${id} was acknowledged and is lost`);
    }
    for (const id of ids) await inspectTurn(stores, id);
    const { requests, characters } = await stores.usage.total(undefined);
    const expected = keptBefore + ids.size;
    if (requests !== expected || characters !== 7 * expected) {
      throw new Error(`${expected} turns are kept, but ${requests} are counted`);
    }
    if (database.kind === "file") {
      const { rows } = await sql`pragma integrity_check`.execute(database.query);
      const result = JSON.stringify(rows);
      if (result !== `[{"integrity_check":"ok"}]`) throw new Error(`Not intact: ${result}`);
    }
    await stores.history.prune({ beforeUnix: Infinity, maxBytes: 0 });
    return ids.size;
  } finally {
    await stores.behind.close();
    await database.close();
  }
}

async function inspectTurn({ history }: RecordStores, id: string): Promise<void> {
  const turn = await history.find(id);
  if (JSON.stringify(turn) !== JSON.stringify(turnWithSound(id))) {
    throw new Error(`${id} is not as it was: ${JSON.stringify(turn)}`);
  }
  const sound = await joined(history.audio(id));
  if (!sound.equals(soundOf(id))) throw new Error(`${id} does not have its sound`);
}
