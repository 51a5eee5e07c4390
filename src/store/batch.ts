import { type Kysely, type Selectable, sql } from "kysely";
import type { UsageEntry } from "../protocol/stores.ts";
import type { ConnectionRow } from "./connection-rows.ts";
import type { Database } from "./database.ts";
import { deleteSound } from "./history-deletion.ts";
import type { SoundPart } from "./sound-parts.ts";
import type { Tables } from "./tables.ts";
import type { TurnRow } from "./turn-rows.ts";
import { toKeepable } from "./well-formed-text.ts";

type UsageRow = Selectable<Tables["usage"]>;

export const hourSeconds = 3600;

/** Rows of one statement, so that making it does not hold up the event loop. */
const statementRows = 50;

/** What is written in one transaction. */
export class Batch {
  readonly turns: TurnRow[] = [];
  readonly connections: ConnectionRow[] = [];
  readonly parts: SoundPart[] = [];
  /** Turns of whose sound nothing stays. */
  readonly withoutSound: Set<string> = new Set();
  /** PostgreSQL's name of the transaction that was to write it; its end may not have been heard of. */
  transaction: string | undefined;
  readonly #usage = new Map<string, UsageRow>();
  #soundBytes = 0;
  #connectionBytes = 0;
  #textLength = 0;
  #deferred = createDeferred();

  get isEmpty(): boolean {
    const { turns, parts, connections, withoutSound } = this;
    const rows = turns.length + parts.length + connections.length;
    return rows + withoutSound.size + this.#usage.size === 0;
  }

  get connectionBytes(): number {
    return this.#connectionBytes;
  }

  get soundBytes(): number {
    return this.#soundBytes;
  }

  /** Of all turns, in UTF-16 code units. */
  get textLength(): number {
    return this.#textLength;
  }

  /** In an order that all servers share: two that lock the same rows do not wait for each other. */
  get usage(): readonly UsageRow[] {
    return Array.from(this.#usage)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([, row]) => row);
  }

  /** @throws {RangeError} if what is counted is no whole number */
  addUsage({ atUnix, ...entry }: UsageEntry): void {
    const { requests, characters, cost, audioMs } = entry;
    const isCountable =
      [requests, characters, cost].every(Number.isSafeInteger) && Number.isFinite(audioMs);
    if (!isCountable || !Number.isFinite(atUnix)) {
      throw new RangeError("Requests, characters and cost are whole numbers, times are finite");
    }
    const hour = Math.floor(atUnix / hourSeconds);
    const ids = [entry.keyId, entry.voiceId, entry.modelId].map(toKeepable) as string[];
    const [key_id = "", voice_id = "", model_id = ""] = ids;
    const name = [hour, ...ids].join("\0");
    const row = this.#usage.get(name);
    this.#usage.set(name, {
      hour,
      key_id,
      voice_id,
      model_id,
      requests: requests + (row?.requests ?? 0),
      characters: characters + (row?.characters ?? 0),
      cost: cost + (row?.cost ?? 0),
      audio_ms: audioMs + (row?.audio_ms ?? 0),
    });
  }

  addTurn(row: TurnRow): void {
    this.turns.push(row);
    this.#textLength += row.text.length;
  }

  addConnection(row: ConnectionRow): void {
    this.connections.push(row);
    this.#connectionBytes += row.bytes;
  }

  addParts(parts: readonly SoundPart[]): void {
    for (const part of parts) {
      this.parts.push(part);
      this.#soundBytes += part.bytes.length;
    }
  }

  /** Resolves when it is written; rejects if that does not work for now. */
  get kept(): Promise<void> {
    return this.#deferred.promise;
  }

  /** It was written. */
  settle(): void {
    this.#deferred.resolve();
  }

  /** Whoever waits hears that it was not written. Others may go on waiting for it. */
  refuse(error: Error): void {
    this.#deferred.reject(error);
    this.#deferred = createDeferred();
  }
}

/**
 * Keeps a batch: all of it or nothing, but for sound that is deleted, which may be done twice. Turns
 * and parts that are there already stay as they are.
 */
export async function writeBatch(database: Database, batch: Batch): Promise<void> {
  if (await isWritten(database, batch)) return;
  for (const ids of inStatements([...batch.withoutSound])) await deleteSound(database, ids);
  await database.query.transaction().execute(async (query) => {
    if (database.kind === "postgres") batch.transaction = await nameTransaction(query);
    for (const { turnId, part, bytes } of batch.parts) {
      await query
        .insertInto("turn_audio")
        .values({ turn_id: turnId, part, bytes })
        .onConflict((conflict) => conflict.columns(["turn_id", "part"]).doNothing())
        .execute();
    }
    for (const rows of inStatements(batch.turns)) {
      await query
        .insertInto("turns")
        .values(rows)
        .onConflict((conflict) => conflict.column("id").doNothing())
        .execute();
    }
    for (const rows of inStatements(batch.connections)) {
      await query
        .insertInto("connections")
        .values(rows)
        .onConflict((conflict) => conflict.column("id").doNothing())
        .execute();
    }
    for (const rows of inStatements(batch.usage)) {
      await query
        .insertInto("usage")
        .values(rows)
        .onConflict((conflict) =>
          conflict.columns(["hour", "key_id", "voice_id", "model_id"]).doUpdateSet((is) => ({
            requests: is("usage.requests", "+", is.ref("excluded.requests")),
            characters: is("usage.characters", "+", is.ref("excluded.characters")),
            cost: is("usage.cost", "+", is.ref("excluded.cost")),
            audio_ms: is("usage.audio_ms", "+", is.ref("excluded.audio_ms")),
          })),
        )
        .execute();
    }
  });
}

/** Whether it was written after all, when the connection broke before the answer came. */
async function isWritten({ query }: Database, { transaction }: Batch): Promise<boolean> {
  if (transaction === undefined) return false;
  const { rows } = await sql<{ status: string | null }>`
    select pg_xact_status(${transaction}::xid8) as status
  `.execute(query);
  const status = rows[0]?.status;
  if (status === "in progress") throw new Error("The transaction has not ended yet");
  return status === "committed";
}

async function nameTransaction(query: Kysely<Tables>): Promise<string | undefined> {
  const { rows } = await sql<{ name: string }>`
    select pg_current_xact_id()::text as name
  `.execute(query);
  return rows[0]?.name;
}

function inStatements<Row>(rows: readonly Row[]): Row[][] {
  return Array.from({ length: Math.ceil(rows.length / statementRows) }, (_, index) =>
    rows.slice(index * statementRows, (index + 1) * statementRows),
  );
}

interface Deferred {
  readonly promise: Promise<void>;
  resolve(): void;
  reject(error: Error): void;
}

function createDeferred(): Deferred {
  let resolve = (): void => {};
  let reject = (_error: Error): void => {};
  const promise = new Promise<void>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  // Not everybody who adds something waits for it.
  promise.catch(() => {});
  return { promise, resolve, reject };
}
