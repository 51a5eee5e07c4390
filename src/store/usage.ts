import {
  noUsage,
  type Usage,
  type UsageEntry,
  type UsageQuery,
  type UsageSeries,
  type UsageStore,
} from "../protocol/stores.ts";

/** What one voice spoke with one model in one hour. */
interface Row {
  readonly hour: number;
  readonly voiceId: string;
  readonly modelId: string;
  usage: Usage;
}

const hourSeconds = 3600;

/**
 * Usage by the hour, in memory. At most `maxRows` combinations of hour, voice and model are kept,
 * which is a year of four voices; the oldest hours go first, but their total stays.
 */
export class MemoryUsage implements UsageStore {
  readonly #maxRows: number;
  readonly #rows = new Map<string, Row>();
  #total: Usage = noUsage;

  constructor(maxRows = 40_000) {
    this.#maxRows = maxRows;
  }

  add(entry: UsageEntry): Promise<void> {
    const { voiceId, modelId } = entry;
    const hour = Math.floor(entry.atUnix / hourSeconds);
    const name = `${hour} ${voiceId} ${modelId}`;
    const row = this.#rows.get(name);
    if (row) row.usage = sum(row.usage, entry);
    else this.#rows.set(name, { hour, voiceId, modelId, usage: sum(noUsage, entry) });
    this.#total = sum(this.#total, entry);
    if (this.#rows.size > this.#maxRows) this.#dropOldestHour();
    return Promise.resolve();
  }

  series({ edgesUnix, by }: UsageQuery): Promise<readonly UsageSeries[]> {
    const count = Math.max(0, edgesUnix.length - 1);
    const byKey = new Map<string, Usage[]>();
    for (const { hour, voiceId, modelId, usage } of this.#rows.values()) {
      const index = bucketOf(edgesUnix, hour * hourSeconds);
      if (index < 0 || index >= count) continue;
      const key = { all: "", voice: voiceId, model: modelId }[by];
      const buckets = byKey.get(key) ?? Array.from({ length: count }, () => noUsage);
      buckets[index] = sum(buckets[index] ?? noUsage, usage);
      byKey.set(key, buckets);
    }
    const series = Array.from(byKey, ([key, buckets]) => ({ key, buckets }));
    return Promise.resolve(series.toSorted((a, b) => (a.key < b.key ? -1 : 1)));
  }

  total(): Promise<Usage> {
    return Promise.resolve(this.#total);
  }

  #dropOldestHour(): void {
    const oldest = Math.min(...Array.from(this.#rows.values(), ({ hour }) => hour));
    for (const [name, { hour }] of this.#rows) if (hour === oldest) this.#rows.delete(name);
  }
}

/** Index of the last edge that is not after the moment; -1 before the first one. */
function bucketOf(edgesUnix: readonly number[], atUnix: number): number {
  let low = 0;
  let high = edgesUnix.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((edgesUnix[middle] ?? 0) <= atUnix) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

function sum(a: Usage, b: Usage): Usage {
  return {
    requests: a.requests + b.requests,
    characters: a.characters + b.characters,
    cost: a.cost + b.cost,
    audioMs: a.audioMs + b.audioMs,
  };
}
