import { sql } from "kysely";
import type { Database } from "./database.ts";
import { deleteSoundWithoutTurn } from "./history-pruning.ts";

/** How many went. */
export interface PrunedRows {
  readonly tokens: number;
  readonly secrets: number;
  readonly quotaPeriods: number;
}

/**
 * Deletes what is good for nothing any more: tokens and secrets that have expired, what was used in
 * periods of quotas before `periodsBeforeUnix`, and sound without a turn.
 */
export async function pruneExpired(
  database: Database,
  nowMs: number,
  periodsBeforeUnix: number,
): Promise<PrunedRows> {
  const { query } = database;
  const nowUnix = Math.floor(nowMs / 1000);
  const tokens = await query
    .deleteFrom("tokens")
    .where("expires_at", "<=", nowUnix)
    .executeTakeFirst();
  const secrets = await query
    .deleteFrom("key_secrets")
    .where("expires_at", "<=", nowUnix)
    .executeTakeFirst();
  const quotaPeriods = await query
    .deleteFrom("quota_uses")
    // The period that never ends began at 0.
    .where("period_start", ">", 0)
    .where("period_start", "<", periodsBeforeUnix)
    .executeTakeFirst();
  await deleteSoundWithoutTurn(database, nowMs);
  return {
    tokens: Number(tokens.numDeletedRows),
    secrets: Number(secrets.numDeletedRows),
    quotaPeriods: Number(quotaPeriods.numDeletedRows),
  };
}

/** Less is not worth the time in which nobody else can write. */
const worthBytes = 16 * 1024 * 1024;

/** Gives the room of what was deleted back to the disk, if it is much. Gives how many bytes. */
export async function giveRoomBack({ kind, query }: Database): Promise<number> {
  // PostgreSQL's own vacuum comes by itself.
  if (kind !== "file") return 0;
  const { rows } = await sql<{ readonly free: number }>`
    select freelist_count * page_size as free from pragma_freelist_count, pragma_page_size`.execute(
    query,
  );
  const free = rows[0]?.free ?? 0;
  if (free < worthBytes) return 0;
  await sql`vacuum`.execute(query);
  await sql`pragma wal_checkpoint(truncate)`.execute(query);
  return free;
}
