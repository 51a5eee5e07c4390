import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { QuotaStore, QuotaUse } from "../../src/protocol/accounts.ts";
import { SqlQuotas } from "../../src/store/quotas.ts";
import { databaseRows, type OpenedDatabase } from "../support/databases.ts";
import { hostileTexts } from "../support/hostile-texts.ts";
import { openSeveral, type SeveralDatabases } from "../support/several-databases.ts";

const daySeconds = 24 * 60 * 60;
const nowUnix = 1_700_000_000;

for (const row of databaseRows) {
  describe.skipIf(row.skip)(`the quota store: ${row.name}`, () => {
    let opened: OpenedDatabase;
    let several: SeveralDatabases;
    let store: QuotaStore;
    let stores: readonly QuotaStore[];
    let keys = 0;
    beforeAll(async () => {
      opened = await row.open();
      several = await openSeveral(opened, 4);
      const create = (database: OpenedDatabase["database"]): QuotaStore =>
        new SqlQuotas(database, () => nowUnix * 1000);
      store = create(opened.database);
      stores = several.databases.map(create);
    });
    afterAll(async () => {
      await several.close();
      await opened.close();
    });

    /** Nobody else has used its key. */
    const useOf = (cost: number): QuotaUse => {
      keys += 1;
      return { keyId: `key ${keys}`, periodStartUnix: nowUnix, cost };
    };

    it("takes what there is room for, to the last character", async () => {
      const use = useOf(60);
      expect(await store.take(use, 100)).toEqual({ isTaken: true, used: 60 });
      expect(await store.take(use, 100)).toEqual({ isTaken: false, used: 60 });
      expect(await store.take({ ...use, cost: 40 }, 100)).toEqual({ isTaken: true, used: 100 });
      expect(await store.take({ ...use, cost: 1 }, 100)).toEqual({ isTaken: false, used: 100 });
      expect(await store.take({ ...use, cost: 0 }, 100)).toEqual({ isTaken: true, used: 100 });
      expect(await store.used(use.keyId, use.periodStartUnix)).toBe(100);
    });

    it("takes nothing that is more than the limit, even first", async () => {
      const use = useOf(101);
      expect(await store.take(use, 100)).toEqual({ isTaken: false, used: 0 });
      expect(await store.used(use.keyId, use.periodStartUnix)).toBe(0);
      expect(await store.take({ ...use, cost: 100 }, 100)).toEqual({ isTaken: true, used: 100 });
    });

    it("goes by the limit of each call", async () => {
      const use = useOf(100);
      await store.take(use, 100);
      expect(await store.take(use, 150)).toEqual({ isTaken: false, used: 100 });
      expect(await store.take(use, 200)).toEqual({ isTaken: true, used: 200 });
      expect(await store.take({ ...use, cost: 1 }, 50)).toEqual({ isTaken: false, used: 200 });
    });

    it("gives back, but never more than was used", async () => {
      const use = useOf(70);
      await store.take(use, 100);
      await store.giveBack({ ...use, cost: 30 });
      expect(await store.used(use.keyId, use.periodStartUnix)).toBe(40);
      expect(await store.take({ ...use, cost: 60 }, 100)).toEqual({ isTaken: true, used: 100 });
      await store.giveBack({ ...use, cost: 101 });
      expect(await store.used(use.keyId, use.periodStartUnix)).toBe(0);
      const unused = useOf(5);
      await store.giveBack(unused);
      expect(await store.used(unused.keyId, unused.periodStartUnix)).toBe(0);
    });

    it("counts every key and every period by itself", async () => {
      const use = useOf(100);
      const next = { ...use, periodStartUnix: nowUnix + 3600 };
      await store.take(use, 100);
      expect(await store.take(useOf(100), 100)).toMatchObject({ isTaken: true });
      expect(await store.take(next, 100)).toEqual({ isTaken: true, used: 100 });
      await store.giveBack({ ...next, cost: 40 });
      expect(await store.used(use.keyId, use.periodStartUnix)).toBe(100);
      expect(await store.used(use.keyId, next.periodStartUnix)).toBe(60);
    });

    it("counts amounts beyond 32 bits", async () => {
      const use = useOf(2 ** 40);
      await store.take(use, 2 ** 50);
      expect(await store.take({ ...use, cost: 1 }, 2 ** 50)).toMatchObject({ used: 2 ** 40 + 1 });
    });

    it("forgets periods that ended long ago, and no other", async () => {
      const use = useOf(10);
      const starts = [0, nowUnix - 63 * daySeconds, nowUnix - 61 * daySeconds];
      for (const periodStartUnix of starts) await store.take({ ...use, periodStartUnix }, 100);
      await store.take(use, 100);
      const used = [...starts, nowUnix].map((start) => store.used(use.keyId, start));
      expect(await Promise.all(used)).toEqual([10, 0, 10, 10]);
    });

    it("keeps apart keys of any name", async () => {
      for (const [index, keyId] of hostileTexts.entries()) {
        const use = { keyId: `${index} ${keyId}`, periodStartUnix: nowUnix, cost: index + 1 };
        await store.take(use, 100);
        expect(await store.used(use.keyId, nowUnix)).toBe(index + 1);
      }
    });

    it("never passes the limit and adds up exactly, however many take at once", async () => {
      const act = fc.record({
        by: fc.nat({ max: 3 }),
        cost: fc.nat({ max: 30 }),
        givesBack: fc.boolean(),
      });
      const acts = fc.array(act, { minLength: 2, maxLength: 40 });
      await fc.assert(
        fc.asyncProperty(acts, fc.integer({ min: 1, max: 200 }), async (acts, limit) => {
          const use = useOf(0);
          const kept = await Promise.all(
            acts.map(async ({ by, cost, givesBack }) => {
              const store = stores[by] as QuotaStore;
              const { isTaken, used } = await store.take({ ...use, cost }, limit);
              expect(used).toBeLessThanOrEqual(limit);
              if (isTaken && givesBack) await store.giveBack({ ...use, cost });
              return isTaken && !givesBack ? cost : 0;
            }),
          );
          const sum = kept.reduce((sum, cost) => sum + cost, 0);
          expect(await store.used(use.keyId, use.periodStartUnix)).toBe(sum);
          expect(sum).toBeLessThanOrEqual(limit);
        }),
        { numRuns: 40 },
      );
    });

    it("gives the last character to one of 200", async () => {
      const use = useOf(99);
      await store.take(use, 100);
      const takes = Array.from({ length: 200 }, (_, index) =>
        (stores[index % stores.length] as QuotaStore).take({ ...use, cost: 1 }, 100),
      );
      const taken = (await Promise.all(takes)).filter(({ isTaken }) => isTaken);
      expect(taken).toEqual([{ isTaken: true, used: 100 }]);
    });
  });
}
