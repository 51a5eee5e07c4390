import { sql } from "kysely";
import type { RecordLimits } from "../protocol/records.ts";
import { turnIdTime } from "../protocol/turn-ids.ts";
import type { Database } from "./database.ts";
import { deleteTurns, forgetDeleted } from "./history-deletion.ts";

/** Turns that one statement goes through or deletes, so that it does not keep others waiting. */
const measuredTurns = 5000;
const deletedTurns = 100;
const deletedBytes = 4 * 1024 * 1024;

/** Sound that is older and has no turn is that of a turn that was never added. */
const longestTurnMs = 24 * 60 * 60 * 1000;

/** Room that a turn takes: its sound and its text. */
const roomBytes = sql<number>`audio_bytes + octet_length(text)`;

interface OldTurn {
  readonly id: string;
  readonly bytes: number;
}

/** Deletes turns that are too old, then the oldest ones until the others are small enough. Gives how many. */
export async function pruneTurns(
  database: Database,
  { beforeUnix, maxBytes }: RecordLimits,
): Promise<number> {
  let count = 0;
  // Ids are in the order of time: where no turn of a page is too old, none behind it is.
  for (;;) {
    const old = (await oldestTurns(database)).filter(({ startedAt }) => startedAt < beforeUnix);
    if (old.length === 0) break;
    count += await deleteTurns(database, idsOf(upTo(deletedBytes, old)));
  }
  let excessBytes = (await measureTurns(database)) - maxBytes;
  while (excessBytes > 0) {
    const oldest = upTo(Math.min(excessBytes, deletedBytes), await oldestTurns(database));
    if (oldest.length === 0) break;
    count += await deleteTurns(database, idsOf(oldest));
    for (const { bytes } of oldest) excessBytes -= bytes;
  }
  // Also for those whose deletion somebody has held up.
  await forgetDeleted(database);
  return count;
}

/** Deletes sound of turns that were never added because their process was killed. `nowMs` is Unix time. */
export async function deleteSoundWithoutTurn(database: Database, nowMs: number): Promise<void> {
  const { query } = database;
  const end = turnIdTime(nowMs - longestTurnMs);
  let last = "";
  for (;;) {
    const sounds = await query
      .selectFrom("turn_audio")
      .select("turn_id")
      .distinct()
      .where("turn_id", ">", last)
      .where("turn_id", "<", end)
      .orderBy("turn_id")
      .limit(deletedTurns)
      .execute();
    const ids = sounds.map((sound) => sound.turn_id);
    last = ids.at(-1) ?? "";
    if (last === "") return;
    const turns = await query.selectFrom("turns").select("id").where("id", "in", ids).execute();
    const known = new Set(idsOf(turns));
    const lost = ids.filter((id) => !known.has(id));
    if (lost.length > 0) await deleteTurns(database, lost);
  }
}

function oldestTurns(database: Database): Promise<(OldTurn & { readonly startedAt: number })[]> {
  return database.query
    .selectFrom("turns")
    .select(["id", "started_at as startedAt", roomBytes.as("bytes")])
    .orderBy("id")
    .limit(deletedTurns)
    .execute();
}

/** Room that all turns take. */
async function measureTurns({ query }: Database): Promise<number> {
  let bytes = 0;
  let last = "";
  for (;;) {
    const slice = query
      .selectFrom("turns")
      .select(["id", roomBytes.as("bytes")])
      .where("id", ">", last)
      .orderBy("id")
      .limit(measuredTurns);
    const sums = await query
      .selectFrom(slice.as("slice"))
      .select(({ fn }) => [fn.sum<number>("bytes").as("bytes"), fn.max("id").as("last")])
      .executeTakeFirstOrThrow();
    // A sum over no rows is null, and so is the last of them.
    const end: string | null = sums.last;
    if (end === null) return bytes;
    bytes += sums.bytes;
    last = end;
  }
}

/** The first ones that together have so many bytes, at least one. */
function upTo<Turn extends OldTurn>(maxBytes: number, turns: readonly Turn[]): Turn[] {
  let bytes = 0;
  return turns.filter((turn) => {
    const isWanted = bytes < maxBytes;
    bytes += turn.bytes;
    return isWanted;
  });
}

const idsOf = (turns: readonly { readonly id: string }[]): string[] => turns.map(({ id }) => id);
