import { type Dialect, PostgresDialect } from "kysely";
import pg from "pg";

/** Connections to the database at the same time, of each process. */
const maxConnections = 8;
const connectMs = 10_000;
/** Of one statement; whoever waits for its answer is told that there is none. */
const statementMs = 30_000;

/** Types that JavaScript has as numbers, by their object id: int8, numeric. Ours never pass 2^53. */
const numberTypes: ReadonlySet<number> = new Set([20, 1700]);

const getTypeParser: pg.CustomTypesConfig["getTypeParser"] = (id, format) =>
  numberTypes.has(id) && format !== "binary" ? Number : pg.types.getTypeParser(id, format);

/** PostgreSQL at a `postgres://` address. `onLost` is told when a connection breaks that nobody uses. */
export function createPostgresDialect(url: string, onLost: (error: Error) => void): Dialect {
  const pool = new pg.Pool({
    connectionString: url,
    max: maxConnections,
    connectionTimeoutMillis: connectMs,
    statement_timeout: statementMs,
    types: { getTypeParser },
    application_name: "syrinx",
  });
  pool.on("error", onLost);
  return new PostgresDialect({ pool });
}
