import Libsql from "libsql";
import { codeOf } from "../store-fault.ts";

/** Rows of a query, or how many rows a change has changed. */
export interface StatementResult {
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  readonly changes: number;
}

/** What carries out statements where it is called. */
export interface Statements {
  run(sql: string, parameters: readonly unknown[]): StatementResult;
  close(): void;
}

/** One that need not be read again, nor asked what it is. */
interface PreparedStatement {
  readonly statement: Libsql.Statement;
  /** Whether it is a query. */
  readonly hasRows: boolean;
}

/** How long another process may hold the database while this one waits. */
export const busyMs = 10_000;
/** Prepared statements that are kept. */
const maxPrepared = 200;

/**
 * What is deleted is overwritten, and a commit is one write to the log: it survives the end of the
 * process, whatever ends it.
 */
const pragmas = [
  "pragma synchronous = normal",
  "pragma secure_delete = on",
  "pragma foreign_keys = on",
];

/** Opens a SQLite database. @throws when the file is none or cannot be used */
export function openStatements(path: string): Statements {
  const database = new Libsql(path);
  database.exec(`pragma busy_timeout = ${busyMs}`);
  useLog(database);
  for (const pragma of pragmas) database.exec(pragma);
  const prepared = new Map<string, PreparedStatement>();

  const prepare = (sql: string): PreparedStatement => {
    const known = prepared.get(sql);
    if (known) return known;
    const statement = database.prepare(sql);
    const made = { statement, hasRows: statement.reader };
    if (prepared.size >= maxPrepared) prepared.clear();
    prepared.set(sql, made);
    return made;
  };

  return {
    run(sql, parameters) {
      const bound = parameters.map(toBindable);
      const { statement, hasRows } = prepare(sql);
      if (!hasRows) return { rows: [], changes: statement.run(bound).changes };
      return { rows: (statement.all(bound) as Row[]).map(toPlainRow), changes: 0 };
    },
    close() {
      prepared.clear();
      database.close();
    },
  };
}

/** How long to wait before asking again for what SQLite refuses at once. */
const retryMs = 20;

/**
 * A new database is told to keep a log by whichever process comes first. SQLite does not wait for the
 * others here, whatever its time-out is, while one of them is about to write.
 */
function useLog(database: Libsql.Database): void {
  const lastAt = performance.now() + busyMs;
  for (;;) {
    try {
      database.exec("pragma journal_mode = wal");
      return;
    } catch (error) {
      if (codeOf(error) !== "SQLITE_BUSY" || performance.now() > lastAt) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, retryMs);
    }
  }
}

type Row = Record<string, unknown>;

/** The library ends the process for anything else. @throws {TypeError} */
function toBindable(value: unknown): unknown {
  if (value === null || typeof value === "string" || value instanceof Uint8Array) return value;
  if (typeof value === "number" && Number.isFinite(value)) return value;
  if (typeof value === "bigint") return Number(value);
  throw new TypeError(`A ${typeof value} cannot be kept in a database`);
}

/** Bytes come as an `ArrayBuffer`. */
function toPlainRow(row: Row): Row {
  const plain: Row = {};
  for (const [name, value] of Object.entries(row)) {
    plain[name] = value instanceof ArrayBuffer ? new Uint8Array(value) : value;
  }
  return plain;
}
