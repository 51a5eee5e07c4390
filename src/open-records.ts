import type { Clock } from "./clock.ts";
import type { Stores } from "./protocol/stores.ts";
import { SettingError, type Settings } from "./settings.ts";
import {
  type Database,
  DatabaseError,
  type DatabasePlace,
  openDatabase,
} from "./store/database.ts";
import { openStores } from "./store/stores.ts";

/** Everything that is kept, while it is open. */
export interface Records {
  readonly stores: Stores;
  readonly database: Database;
  /** Keeps what is still waiting, and lets go of the database. */
  close(): Promise<void>;
}

export interface RecordsOptions {
  readonly clock: Clock;
  /** Unix time in ms. */
  readonly wallClock: () => number;
  /** Told of what goes wrong behind everybody's back. */
  readonly onFault: (error: unknown) => void;
}

/** Opens the database that the settings name. @throws {SettingError} when it cannot be used */
export async function openRecords(
  settings: Pick<Settings, "database" | "dataDir">,
  { clock, wallClock, onFault }: RecordsOptions,
): Promise<Records> {
  const database = await openDatabase(placeOf(settings), onFault).catch((error: unknown) => {
    throw error instanceof DatabaseError ? new SettingError(error.message) : error;
  });
  const stores = openStores(database, { clock, wallClock, onFault });
  return {
    stores,
    database,
    async close() {
      await stores.close();
      await database.close();
    },
  };
}

/** Where the settings say that records are kept. */
export function placeOf({
  database,
  dataDir,
}: Pick<Settings, "database" | "dataDir">): DatabasePlace {
  if (database === undefined) return { kind: "file", dataDir };
  return database === "memory" ? { kind: "memory" } : { kind: "postgres", url: database };
}
