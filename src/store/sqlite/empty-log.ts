import { type Kysely, sql } from "kysely";
import { busyMs } from "./statements.ts";

/** How long others who read may hold it up, and with it everybody who uses this connection. */
const patienceMs = 200;

/**
 * Empties SQLite's log, in which pages are kept as they were before something was deleted. Whether
 * that worked: it does not while somebody else reads what is in it.
 */
export function emptyLog<Tables>(database: Kysely<Tables>): Promise<boolean> {
  return database.connection().execute(async (connection) => {
    await sql.raw(`pragma busy_timeout = ${patienceMs}`).execute(connection);
    try {
      const { rows } = await sql<{ busy: number }>`pragma wal_checkpoint(truncate)`.execute(
        connection,
      );
      return rows[0]?.busy === 0;
    } finally {
      await sql.raw(`pragma busy_timeout = ${busyMs}`).execute(connection);
    }
  });
}
