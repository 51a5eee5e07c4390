import type { Kysely, Selectable } from "kysely";
import {
  type Key,
  type KeyRules,
  type KeySecret,
  type Quota,
  quotaPeriods,
  type Scope,
  scopes,
} from "../protocol/accounts.ts";
import { DamagedRowError, readStored, type StoredIn } from "./stored-json.ts";
import { formatStored, readTexts } from "./stored-texts.ts";
import type { Tables } from "./tables.ts";

/** What of a key's row changes when it is changed. */
type RuleColumns = Omit<Tables["keys"], "id" | "created_at" | "revoked_at" | "version">;

/** What a key may do, as its row has it. */
export function toRuleColumns(rules: KeyRules): RuleColumns {
  return {
    name: rules.name,
    scopes: formatStored(rules.scopes),
    voices: formatList(rules.voices),
    models: formatList(rules.models),
    quota_characters: rules.quota?.characters ?? null,
    quota_period: rules.quota?.period ?? null,
    max_concurrency: rules.maxConcurrency ?? null,
    requests_per_second: rules.requestsPerSecond ?? null,
    addresses: formatList(rules.addresses),
    expires_at: rules.expiresAtUnix ?? null,
  };
}

/**
 * Keys with their secrets, a row for each of these: one question, so that both are of the same moment.
 * The oldest key and the newest secret come first; that one alone does not expire.
 */
const selectRows = (query: Kysely<Tables>) =>
  query
    .selectFrom("keys")
    .leftJoin("key_secrets", "key_secrets.key_id", "keys.id")
    .selectAll("keys")
    .select([
      "key_secrets.hash",
      "key_secrets.preview",
      "key_secrets.created_at as secret_created_at",
      "key_secrets.expires_at as secret_expires_at",
    ])
    .orderBy("keys.created_at")
    .orderBy("keys.id")
    .orderBy("key_secrets.expires_at", (order) => order.desc().nullsFirst())
    .orderBy("key_secrets.created_at", "desc")
    .orderBy("key_secrets.hash");

type Row = Awaited<ReturnType<ReturnType<typeof selectRows>["execute"]>>[number];

/** The key of an id. @throws {DamagedRowError} */
export async function readKey(
  query: Kysely<Tables>,
  id: string,
  nowUnix: number,
): Promise<Key | undefined> {
  return toKeys(await selectRows(query).where("keys.id", "=", id).execute(), nowUnix)[0];
}

/** All keys that were changed after `version`, the oldest first. @throws {DamagedRowError} */
export async function readKeysSince(
  query: Kysely<Tables>,
  version: number,
  nowUnix: number,
): Promise<readonly Key[]> {
  return toKeys(await selectRows(query).where("keys.version", ">", version).execute(), nowUnix);
}

function toKeys(rows: readonly Row[], nowUnix: number): readonly Key[] {
  const keys = new Map<string, { readonly row: Row; readonly secrets: KeySecret[] }>();
  for (const row of rows) {
    const key = keys.get(row.id) ?? { row, secrets: [] };
    keys.set(row.id, key);
    const secret = toSecret(row);
    if (secret && (secret.expiresAtUnix ?? Number.POSITIVE_INFINITY) > nowUnix)
      key.secrets.push(secret);
  }
  return Array.from(keys.values(), ({ row, secrets }) => toKey(row, secrets));
}

/** Undefined where a key has none. */
function toSecret(row: Row): KeySecret | undefined {
  const { hash, preview, secret_created_at: createdAtUnix } = row;
  if (hash === null || preview === null || createdAtUnix === null) return undefined;
  return { hash, preview, createdAtUnix, expiresAtUnix: row.secret_expires_at ?? undefined };
}

/** @throws {DamagedRowError} rather than to take a limit for none that cannot be read */
function toKey(row: Selectable<Tables["keys"]>, secrets: readonly KeySecret[]): Key {
  return {
    id: row.id,
    name: row.name,
    scopes: readStored(columnOf("scopes"), row.scopes, readScopes),
    voices: readList("voices", row.voices),
    models: readList("models", row.models),
    quota: readQuota(row),
    maxConcurrency: row.max_concurrency ?? undefined,
    requestsPerSecond: row.requests_per_second ?? undefined,
    addresses: readList("addresses", row.addresses),
    expiresAtUnix: row.expires_at ?? undefined,
    createdAtUnix: row.created_at,
    revokedAtUnix: row.revoked_at ?? undefined,
    secrets,
  };
}

function readScopes(value: unknown): readonly Scope[] | undefined {
  const known: readonly string[] = scopes;
  const texts = readTexts(value);
  return texts?.every((text): text is Scope => known.includes(text)) ? texts : undefined;
}

function readQuota(row: Selectable<Tables["keys"]>): Quota | undefined {
  const { quota_characters: characters, quota_period: name } = row;
  if (characters === null && name === null) return undefined;
  const period = quotaPeriods.find((period) => period === name);
  if (characters === null || !period) throw new DamagedRowError("keys", "quota_period");
  return { characters, period };
}

const columnOf = (column: keyof Tables["keys"]): StoredIn => ({ table: "keys", column });

const formatList = (list: readonly string[] | undefined): string | null =>
  list ? formatStored(list) : null;

const readList = (
  column: "voices" | "models" | "addresses",
  json: string | null,
): readonly string[] | undefined =>
  json === null ? undefined : readStored(columnOf(column), json, readTexts);
