import { type SelectQueryBuilder, sql } from "kysely";
import type { RecordLimits, TurnRecord } from "../protocol/records.ts";
import type { HistoryPage, HistoryQuery, HistoryStore } from "../protocol/stores.ts";
import type { Database } from "./database.ts";
import { pruneTurns } from "./history-pruning.ts";
import { deleteTurns } from "./history-deletion.ts";
import type { Tables } from "./tables.ts";
import { toTurnRecord, type TurnRow } from "./turn-rows.ts";
import type { WriteBehind } from "./write-behind.ts";

/** Turns that one query searches through, so that it does not keep others waiting. */
const searchedTurns = 2000;

/**
 * Turns and their sound, until they are deleted. Texts are searched for in any case of the letters
 * A to Z; other letters have to be written as in the text, because databases do not agree on them.
 */
export class SqlHistory implements HistoryStore {
  readonly #database: Database;
  readonly #behind: WriteBehind;

  constructor(database: Database, behind: WriteBehind) {
    this.#database = database;
    this.#behind = behind;
  }

  add(turn: TurnRecord): Promise<void> {
    return this.#behind.addTurn(turn);
  }

  addAudio(turnId: string, bytes: Uint8Array): void {
    this.#behind.addAudio(turnId, bytes);
  }

  dropAudio(turnId: string): void {
    this.#behind.dropAudio(turnId);
  }

  async list(query: HistoryQuery): Promise<HistoryPage> {
    await this.#behind.flushed();
    const rows = await this.#rows(query, query.pageSize + 1);
    const turns = rows.slice(0, query.pageSize).map(toTurnRecord);
    return { turns, hasMore: turns.length < rows.length };
  }

  async find(id: string): Promise<TurnRecord | undefined> {
    await this.#behind.flushed();
    const { query } = this.#database;
    const row = await query.selectFrom("turns").selectAll().where("id", "=", id).executeTakeFirst();
    return row && toTurnRecord(row);
  }

  async *audio(id: string): AsyncGenerator<Uint8Array> {
    await this.#behind.flushed();
    const { query } = this.#database;
    const turn = await query
      .selectFrom("turns")
      .select("audio_bytes")
      .where("id", "=", id)
      .executeTakeFirst();
    let leftBytes = turn?.audio_bytes ?? 0;
    for (let part = 0; leftBytes > 0; part += 1) {
      const row = await query
        .selectFrom("turn_audio")
        .select("bytes")
        .where("turn_id", "=", id)
        .where("part", "=", part)
        .executeTakeFirst();
      if (!row) throw new Error("The turn was deleted while its sound was read");
      leftBytes -= row.bytes.length;
      yield row.bytes;
    }
  }

  async delete(id: string): Promise<boolean> {
    await this.#behind.flushed();
    return (await deleteTurns(this.#database, [id])) > 0;
  }

  async prune(limits: RecordLimits): Promise<number> {
    await this.#behind.flushed();
    return pruneTurns(this.#database, limits);
  }

  /** The first rows a query asks for. */
  async #rows(query: HistoryQuery, count: number): Promise<readonly TurnRow[]> {
    const direction = query.order === "newest-first" ? "desc" : "asc";
    if (query.search === undefined) {
      return this.#turns(query).selectAll().orderBy("id", direction).limit(count).execute();
    }
    const found: TurnRow[] = [];
    let { afterId } = query;
    for (;;) {
      const turns = this.#turns({ ...query, afterId }).orderBy("id", direction);
      const last = await turns
        .select("id")
        .limit(1)
        .offset(searchedTurns - 1)
        .executeTakeFirst();
      let searched = turns.where(isWithin(query.search));
      if (last) searched = searched.where("id", direction === "desc" ? ">=" : "<=", last.id);
      found.push(
        ...(await searched
          .selectAll()
          .limit(count - found.length)
          .execute()),
      );
      if (!last || found.length === count) return found;
      afterId = last.id;
    }
  }

  /** The turns a query asks for, whatever their texts. */
  #turns(query: HistoryQuery): SelectQueryBuilder<Tables, "turns", object> {
    const { fromUnix, untilUnix } = query;
    const conditions = [
      ["key_id", "=", query.keyId],
      ["voice_id", "=", query.voiceId],
      ["model_id", "=", query.modelId],
      ["started_at", ">=", fromUnix === undefined ? undefined : toWhole(fromUnix)],
      ["started_at", "<", untilUnix === undefined ? undefined : toWhole(untilUnix)],
      ["id", query.order === "newest-first" ? "<" : ">", query.afterId],
    ] as const;
    let found: SelectQueryBuilder<Tables, "turns", object> =
      this.#database.query.selectFrom("turns");
    for (const [column, operator, value] of conditions) {
      if (value !== undefined) found = found.where(column, operator, value);
    }
    return found;
  }
}

/** The same moment among whole seconds, none of which is beyond what a database can count. */
const toWhole = (unix: number): number =>
  Math.min(Math.max(Math.ceil(unix), Number.MIN_SAFE_INTEGER), Number.MAX_SAFE_INTEGER);

/** `lower` knows no more than ASCII in either database: the column sorts by codes. */
const isWithin = (search: string) => {
  const letters = search.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  const pattern = `%${letters.replace(/[\\%_]/g, "\\$&")}%`;
  return sql<boolean>`lower(text) like ${pattern} escape '\\'`;
};
