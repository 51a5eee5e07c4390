import { sql } from "kysely";
import { turnIdTime } from "../protocol/turn-ids.ts";
import type { Database } from "./database.ts";
import { SqlKeys } from "./keys.ts";
import type { Tables } from "./tables.ts";

/** Something that is not as it should be, and what mends it. */
export interface DatabaseFault {
  readonly found: string;
  readonly remedy: "prune" | "restore";
}

export interface DatabaseCheck {
  /** How many rows each table has. */
  readonly rows: Readonly<Record<string, number>>;
  readonly faults: readonly DatabaseFault[];
}

/** Looks whether a database is whole, and whether what belongs together is there. */
export async function checkDatabase(database: Database, nowMs: number): Promise<DatabaseCheck> {
  const damage = await findDamage(database);
  // What is broken cannot be counted.
  if (damage.length > 0) return { rows: {}, faults: damage };
  const faults: DatabaseFault[] = [];
  for (const { found, remedy, count } of lost(nowMs)) {
    const rows = await countRows(database, count);
    if (rows > 0) faults.push({ found: `${rows} ${found}`, remedy });
  }
  faults.push(...(await findUnreadableKeys(database)));
  const rows: [string, number][] = [];
  for (const table of tables) {
    rows.push([
      table,
      await countRows(database, sql`select count(*) as count from ${sql.table(table)}`),
    ]);
  }
  return { rows: Object.fromEntries(rows), faults };
}

const tables = [
  "keys",
  "key_secrets",
  "tokens",
  "quota_uses",
  "usage",
  "turns",
  "turn_audio",
  "connections",
  "voice_settings",
  "dictionaries",
  "dictionary_versions",
] as const satisfies readonly (keyof Tables)[];

type Count = ReturnType<typeof sql>;

/** What may be left of something, or be missing of it. */
const lost = (nowMs: number): readonly (DatabaseFault & { readonly count: Count })[] => [
  {
    found: "parts of sound without a turn",
    remedy: "prune",
    // Whatever is younger may be of a turn that is still spoken.
    count: sql`select count(*) as count from turn_audio
      where turn_id < ${turnIdTime(nowMs - longestTurnMs)}
      and not exists (select 1 from turns where turns.id = turn_audio.turn_id)`,
  },
  {
    found: "turns whose sound is not whole",
    remedy: "restore",
    count: sql`select count(*) as count from turns where audio_bytes <> coalesce(
      (select sum(length(bytes)) from turn_audio where turn_id = turns.id), 0)`,
  },
  {
    found: "secrets without a key",
    remedy: "restore",
    count: sql`select count(*) as count from key_secrets
      where not exists (select 1 from keys where keys.id = key_secrets.key_id)`,
  },
  {
    found: "versions without a dictionary",
    remedy: "restore",
    count: sql`select count(*) as count from dictionary_versions
      where not exists (
        select 1 from dictionaries where dictionaries.id = dictionary_versions.dictionary_id)`,
  },
  {
    found: "dictionaries without their latest version",
    remedy: "restore",
    count: sql`select count(*) as count from dictionaries
      where not exists (
        select 1 from dictionary_versions
        where dictionary_versions.id = dictionaries.latest_version_id)`,
  },
];

const longestTurnMs = 24 * 60 * 60 * 1000;

async function countRows({ query }: Database, count: Count): Promise<number> {
  const { rows } = await count.execute(query);
  return (rows as readonly { readonly count: number }[])[0]?.count ?? 0;
}

/** PostgreSQL looks after its files itself. */
async function findDamage({ kind, query }: Database): Promise<DatabaseFault[]> {
  if (kind === "postgres") return [];
  const check = sql<{ readonly integrity_check: string }>`pragma integrity_check`;
  const found = await check.execute(query).then(
    ({ rows }) => rows.map((row) => row.integrity_check),
    (error: unknown) => [error instanceof Error ? error.message : String(error)],
  );
  return found
    .filter((line) => line !== "ok")
    .map((line) => ({ found: `damage: ${line}`, remedy: "restore" }));
}

/** A key that cannot be read keeps a server from its start. */
async function findUnreadableKeys(database: Database): Promise<DatabaseFault[]> {
  try {
    await new SqlKeys(database, Date.now).list();
    return [];
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error);
    return [{ found, remedy: "restore" }];
  }
}
