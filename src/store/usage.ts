import { type RawBuilder, sql } from "kysely";
import {
  noUsage,
  type Usage,
  type UsageEntry,
  type UsageQuery,
  type UsageSeries,
  type UsageStore,
} from "../protocol/stores.ts";
import { hourSeconds } from "./batch.ts";
import type { Database } from "./database.ts";
import type { WriteBehind } from "./write-behind.ts";

/** What was used in one bucket of time; the database adds it up. */
interface BucketRow extends Usage {
  readonly bucket: number;
  readonly key: string;
}

/** Buckets that one query asks for, so that it does not keep others waiting. */
const queryBuckets = 200;

const sums: RawBuilder<Usage> = sql`
  coalesce(sum(requests), 0) as "requests",
  coalesce(sum(characters), 0) as "characters",
  coalesce(sum(cost), 0) as "cost",
  coalesce(sum(audio_ms), 0) as "audioMs"`;

const keyColumns = {
  all: sql`''`,
  voice: sql.ref("voice_id"),
  model: sql.ref("model_id"),
} as const;

/** Usage by the hour, for as long as the database lasts. Nothing of it is ever dropped, in memory neither. */
export class SqlUsage implements UsageStore {
  readonly #database: Database;
  readonly #behind: WriteBehind;

  constructor(database: Database, behind: WriteBehind) {
    this.#database = database;
    this.#behind = behind;
  }

  add(entry: UsageEntry): Promise<void> {
    return this.#behind.addUsage(entry);
  }

  flushed(): Promise<void> {
    return this.#behind.flushed();
  }

  async series(query: UsageQuery): Promise<readonly UsageSeries[]> {
    await this.#behind.flushed();
    const count = Math.max(0, query.edgesUnix.length - 1);
    const byKey = new Map<string, Usage[]>();
    for (let first = 0; first < count; first += queryBuckets) {
      for (const row of await this.#buckets(query, first, Math.min(count, first + queryBuckets))) {
        const { bucket, key, ...usage } = row;
        const buckets = byKey.get(key) ?? Array.from({ length: count }, () => noUsage);
        buckets[bucket] = usage;
        byKey.set(key, buckets);
      }
    }
    const series = Array.from(byKey, ([key, buckets]) => ({ key, buckets }));
    return series.toSorted((a, b) => (a.key < b.key ? -1 : 1));
  }

  async total(keyId: string | undefined): Promise<Usage> {
    await this.#behind.flushed();
    const { rows } = await sql<Usage>`select ${sums} from usage where ${ofKey(keyId)}`.execute(
      this.#database.query,
    );
    return rows[0] ?? noUsage;
  }

  /** What was used in the buckets from `first` up to `end`; those in which nothing was are left out. */
  async #buckets(
    { edgesUnix, by, keyId }: UsageQuery,
    first: number,
    end: number,
  ): Promise<readonly BucketRow[]> {
    const edges = edgesUnix.slice(first, end + 1).map((unix) => Math.ceil(unix / hourSeconds));
    // Numbers of ours, written out: as parameters they take ten times as long.
    const buckets = edges
      .slice(1)
      .map((until, index) => `(${first + index}, ${edges[index]}, ${until})`)
      .join();
    // A cross join keeps SQLite from going through all usage once for each bucket.
    const { rows } = await sql<BucketRow>`
      with buckets (bucket, first_hour, end_hour) as (values ${sql.raw(buckets)})
      select bucket as "bucket", ${keyColumns[by]} as "key", ${sums}
      from buckets cross join usage
      where hour >= first_hour and hour < end_hour and ${ofKey(keyId)}
      group by 1, 2
      having sum(requests) <> 0 or sum(characters) <> 0 or sum(cost) <> 0 or sum(audio_ms) <> 0
    `.execute(this.#database.query);
    return rows;
  }
}

const ofKey = (keyId: string | undefined): RawBuilder<unknown> =>
  keyId === undefined ? sql`1 = 1` : sql`key_id = ${keyId}`;
