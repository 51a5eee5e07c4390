import { type Database, openDatabase } from "../../src/store/database.ts";
import type { OpenedDatabase } from "./databases.ts";

/** One database as several processes have it open. */
export interface SeveralDatabases {
  readonly databases: readonly Database[];
  close(): Promise<void>;
}

/** Opens a database some times more. One in memory cannot be: it stands for all of them. */
export async function openSeveral(
  { database, place }: OpenedDatabase,
  count: number,
): Promise<SeveralDatabases> {
  if (place.kind === "memory") {
    return { databases: Array.from({ length: count }, () => database), close: async () => {} };
  }
  const databases = await Promise.all(Array.from({ length: count }, () => openDatabase(place)));
  return {
    databases,
    async close() {
      await Promise.all(databases.map((each) => each.close()));
    },
  };
}
