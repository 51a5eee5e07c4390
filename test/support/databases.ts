import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { type Database, type DatabasePlace, openDatabase } from "../../src/store/database.ts";

/** A database that was empty when it was opened. */
export interface OpenedDatabase {
  readonly database: Database;
  /** Where others may open it, too, unless it is in memory. */
  readonly place: DatabasePlace;
  /** Closes it and leaves nothing behind. */
  close(): Promise<void>;
}

/** One kind of database that every store has to work on. */
export interface DatabaseRow {
  readonly kind: DatabasePlace["kind"];
  /** Says what is missing if it is skipped. */
  readonly name: string;
  readonly skip: boolean;
  open(): Promise<OpenedDatabase>;
}

/** A server whose user may create databases; `.ci/postgres` starts one. */
const postgresUrl = process.env["TEST_POSTGRES_URL"];

export const databaseRows: readonly DatabaseRow[] = [
  { kind: "memory", name: "SQLite in memory", skip: false, open: openMemory },
  { kind: "file", name: "SQLite in a file", skip: false, open: openFile },
  {
    kind: "postgres",
    name: postgresUrl === undefined ? "PostgreSQL (no TEST_POSTGRES_URL)" : "PostgreSQL",
    skip: postgresUrl === undefined,
    open: openPostgres,
  },
];

async function openMemory(): Promise<OpenedDatabase> {
  const place: DatabasePlace = { kind: "memory" };
  const database = await openDatabase(place);
  return { database, place, close: () => database.close() };
}

async function openFile(): Promise<OpenedDatabase> {
  const dataDir = await mkdtemp(join(tmpdir(), "syrinx-test-"));
  const place: DatabasePlace = { kind: "file", dataDir };
  const database = await openDatabase(place);
  return {
    database,
    place,
    async close() {
      await database.close();
      await rm(dataDir, { recursive: true });
    },
  };
}

/** Its texts are sorted as people sort them: no store may rely on how a server is set up. */
async function openPostgres(): Promise<OpenedDatabase> {
  const name = `syrinx_test_${randomBytes(8).toString("hex")}`;
  const icu = "locale_provider icu icu_locale 'en-US' locale 'C'";
  await administer(`create database ${name} template template0 encoding 'UTF8' ${icu}`);
  const url = new URL(postgresUrl ?? "");
  url.pathname = name;
  const place: DatabasePlace = { kind: "postgres", url: url.href };
  const database = await openDatabase(place);
  return {
    database,
    place,
    async close() {
      await database.close();
      await administer(`drop database ${name} with (force)`);
    },
  };
}

async function administer(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: postgresUrl });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
