import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import { openStatements, type StatementResult } from "./statements.ts";

/** One connection to a SQLite database. */
export interface SqliteConnection {
  /** @throws {SqliteError} */
  run(sql: string, parameters: readonly unknown[]): Promise<StatementResult>;
  close(): Promise<void>;
}

/** What a statement, or the database, has failed with. */
export class SqliteError extends Error {
  override readonly name = "SqliteError";
  /** Such as `SQLITE_CONSTRAINT_UNIQUE`. */
  readonly code: string | undefined;

  constructor(message: string, code: string | undefined) {
    super(message);
    this.code = code;
  }
}

/** What the thread is asked. */
export interface ThreadQuestion {
  readonly sql: string;
  readonly parameters: readonly unknown[];
}

/** What went wrong on it. */
export interface ThreadFailure {
  readonly failure: string;
  readonly code: string | undefined;
}

/** What it answers, each question in turn; the first answer says whether the database is open. */
export type ThreadAnswer = StatementResult | ThreadFailure;

/** A database that is gone when it is closed. */
export function openInMemory(): SqliteConnection {
  const statements = openStatements(":memory:");
  return {
    run: async (sql, parameters) => statements.run(sql, parameters),
    close: async () => statements.close(),
  };
}

const require = createRequire(import.meta.url);

interface Waiter {
  readonly resolve: (result: StatementResult) => void;
  readonly reject: (error: Error) => void;
}

/**
 * A database in a file, on a thread of its own, because the library does not return before the disk
 * has answered. @throws {SqliteError} when the file cannot be used
 */
export async function openFile(path: string): Promise<SqliteConnection> {
  const worker = new Worker(pathToFileURL(require.resolve("#sqlite-thread")), {
    workerData: { path },
  });
  const waiting: Waiter[] = [];
  let end: Error | undefined;
  const answered = (): Promise<StatementResult> =>
    new Promise((resolve, reject) => {
      if (end) reject(end);
      else waiting.push({ resolve, reject });
    });
  const finish = (error: Error): void => {
    end ??= error;
    for (const waiter of waiting.splice(0)) waiter.reject(end);
  };
  worker.on("message", (answer: ThreadAnswer) => {
    const waiter = waiting.shift();
    if ("failure" in answer) waiter?.reject(new SqliteError(answer.failure, answer.code));
    else waiter?.resolve(answer);
  });
  worker.on("error", (error) => finish(new SqliteError(error.message, undefined)));
  worker.on("exit", () => finish(new SqliteError("The database is closed", undefined)));
  await answered();
  return {
    run(sql, parameters) {
      if (end) return Promise.reject(end);
      worker.postMessage({ sql, parameters } satisfies ThreadQuestion);
      return answered();
    },
    async close() {
      await worker.terminate();
    },
  };
}
