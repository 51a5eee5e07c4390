import type { Kysely, Selectable } from "kysely";
import type { PronunciationRule } from "../protocol/pronunciation.ts";
import type { Dictionary, DictionaryVersion } from "../protocol/stores.ts";
import { asObject, DamagedRowError, readStored } from "./stored-json.ts";
import type { Tables } from "./tables.ts";

export type DictionaryRow = Selectable<Tables["dictionaries"]>;
export type VersionRow = Selectable<Tables["dictionary_versions"]>;

/** The dictionaries of these ids that there are, in the order of the ids. @throws {DamagedRowError} */
export async function readDictionaries(
  query: Kysely<Tables>,
  ids: readonly string[],
): Promise<readonly Dictionary[]> {
  if (ids.length === 0) return [];
  const rows = await query.selectFrom("dictionaries").selectAll().where("id", "in", ids).execute();
  const versions = await readVersions(
    query,
    rows.map((row) => row.latest_version_id),
  );
  const found = new Map(rows.map((row) => [row.id, row]));
  return ids.flatMap((id) => {
    const row = found.get(id);
    return row ? [toDictionary(row, versions.get(row.latest_version_id))] : [];
  });
}

/** The versions of these ids, which never change and never go. */
export async function readVersions(
  query: Kysely<Tables>,
  ids: readonly string[],
): Promise<ReadonlyMap<string, VersionRow>> {
  if (ids.length === 0) return new Map();
  const rows = await query
    .selectFrom("dictionary_versions")
    .selectAll()
    .where("id", "in", ids)
    .execute();
  return new Map(rows.map((row) => [row.id, row]));
}

/** @throws {DamagedRowError} */
export function toDictionary(row: DictionaryRow, latest: VersionRow | undefined): Dictionary {
  if (!latest) throw new DamagedRowError("dictionaries", "latest_version_id");
  return {
    id: row.id,
    name: row.name,
    description: row.description ?? undefined,
    createdAtUnix: row.created_at,
    archivedAtUnix: row.archived_at ?? undefined,
    latest: toVersion(latest),
  };
}

/** @throws {DamagedRowError} */
export function toVersion(row: VersionRow): DictionaryVersion {
  return { id: row.id, createdAtUnix: row.created_at, rules: toRules(row) };
}

/** @throws {DamagedRowError} */
export function toRules({ rules }: Pick<VersionRow, "rules">): readonly PronunciationRule[] {
  return readStored({ table: "dictionary_versions", column: "rules" }, rules, readRules);
}

function readRules(value: unknown): readonly PronunciationRule[] | undefined {
  if (!Array.isArray(value)) return undefined;
  return value.every(isRule) ? value : undefined;
}

function isRule(value: unknown): value is PronunciationRule {
  const { type, stringToReplace, alias, phoneme } = asObject(value) ?? {};
  if (typeof stringToReplace !== "string") return false;
  return type === "alias"
    ? typeof alias === "string"
    : type === "phoneme" && typeof phoneme === "string";
}
