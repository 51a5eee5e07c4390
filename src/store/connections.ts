import type { SelectQueryBuilder } from "kysely";
import type {
  ConnectionPage,
  ConnectionQuery,
  ConnectionRecord,
  ConnectionStore,
  ConnectionSummary,
} from "../protocol/connections.ts";
import type { RecordLimits } from "../protocol/records.ts";
import {
  type ConnectionSummaryRow,
  isKnown,
  toConnectionRecord,
  toConnectionSummary,
} from "./connection-rows.ts";
import type { Database } from "./database.ts";
import { forgetDeleted } from "./history-deletion.ts";
import { DamagedRowError } from "./stored-json.ts";
import type { Tables } from "./tables.ts";
import type { WriteBehind } from "./write-behind.ts";

/** Rows that one statement deletes, so that it does not keep others waiting. */
const deletedRows = 200;

const summaryColumns = [
  "id",
  "key_id",
  "voice_id",
  "dialect",
  "cause",
  "opened_at_ms",
  "facts",
] as const;

/** The stories of connections, until they are deleted. */
export class SqlConnections implements ConnectionStore {
  readonly #database: Database;
  readonly #behind: WriteBehind;

  readonly #onFault: (error: unknown) => void;

  constructor(database: Database, behind: WriteBehind, onFault: (error: unknown) => void) {
    this.#database = database;
    this.#behind = behind;
    this.#onFault = onFault;
  }

  add(record: ConnectionRecord): void {
    this.#behind.addConnection(record);
  }

  async list({ pageSize, ...query }: ConnectionQuery): Promise<ConnectionPage> {
    await this.#behind.flushed();
    const rows = await this.#found(query)
      .select(summaryColumns)
      .orderBy("opened_at_ms", "desc")
      .orderBy("id", "desc")
      .limit(pageSize + 1)
      .execute();
    const shown = rows.slice(0, pageSize);
    const connections = shown.filter(isKnown).flatMap((row) => this.#readable(row));
    const last = rows.length > pageSize ? shown.at(-1) : undefined;
    return { connections, next: last && { openedAtMs: last.opened_at_ms, id: last.id } };
  }

  async find(id: string): Promise<ConnectionRecord | undefined> {
    await this.#behind.flushed();
    const row = await this.#database.query
      .selectFrom("connections")
      .selectAll()
      .where("id", "=", id)
      .executeTakeFirst();
    return row && toConnectionRecord(row);
  }

  async prune({ beforeUnix, maxBytes }: RecordLimits): Promise<number> {
    await this.#behind.flushed();
    let count = 0;
    for (;;) {
      const old = (await this.#oldest()).filter(({ openedAtMs }) => openedAtMs < beforeUnix * 1000);
      if (old.length === 0) break;
      count += await this.#delete(old.map(({ id }) => id));
    }
    let excessBytes = (await this.#bytes()) - maxBytes;
    while (excessBytes > 0) {
      const ids: string[] = [];
      for (const { id, bytes } of await this.#oldest()) {
        if (excessBytes <= 0) break;
        ids.push(id);
        excessBytes -= bytes;
      }
      if (ids.length === 0) break;
      count += await this.#delete(ids);
    }
    return count;
  }

  async forgetContent(beforeMs: number): Promise<void> {
    await this.#behind.flushed();
    const { numUpdatedRows } = await this.#database.query
      .updateTable("connections")
      .set({ content: null })
      .where("content", "is not", null)
      .where("opened_at_ms", "<", Math.round(beforeMs))
      .executeTakeFirstOrThrow();
    if (numUpdatedRows > 0n) await forgetDeleted(this.#database);
  }

  /** None of a row that is damaged: the others can be read. */
  #readable(row: ConnectionSummaryRow): ConnectionSummary[] {
    try {
      return [toConnectionSummary(row)];
    } catch (error) {
      if (!(error instanceof DamagedRowError)) throw error;
      this.#onFault(error);
      return [];
    }
  }

  #found(
    query: Omit<ConnectionQuery, "pageSize">,
  ): SelectQueryBuilder<Tables, "connections", object> {
    const { keyId, voiceId, causeId, fromMs, untilMs, after } = query;
    const conditions = [
      ["key_id", "=", keyId],
      ["voice_id", "=", voiceId],
      ["cause", "=", causeId],
      ["opened_at_ms", ">=", fromMs],
      ["opened_at_ms", "<", untilMs],
    ] as const;
    let found: SelectQueryBuilder<Tables, "connections", object> =
      this.#database.query.selectFrom("connections");
    for (const [column, operator, value] of conditions) {
      if (value !== undefined) found = found.where(column, operator, value);
    }
    if (after === undefined) return found;
    return found.where((is) =>
      is.or([
        is("opened_at_ms", "<", after.openedAtMs),
        is.and([is("opened_at_ms", "=", after.openedAtMs), is("id", "<", after.id)]),
      ]),
    );
  }

  #oldest(): Promise<
    { readonly id: string; readonly openedAtMs: number; readonly bytes: number }[]
  > {
    return this.#database.query
      .selectFrom("connections")
      .select(["id", "opened_at_ms as openedAtMs", "bytes"])
      .orderBy("opened_at_ms")
      .orderBy("id")
      .limit(deletedRows)
      .execute();
  }

  async #bytes(): Promise<number> {
    const { sum } = await this.#database.query
      .selectFrom("connections")
      .select(({ fn }) => fn.sum<number | null>("bytes").as("sum"))
      .executeTakeFirstOrThrow();
    return sum ?? 0;
  }

  async #delete(ids: readonly string[]): Promise<number> {
    const { numDeletedRows } = await this.#database.query
      .deleteFrom("connections")
      .where("id", "in", ids)
      .executeTakeFirstOrThrow();
    return Number(numDeletedRows);
  }
}
