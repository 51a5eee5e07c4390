import { access } from "node:fs/promises";
import { join } from "node:path";
import { wakefulClock } from "../clock.ts";
import { openRecords, placeOf, type Records } from "../open-records.ts";
import { readSettings, SettingError, type Settings } from "../settings.ts";
import { type Database, DatabaseError, databaseFile, openDatabase } from "../store/database.ts";
import { CommandError, UsageError } from "./errors.ts";
import { readConfigFile } from "./serve.ts";

/** Where commands look for the database; the environment is looked at as well. */
export interface DatabaseOptions {
  readonly config?: string | undefined;
  readonly dataDir?: string | undefined;
  readonly database?: string | undefined;
}

/** The settings of commands that use a database. @throws {SettingError | UsageError} */
export async function readDatabaseSettings({
  config,
  dataDir,
  database,
}: DatabaseOptions): Promise<Settings> {
  const flags = {
    ...(dataDir !== undefined && { dataDir }),
    ...(database !== undefined && { database }),
  };
  const file = await readConfigFile(config);
  const settings = readSettings({ file, env: process.env, flags });
  if (settings.database !== "memory") return settings;
  throw new UsageError("--database memory is nowhere but in a server: ask that with --server.");
}

/** Lets `work` have the database itself. @throws {CommandError} if it cannot be used */
export async function withDatabase<Result>(
  settings: Settings,
  work: (database: Database) => Promise<Result>,
): Promise<Result> {
  await refuseMissing(settings);
  const database = await openDatabase(placeOf(settings)).catch(explainOpening);
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}

/** Lets `work` have the stores of a database that is there, or may be made. @throws {CommandError} */
export async function withRecords<Result>(
  settings: Settings,
  { mayCreate }: { readonly mayCreate: boolean },
  work: (records: Records) => Promise<Result>,
): Promise<Result> {
  if (!mayCreate) await refuseMissing(settings);
  const faults: unknown[] = [];
  const records = await openRecords(settings, {
    clock: wakefulClock,
    wallClock: Date.now,
    onFault: (error) => faults.push(error),
  }).catch(explainOpening);
  const result = await closing(records, work);
  if (faults.length > 0) throw faults[0];
  return result;
}

async function closing<Result>(
  records: Records,
  work: (records: Records) => Promise<Result>,
): Promise<Result> {
  try {
    return await work(records);
  } finally {
    await records.close();
  }
}

/** Nobody wants an empty database to be made where they look for one. @throws {CommandError} */
async function refuseMissing({ database, dataDir }: Settings): Promise<void> {
  if (database !== undefined) return;
  await access(join(dataDir, databaseFile)).catch(() => {
    throw new CommandError(
      `There is no database in ${dataDir}: say where it is with --data-dir or --database.`,
    );
  });
}

function explainOpening(error: unknown): never {
  const isKnown = error instanceof DatabaseError || error instanceof SettingError;
  throw isKnown ? new CommandError(error.message) : error;
}
