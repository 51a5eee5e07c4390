import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { noUsage, type UsageEntry } from "../../src/protocol/stores.ts";
import { Batch, writeBatch } from "../../src/store/batch.ts";
import { openDatabase } from "../../src/store/database.ts";
import { toTurnRow } from "../../src/store/turn-rows.ts";
import { databaseRows, type OpenedDatabase } from "../support/databases.ts";
import { openRecordStores, type RecordStores, turnOf } from "../support/record-stores.ts";

const hour = 3600;
const start = 472_222 * hour;

const entry = (atUnix: number, more: Partial<UsageEntry> = {}): UsageEntry => ({
  atUnix,
  keyId: "key-a",
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

for (const row of databaseRows) {
  describe.skipIf(row.skip)(`the usage store: ${row.name}`, () => {
    let opened: OpenedDatabase;
    let stores: RecordStores;
    beforeEach(async () => {
      opened = await row.open();
      stores = openRecordStores(opened.database);
    });
    afterEach(async () => {
      await stores.behind.close();
      await opened.close();
      if (stores.faults.length > 0) throw new AggregateError(stores.faults, "Something went wrong");
    });

    const add = (...entries: readonly UsageEntry[]): void => {
      for (const each of entries) void stores.usage.add(each);
    };
    const query = { edgesUnix: [start, start + hour], by: "all", keyId: undefined } as const;

    it("is empty at first", async () => {
      expect(await stores.usage.total(undefined)).toEqual(noUsage);
      expect(await stores.usage.total("key-a")).toEqual(noUsage);
      expect(await stores.usage.series(query)).toEqual([]);
      expect(await stores.usage.series({ ...query, edgesUnix: [] })).toEqual([]);
      expect(await stores.usage.series({ ...query, edgesUnix: [start] })).toEqual([]);
    });

    it("counts at once what nobody has waited for", async () => {
      add(entry(start));
      expect(await stores.usage.total(undefined)).toEqual(times(1));
      await stores.usage.add(entry(start));
      add(entry(start));
      expect(await stores.usage.total(undefined)).toEqual(times(3));
    });

    it("adds up what falls into one bucket, also at its very ends", async () => {
      const edgesUnix = [start, start + hour, start + 3 * hour];
      add(...[0, 1, hour - 1, hour, 3 * hour - 1, 3 * hour, -1].map((at) => entry(start + at)));
      const buckets = [times(3), times(2)];
      expect(await stores.usage.series({ ...query, edgesUnix })).toEqual([{ key: "", buckets }]);
      expect(await stores.usage.total(undefined)).toEqual(times(7));
    });

    it("keeps voices and models apart, in the order of the codes of their keys", async () => {
      add(entry(start, { voiceId: "Voice-b" }), entry(start, { modelId: "model-b" }));
      add(entry(start + hour));
      const edgesUnix = [start, start + hour, start + 2 * hour];
      expect(await stores.usage.series({ ...query, edgesUnix, by: "voice" })).toEqual([
        { key: "Voice-b", buckets: [times(1), noUsage] },
        { key: "voice-a", buckets: [times(1), times(1)] },
      ]);
      expect(await stores.usage.series({ ...query, edgesUnix, by: "model" })).toEqual([
        { key: "model-a", buckets: [times(1), times(1)] },
        { key: "model-b", buckets: [times(1), noUsage] },
      ]);
    });

    it("keeps keys apart, and has one for those who need none", async () => {
      add(
        entry(start),
        entry(start),
        entry(start, { keyId: "" }),
        entry(start, { keyId: "key-b" }),
      );
      expect(await stores.usage.total("key-a")).toEqual(times(2));
      expect(await stores.usage.total("")).toEqual(times(1));
      expect(await stores.usage.total("key-c")).toEqual(noUsage);
      expect(await stores.usage.series({ ...query, keyId: "key-a" })).toEqual([
        { key: "", buckets: [times(2)] },
      ]);
      expect(await stores.usage.series(query)).toEqual([{ key: "", buckets: [times(4)] }]);
    });

    it("takes back what is counted with less than nothing", async () => {
      add(entry(start, { voiceId: "voice-b" }), entry(start), entry(start));
      await stores.behind.flushed();
      const back = { requests: -1, characters: -10, cost: -5, audioMs: -100 };
      add(entry(start, back), entry(start, { ...back, voiceId: "voice-b" }));
      expect(await stores.usage.total(undefined)).toEqual(times(1));
      expect(await stores.usage.series({ ...query, by: "voice" })).toEqual([
        { key: "voice-a", buckets: [times(1)] },
      ]);
    });

    it("says nothing of what was used at other times", async () => {
      add(entry(start));
      const edgesUnix = [start + hour, start + 2 * hour];
      expect(await stores.usage.series({ ...query, edgesUnix, by: "voice" })).toEqual([]);
    });

    it("answers for a year of hours", async () => {
      const count = 366 * 24;
      const edgesUnix = Array.from({ length: count + 1 }, (_, index) => start + index * hour);
      const used = [0, 199, 200, 5000, count - 1];
      add(...used.map((index) => entry(start + index * hour)));
      const [series, ...others] = await stores.usage.series({ ...query, edgesUnix });
      expect(others).toEqual([]);
      expect(series?.buckets).toHaveLength(count);
      const found = series?.buckets.flatMap(({ requests }, index) => (requests > 0 ? [index] : []));
      expect(found).toEqual(used);
    });

    it("counts exactly what is far beyond 32 bits", async () => {
      const characters = 2 ** 50 + 1;
      add(entry(start, { characters }), entry(start + hour, { characters }));
      expect((await stores.usage.total(undefined)).characters).toBe(2 ** 51 + 2);
    });

    it.skipIf(row.kind !== "postgres")(
      "counts once what was written before the connection broke",
      async () => {
        const batch = new Batch();
        batch.addUsage(entry(start));
        await writeBatch(opened.database, batch);
        await writeBatch(opened.database, batch);
        expect(await stores.usage.total(undefined)).toEqual(times(1));
      },
    );

    it.skipIf(row.kind !== "postgres")(
      "counts what was rolled back when it comes again",
      async () => {
        const batch = new Batch();
        batch.addUsage(entry(start));
        batch.addTurn({ ...toTurnRow(turnOf("a"), 0), characters: 1.5 });
        await expect(writeBatch(opened.database, batch)).rejects.toThrow("bigint");
        batch.turns.pop();
        await writeBatch(opened.database, batch);
        expect(await stores.usage.total(undefined)).toEqual(times(1));
      },
    );

    it.skipIf(row.kind === "memory")("is exact when several servers count at once", async () => {
      const others = await Promise.all([1, 2].map(() => openDatabase(opened.place)));
      const servers = [stores, ...others.map((database) => openRecordStores(database))];
      await Promise.all(
        servers.map(async ({ usage, behind }, server) => {
          for (let number = 0; number < 150; number += 1) {
            // Each in another order, so that they lock the same rows crosswise.
            const voices = server % 2 === 0 ? ["voice-a", "voice-b"] : ["voice-b", "voice-a"];
            for (const voiceId of voices) void usage.add(entry(start, { voiceId }));
            await behind.flushed();
          }
        }),
      );
      expect(await stores.usage.total(undefined)).toEqual(times(900));
      expect(await stores.usage.series({ ...query, by: "voice" })).toEqual([
        { key: "voice-a", buckets: [times(450)] },
        { key: "voice-b", buckets: [times(450)] },
      ]);
      expect(servers.flatMap(({ faults }) => faults)).toEqual([]);
      for (const { behind } of servers) await behind.close();
      for (const database of others) await database.close();
    });
  });
}
