import { resolve } from "node:path";
import { periodAt } from "../accounts/quota-period.ts";
import { backUp } from "../store/back-up.ts";
import { checkDatabase, type DatabaseFault } from "../store/check-database.ts";
import { pruningOf } from "../store/record-keeper.ts";
import { giveRoomBack, pruneExpired } from "../store/prune-expired.ts";
import { CommandError } from "./errors.ts";
import {
  type DatabaseOptions,
  readDatabaseSettings,
  withDatabase,
  withRecords,
} from "./records.ts";
import { formatBytes, printFacts } from "./table.ts";

/** Copies the database into a file, also while a server uses it. */
export async function backUpDatabase(
  path: string,
  options: DatabaseOptions & { readonly force?: boolean | undefined },
): Promise<void> {
  const settings = await readDatabaseSettings(options);
  if (settings.database !== undefined) throw new CommandError(dumpAdvice(settings.database, path));
  const mayReplace = options.force === true;
  const sizeBytes = await withDatabase(settings, (database) =>
    backUp(database, resolve(path), { mayReplace }),
  ).catch((error: unknown) => {
    throw explainWriting(error, path);
  });
  process.stdout.write(`Wrote ${path} (${formatBytes(sizeBytes)}).\n`);
}

/** Says what is wrong with the database, and how much there is in it. */
export async function check(options: DatabaseOptions): Promise<void> {
  const settings = await readDatabaseSettings(options);
  const { rows, faults } = await withDatabase(settings, (database) =>
    checkDatabase(database, Date.now()),
  );
  const counts = Object.entries(rows);
  if (counts.length > 0) {
    printFacts(Object.fromEntries(counts.map(([table, count]) => [table, String(count)])));
  }
  for (const { found } of faults) process.stdout.write(`${found}\n`);
  if (faults.length > 0) throw new CommandError(remedyOf(faults));
  process.stdout.write("The database is whole.\n");
}

/** Deletes what need not be kept any longer, and says what went. */
export async function prune(options: DatabaseOptions): Promise<void> {
  const settings = await readDatabaseSettings(options);
  await withRecords(settings, { mayCreate: false }, async ({ database, stores }) => {
    const nowMs = Date.now();
    const pruning = pruningOf(stores, settings);
    const turns = await pruning.turns(nowMs);
    const connections = await pruning.connections(nowMs);
    const thisMonth = periodAt("month", nowMs);
    const gone = await pruneExpired(database, nowMs, thisMonth.startUnix);
    const freedBytes = await giveRoomBack(database);
    printFacts({
      turns: String(turns),
      connections: String(connections),
      tokens: String(gone.tokens),
      secrets: String(gone.secrets),
      "quota periods": String(gone.quotaPeriods),
      "room given back": formatBytes(freedBytes),
    });
  });
}

function remedyOf(faults: readonly DatabaseFault[]): string {
  const isDamaged = faults.some(({ remedy }) => remedy === "restore");
  return isDamaged
    ? "The database is damaged: stop the server and restore a backup; see docs/databases.md."
    : "The database has leftovers: syrinx db prune deletes them.";
}

/** What to type instead, without the password. */
function dumpAdvice(database: string, path: string): string {
  const url = withoutPassword(database);
  const dump = `pg_dump --format=custom --file=${quote(path)} ${quote(url)}`;
  return `PostgreSQL is backed up by its own program, which asks for the password or takes PGPASSWORD: ${dump}`;
}

function withoutPassword(database: string): string {
  if (!URL.canParse(database)) return "postgres://user@host/database";
  const url = new URL(database);
  url.password = "";
  for (const name of [...url.searchParams.keys()]) {
    if (/password/i.test(name)) url.searchParams.delete(name);
  }
  return url.href;
}

/** For a shell. */
const quote = (text: string): string =>
  /^[\w./:@%+=-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;

const writingFaults: Readonly<Record<string, string>> = {
  EEXIST: "is there already: choose another file, or replace it with --force",
  ENOENT: "cannot be written: its folder is not there",
  ENOTDIR: "cannot be written: its folder is none",
  EISDIR: "is a folder: name a file",
  EACCES: "cannot be written: this user may not",
  EPERM: "cannot be written: this user may not",
  EROFS: "cannot be written: the disk is read-only",
  ENOSPC: "cannot be written: the disk is full",
  SQLITE_FULL: "cannot be written: the disk is full",
};

function explainWriting(error: unknown, path: string): unknown {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const what = writingFaults[code];
  return what === undefined ? error : new CommandError(`${path} ${what}.`);
}
