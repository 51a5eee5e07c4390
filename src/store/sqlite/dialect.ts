import {
  CompiledQuery,
  type DatabaseConnection,
  type DatabaseIntrospector,
  type Dialect,
  type DialectAdapter,
  type Driver,
  type Kysely,
  type QueryCompiler,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from "kysely";
import type { SqliteConnection } from "./connection.ts";

/** SQLite behind one connection that answers later. */
export class SqliteDialect implements Dialect {
  readonly #connection: SqliteConnection;

  constructor(connection: SqliteConnection) {
    this.#connection = connection;
  }

  createAdapter(): DialectAdapter {
    return new Adapter();
  }

  createDriver(): Driver {
    return new SqliteDriver(this.#connection);
  }

  createIntrospector(database: Kysely<unknown>): DatabaseIntrospector {
    return new SqliteIntrospector(database);
  }

  createQueryCompiler(): QueryCompiler {
    return new SqliteQueryCompiler();
  }
}

/** Migrations are one transaction, which locks the database against others who migrate it. */
class Adapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

/** Who has the connection has it alone. */
class SqliteDriver implements Driver {
  readonly #connection: SqliteConnection;
  #lastInLine: Promise<void> = Promise.resolve();
  #release = (): void => {};

  constructor(connection: SqliteConnection) {
    this.#connection = connection;
  }

  init(): Promise<void> {
    return Promise.resolve();
  }

  async acquireConnection(): Promise<DatabaseConnection> {
    const before = this.#lastInLine;
    let release = (): void => {};
    this.#lastInLine = new Promise((resolve) => {
      release = resolve;
    });
    await before;
    this.#release = release;
    return new Connection(this.#connection);
  }

  /** Takes the right to write at once: one that reads first and writes later may find it taken. */
  beginTransaction(connection: DatabaseConnection): Promise<void> {
    return execute(connection, "begin immediate");
  }

  commitTransaction(connection: DatabaseConnection): Promise<void> {
    return execute(connection, "commit");
  }

  /** After some failures, such as a full disk, SQLite has rolled back already and refuses to do it again. */
  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    await execute(connection, "rollback").catch(() => {});
  }

  releaseConnection(): Promise<void> {
    this.#release();
    return Promise.resolve();
  }

  destroy(): Promise<void> {
    return this.#connection.close();
  }
}

async function execute(connection: DatabaseConnection, sql: string): Promise<void> {
  await connection.executeQuery(CompiledQuery.raw(sql));
}

class Connection implements DatabaseConnection {
  readonly #connection: SqliteConnection;

  constructor(connection: SqliteConnection) {
    this.#connection = connection;
  }

  async executeQuery<Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
    const { rows, changes } = await this.#connection.run(sql, parameters);
    return { rows: rows as unknown as Row[], numAffectedRows: BigInt(changes) };
  }

  streamQuery<Row>(): AsyncIterableIterator<QueryResult<Row>> {
    throw new Error("Rows come by pages");
  }
}
