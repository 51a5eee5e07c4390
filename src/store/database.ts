import { open } from "node:fs/promises";
import { join } from "node:path";
import { Kysely, Migrator } from "kysely";
import { makeFolder } from "./folder.ts";
import { migrationsFor } from "./migrations.ts";
import { createPostgresDialect } from "./postgres.ts";
import { openFile, openInMemory } from "./sqlite/connection.ts";
import { SqliteDialect } from "./sqlite/dialect.ts";
import type { Tables } from "./tables.ts";
import { WellFormedText } from "./well-formed-text.ts";

/** Where records are kept: a folder for SQLite, a `postgres://` address, or nowhere for longer than the process. */
export type DatabasePlace =
  | { readonly kind: "file"; readonly dataDir: string }
  | { readonly kind: "postgres"; readonly url: string }
  | { readonly kind: "memory" };

/** A database that is open, with this version's tables. */
export interface Database {
  readonly kind: DatabasePlace["kind"];
  readonly query: Kysely<Tables>;
  close(): Promise<void>;
}

/** Why a database cannot be used, in one line that says what to do. */
export class DatabaseError extends Error {
  override readonly name = "DatabaseError";
}

/** Of the data folder. */
export const databaseFile = "syrinx.db";

/**
 * Opens a database and brings its tables up to this version, while nobody else does.
 * @throws {DatabaseError} when it cannot be used, or was made by a newer version
 */
export async function openDatabase(
  place: DatabasePlace,
  onLost: (error: Error) => void = () => {},
): Promise<Database> {
  const query = await connect(place, onLost);
  try {
    await migrate(query, place);
  } catch (error) {
    await query.destroy();
    throw error instanceof DatabaseError ? error : unusable(place, error);
  }
  return { kind: place.kind, query, close: () => query.destroy() };
}

async function connect(
  place: DatabasePlace,
  onLost: (error: Error) => void,
): Promise<Kysely<Tables>> {
  const plugins = [new WellFormedText()];
  if (place.kind === "postgres") {
    return new Kysely<Tables>({ dialect: createPostgresDialect(place.url, onLost), plugins });
  }
  if (place.kind === "memory") {
    return new Kysely<Tables>({ dialect: new SqliteDialect(openInMemory()), plugins });
  }
  try {
    await makeFolder(place.dataDir);
    const path = join(place.dataDir, databaseFile);
    // Whatever the folder's rights are, the texts in it are nobody else's; SQLite's other files have the same ones.
    await (await open(path, "a", 0o600)).close();
    const connection = await openFile(path);
    return new Kysely<Tables>({ dialect: new SqliteDialect(connection), plugins });
  } catch (error) {
    throw unusable(place, error);
  }
}

async function migrate(query: Kysely<Tables>, place: DatabasePlace): Promise<void> {
  const types =
    place.kind === "postgres"
      ? ({ bytes: "bytea", text: 'text collate "C"', counted: "serial" } as const)
      : ({ bytes: "blob", text: "text", counted: "integer" } as const);
  const migrations = migrationsFor(types);
  const migrator = new Migrator({
    db: query,
    provider: { getMigrations: () => Promise.resolve(migrations) },
  });
  const { error } = await migrator.migrateToLatest();
  if (error === undefined) return;
  const isNewer = error instanceof Error && error.message.startsWith("corrupted migrations");
  if (!isNewer) throw error;
  throw new DatabaseError(
    `${nameOf(place)} was used by a newer version of Syrinx: start that version, or choose another --data-dir or --database.`,
  );
}

function nameOf(place: DatabasePlace): string {
  if (place.kind === "file") return `The database in ${place.dataDir}`;
  return place.kind === "postgres" ? "The database of SYRINX_DATABASE_URL" : "The database";
}

/** Says nothing of the address, which may hold a password. */
function unusable(place: DatabasePlace, error: unknown): DatabaseError {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const reason = place.kind === "postgres" ? code : error instanceof Error ? error.message : "";
  const advice =
    place.kind === "postgres"
      ? "check that it runs, and that the address, the user and the password are right"
      : "see that this user may write there, choose another --data-dir, or put a backup in its place";
  const shown = reason === "" ? "" : ` (${reason})`;
  return new DatabaseError(`${nameOf(place)} cannot be used${shown}: ${advice}.`);
}
