import type { Kysely } from "kysely";
import type { Database } from "./database.ts";
import { clearFreeSpace } from "./sqlite/clear-free-space.ts";
import { emptyLog } from "./sqlite/empty-log.ts";
import type { Tables } from "./tables.ts";

/** Deletes turns with their sound. Gives how many were there. */
export function deleteTurns(database: Database, ids: readonly string[]): Promise<number> {
  return deleteRows(database, async (query) => {
    const { numDeletedRows } = await query
      .deleteFrom("turns")
      .where("id", "in", ids)
      .executeTakeFirstOrThrow();
    await query.deleteFrom("turn_audio").where("turn_id", "in", ids).execute();
    return Number(numDeletedRows);
  });
}

/** Deletes sound of turns that have none. */
export async function deleteSound(database: Database, ids: readonly string[]): Promise<void> {
  await deleteRows(database, (query) =>
    query.deleteFrom("turn_audio").where("turn_id", "in", ids).execute(),
  );
}

/**
 * Sees to it that what was deleted is on the disk no more. SQLite's log has it still; if another
 * process reads that at this moment, it is gone when the log is emptied next, as by the next deletion
 * or pruning. What PostgreSQL keeps of deleted rows, until its vacuum has been, is its administrator's
 * business.
 */
export async function forgetDeleted({
  kind,
  query,
}: Pick<Database, "kind" | "query">): Promise<void> {
  if (kind === "file") await emptyLog(query);
}

function deleteRows<Result>(
  { kind, query }: Database,
  change: (query: Kysely<Tables>) => Promise<Result>,
): Promise<Result> {
  return query.connection().execute(async (connection) => {
    const result = await connection.transaction().execute(change);
    if (kind === "file") await clearFreeSpace(connection);
    await forgetDeleted({ kind, query: connection });
    return result;
  });
}
