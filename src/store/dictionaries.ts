import type { Transaction } from "kysely";
import type { DictionaryLocator, PronunciationRule } from "../protocol/pronunciation.ts";
import type {
  Dictionary,
  DictionaryPage,
  DictionaryQuery,
  DictionaryStore,
  DictionaryVersion,
  ResolvedDictionaries,
} from "../protocol/stores.ts";
import type { Database } from "./database.ts";
import { takeRoom } from "./dictionary-room.ts";
import {
  readDictionaries,
  readVersions,
  toDictionary,
  toRules,
  toVersion,
  type VersionRow,
} from "./dictionary-rows.ts";
import { createId } from "./ids.ts";
import { RuleCache, type VersionRules } from "./rule-cache.ts";
import { formatStored } from "./stored-texts.ts";
import type { Tables } from "./tables.ts";

const defaultMaxChars = 20_000_000;
/** Of rules that need not be read again: some of the largest dictionaries there may be. */
const maxCachedChars = 4_000_000;

const byName = new Intl.Collator("en").compare;

/**
 * Dictionaries with all their versions. Old versions stay usable, so nothing is ever dropped: what no
 * longer fits into `maxChars` characters is refused.
 */
export class SqlDictionaries implements DictionaryStore {
  readonly #database: Database;
  readonly #wallClock: () => number;
  readonly #maxChars: number;
  readonly #lately = new RuleCache(maxCachedChars);

  /** `wallClock` gives Unix time in ms. */
  constructor(database: Database, wallClock: () => number, maxChars: number = defaultMaxChars) {
    this.#database = database;
    this.#wallClock = wallClock;
    this.#maxChars = maxChars;
  }

  create({
    name,
    description,
    rules,
  }: Parameters<DictionaryStore["create"]>[0]): Promise<Dictionary> {
    return this.#database.query.transaction().execute(async (query) => {
      const id = createId();
      const latest = await this.#addVersion(query, id, rules);
      const row = await query
        .insertInto("dictionaries")
        .values({
          id,
          name,
          description: description ?? null,
          created_at: latest.created_at,
          archived_at: null,
          latest_version_id: latest.id,
        })
        .returningAll()
        .executeTakeFirstOrThrow();
      return toDictionary(row, latest);
    });
  }

  revise(
    id: string,
    change: (rules: readonly PronunciationRule[]) => readonly PronunciationRule[],
  ): Promise<Dictionary | undefined> {
    return this.#database.query.transaction().execute(async (query) => {
      const before = await query
        .selectFrom("dictionaries")
        .select("latest_version_id as versionId")
        .where("id", "=", id)
        // SQLite has no such words: its transactions come one after another anyway.
        .$if(this.#database.kind === "postgres", (select) => select.forUpdate())
        .executeTakeFirst();
      if (!before) return undefined;
      const seen = await query
        .selectFrom("dictionary_versions")
        .select("rules")
        .where("id", "=", before.versionId)
        .executeTakeFirstOrThrow();
      const latest = await this.#addVersion(query, id, change(toRules(seen)));
      const row = await query
        .updateTable("dictionaries")
        .set({ latest_version_id: latest.id })
        .where("id", "=", id)
        .returningAll()
        .executeTakeFirstOrThrow();
      return toDictionary(row, latest);
    });
  }

  async update(
    id: string,
    change: { readonly name: string | undefined; readonly archived: boolean | undefined },
  ): Promise<Dictionary | undefined> {
    await this.#database.query
      .updateTable("dictionaries")
      .set((row) => ({
        name: change.name ?? row.ref("name"),
        archived_at: {
          undefined: row.ref("archived_at"),
          true: row.fn.coalesce("archived_at", row.val(this.#nowUnix())),
          false: null,
        }[`${change.archived}`],
      }))
      .where("id", "=", id)
      .execute();
    return this.find(id);
  }

  async find(id: string): Promise<Dictionary | undefined> {
    return (await readDictionaries(this.#database.query, [id]))[0];
  }

  async findVersion(id: string, versionId: string): Promise<DictionaryVersion | undefined> {
    const row = (await readVersions(this.#database.query, [versionId])).get(versionId);
    return row?.dictionary_id === id ? toVersion(row) : undefined;
  }

  async list({
    pageSize,
    sort,
    descending,
    withArchived,
    afterId,
  }: DictionaryQuery): Promise<DictionaryPage | undefined> {
    const { query } = this.#database;
    const all = await query
      .selectFrom("dictionaries")
      .select(["id", "name", "archived_at as archivedAt"])
      .orderBy("number")
      .execute();
    if (sort === "name") all.sort((a, b) => byName(a.name, b.name));
    if (descending) all.reverse();
    const from = all.findIndex(({ id }) => id === afterId) + 1;
    if (afterId !== undefined && from === 0) return undefined;
    const found = all.slice(from).filter((each) => withArchived || each.archivedAt === null);
    const page = found.slice(0, pageSize).map(({ id }) => id);
    const dictionaries = await readDictionaries(query, page);
    return { dictionaries, hasMore: page.length < found.length };
  }

  async resolve(locators: readonly DictionaryLocator[]): Promise<ResolvedDictionaries> {
    const rules: PronunciationRule[] = [];
    const found: DictionaryLocator[] = [];
    const missing: DictionaryLocator[] = [];
    const latest = await this.#latestVersionIds(locators);
    const versionIdOf = ({ dictionaryId, versionId }: DictionaryLocator): string =>
      versionId ?? latest.get(dictionaryId) ?? "";
    const versions = await this.#rulesOf(locators.map(versionIdOf));
    for (const locator of locators) {
      const { dictionaryId } = locator;
      const version = versions.get(versionIdOf(locator));
      if (version?.dictionaryId === dictionaryId) {
        found.push({ dictionaryId, versionId: version.versionId });
        for (const rule of version.rules) rules.push(rule);
      } else {
        missing.push(locator);
      }
    }
    return { rules, found, missing };
  }

  /** By the id of the version. Those that nobody used lately have to be read. */
  async #rulesOf(ids: readonly string[]): Promise<ReadonlyMap<string, VersionRules>> {
    const versions = new Map<string, VersionRules>();
    for (const id of ids) {
      const known = this.#lately.get(id);
      if (known) versions.set(id, known);
    }
    const unknown = ids.filter((id) => !versions.has(id));
    for (const row of (await readVersions(this.#database.query, unknown)).values()) {
      const { id: versionId, dictionary_id: dictionaryId, chars } = row;
      const version = { dictionaryId, versionId, rules: toRules(row), chars };
      this.#lately.put(version);
      versions.set(versionId, version);
    }
    return versions;
  }

  /** By the id of the dictionary. */
  async #latestVersionIds(
    locators: readonly DictionaryLocator[],
  ): Promise<ReadonlyMap<string, string>> {
    const ids = locators.map(({ dictionaryId }) => dictionaryId);
    if (ids.length === 0) return new Map();
    const rows = await this.#database.query
      .selectFrom("dictionaries")
      .select(["id", "latest_version_id as versionId"])
      .where("id", "in", ids)
      .execute();
    return new Map(rows.map(({ id, versionId }) => [id, versionId]));
  }

  /** @throws {SpeechError} dictionaries_full */
  async #addVersion(
    query: Transaction<Tables>,
    dictionaryId: string,
    rules: readonly PronunciationRule[],
  ): Promise<VersionRow> {
    const chars = await takeRoom(query, rules, this.#maxChars);
    return query
      .insertInto("dictionary_versions")
      .values({
        id: createId(),
        dictionary_id: dictionaryId,
        created_at: this.#nowUnix(),
        rules: formatStored(rules),
        chars,
      })
      .returningAll()
      .executeTakeFirstOrThrow();
  }

  #nowUnix(): number {
    return Math.floor(this.#wallClock() / 1000);
  }
}
