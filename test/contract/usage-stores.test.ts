import { beforeEach, describe, expect, it } from "vitest";
import { noUsage, type UsageEntry, type UsageStore } from "../../src/protocol/stores.ts";
import { MemoryUsage } from "../../src/store/usage.ts";
import { acrossLine } from "../support/line.ts";

const rows: readonly (readonly [name: string, create: () => Promise<UsageStore>])[] = [
  ["memory", () => Promise.resolve(new MemoryUsage())],
  ["memory of another process", () => Promise.resolve(acrossLine(new MemoryUsage()))],
];

const hour = 3600;
const start = 472_222 * hour;

const entry = (atUnix: number, more: Partial<UsageEntry> = {}): UsageEntry => ({
  atUnix,
  voiceId: "voice-a",
  modelId: "model-a",
  requests: 1,
  characters: 10,
  cost: 5,
  audioMs: 100,
  ...more,
});

const times = (count: number) => ({
  requests: count,
  characters: 10 * count,
  cost: 5 * count,
  audioMs: 100 * count,
});

describe.each(rows)("the usage store: %s", (_name, create) => {
  let store: UsageStore;
  beforeEach(async () => {
    store = await create();
  });

  it("is empty at first", async () => {
    expect(await store.total()).toEqual(noUsage);
    expect(await store.series({ edgesUnix: [start, start + hour], by: "all" })).toEqual([]);
  });

  it("adds up what falls into one bucket, also at its very ends", async () => {
    const edgesUnix = [start, start + hour, start + 3 * hour];
    for (const at of [0, 1, hour - 1, hour, 3 * hour - 1, 3 * hour, -1]) {
      await store.add(entry(start + at));
    }
    const buckets = [times(3), times(2)];
    expect(await store.series({ edgesUnix, by: "all" })).toEqual([{ key: "", buckets }]);
    expect(await store.total()).toEqual(times(7));
  });

  it("keeps voices and models apart, in the order of their keys", async () => {
    await store.add(entry(start, { voiceId: "voice-b" }));
    await store.add(entry(start, { modelId: "model-b" }));
    await store.add(entry(start + hour));
    const edgesUnix = [start, start + hour, start + 2 * hour];
    expect(await store.series({ edgesUnix, by: "voice" })).toEqual([
      { key: "voice-a", buckets: [times(1), times(1)] },
      { key: "voice-b", buckets: [times(1), noUsage] },
    ]);
    expect(await store.series({ edgesUnix, by: "model" })).toEqual([
      { key: "model-a", buckets: [times(1), times(1)] },
      { key: "model-b", buckets: [times(1), noUsage] },
    ]);
  });

  it("says nothing of what was used at other times", async () => {
    await store.add(entry(start));
    const edgesUnix = [start + hour, start + 2 * hour];
    expect(await store.series({ edgesUnix, by: "voice" })).toEqual([]);
  });
});
