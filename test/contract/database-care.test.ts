import { createHash } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { turnIdTime } from "../../src/protocol/turn-ids.ts";
import { checkDatabase, type DatabaseCheck } from "../../src/store/check-database.ts";
import { SqlDictionaries } from "../../src/store/dictionaries.ts";
import { SqlKeys } from "../../src/store/keys.ts";
import { giveRoomBack, pruneExpired } from "../../src/store/prune-expired.ts";
import { SqlQuotas } from "../../src/store/quotas.ts";
import { SqlTokens } from "../../src/store/tokens.ts";
import { databaseRows, type OpenedDatabase } from "../support/databases.ts";
import { rulesWith } from "../support/keys.ts";
import { openRecordStores, turnOf } from "../support/record-stores.ts";

const startMs = Date.UTC(2026, 10, 21, 12);
const thisMonthUnix = Date.UTC(2026, 10) / 1000;
const dayMs = 24 * 60 * 60 * 1000;

const nothing = {
  voices: undefined,
  models: undefined,
  maxCharacters: undefined,
  maxSeconds: undefined,
};
const idAt = (ms: number): string => `${turnIdTime(ms)}000000000000`;

for (const row of databaseRows) {
  describe.skipIf(row.skip)(`care for ${row.name}`, () => {
    let opened: OpenedDatabase;
    let nowMs: number;
    const now = (): number => nowMs;
    beforeEach(async () => {
      nowMs = startMs;
      opened = await row.open();
    });
    afterEach(() => opened.close());

    const check = (): Promise<DatabaseCheck> => checkDatabase(opened.database, nowMs);
    const foundBy = async (): Promise<readonly string[]> =>
      (await check()).faults.map(({ found }) => found);
    const insertSound = (turnId: string): Promise<unknown> =>
      opened.database.query
        .insertInto("turn_audio")
        .values({ turn_id: turnId, part: 0, bytes: Uint8Array.of(1, 2, 3) })
        .execute();

    it("an empty one is whole", async () => {
      const { rows, faults } = await check();
      expect(faults).toEqual([]);
      expect(new Set(Object.values(rows))).toEqual(new Set([0]));
    });

    it("one that is used is whole, and is counted", async () => {
      const { database } = opened;
      const keys = new SqlKeys(database, now);
      const { key } = await keys.create(rulesWith({}));
      await keys.rotate(key.id, 60);
      await new SqlTokens(database, now).mint(key.id, nothing, 60);
      await new SqlQuotas(database, now).take({ keyId: key.id, periodStartUnix: 0, cost: 1 }, 10);
      await new SqlDictionaries(database, now).create({
        name: "d",
        description: undefined,
        rules: [],
      });
      const { history, behind } = openRecordStores(database);
      const format = { encoding: "mp3", container: "raw", sampleRateHz: 44_100 } as const;
      const id = idAt(startMs - 3 * dayMs);
      history.addAudio(id, new Uint8Array(600_000));
      await history.add(turnOf(id, { audioFormat: format }));
      await behind.close();
      const { rows, faults } = await check();
      expect(faults).toEqual([]);
      expect(rows).toMatchObject({
        keys: 1,
        key_secrets: 2,
        tokens: 1,
        quota_uses: 1,
        turns: 1,
        turn_audio: 3,
        dictionaries: 1,
        dictionary_versions: 1,
      });
    });

    it("finds sound without a turn, which pruning deletes; of a turn that may go on it is kept", async () => {
      await insertSound(idAt(startMs - dayMs - 1));
      await insertSound(idAt(startMs - dayMs + 1));
      expect(await check()).toMatchObject({
        faults: [{ found: "1 parts of sound without a turn", remedy: "prune" }],
      });
      await pruneExpired(opened.database, nowMs, thisMonthUnix);
      expect(await check()).toMatchObject({ rows: { turn_audio: 1 }, faults: [] });
    });

    it("finds sound that is not whole", async () => {
      const { history, behind } = openRecordStores(opened.database);
      const format = { encoding: "mp3", container: "raw", sampleRateHz: 44_100 } as const;
      const ids = [idAt(startMs), idAt(startMs + 1)] as const;
      for (const id of ids) {
        history.addAudio(id, new Uint8Array(600_000));
        await history.add(turnOf(id, { audioFormat: format }));
      }
      await behind.close();
      const { query } = opened.database;
      await query
        .deleteFrom("turn_audio")
        .where("turn_id", "=", ids[0])
        .where("part", "=", 1)
        .execute();
      expect(await foundBy()).toEqual(["1 turns whose sound is not whole"]);
      await query.deleteFrom("turn_audio").where("turn_id", "=", ids[0]).execute();
      expect(await foundBy()).toEqual(["1 turns whose sound is not whole"]);
    });

    it("finds versions without a dictionary, and dictionaries without a version", async () => {
      const { query } = opened.database;
      const dictionaries = new SqlDictionaries(opened.database, now);
      const order = { name: "d", description: undefined, rules: [] };
      const [first, second] = [await dictionaries.create(order), await dictionaries.create(order)];
      await query.deleteFrom("dictionaries").where("id", "=", first.id).execute();
      await query
        .deleteFrom("dictionary_versions")
        .where("dictionary_id", "=", second.id)
        .execute();
      expect(await foundBy()).toEqual([
        "1 versions without a dictionary",
        "1 dictionaries without their latest version",
      ]);
    });

    it("finds a key that cannot be read", async () => {
      const { key } = await new SqlKeys(opened.database, now).create(rulesWith({}));
      const { query } = opened.database;
      await query.updateTable("keys").set({ scopes: "all" }).where("id", "=", key.id).execute();
      expect(await foundBy()).toEqual([
        expect.stringMatching(/^A row of the table keys .* scopes/),
      ]);
    });

    it("pruning deletes tokens, secrets and periods that are over, and nothing else", async () => {
      const { database } = opened;
      const keys = new SqlKeys(database, now);
      const tokens = new SqlTokens(database, now);
      const quotas = new SqlQuotas(database, now);
      const first = await keys.create(rulesWith({}));
      const second = await keys.rotate(first.key.id, 60);
      const late = await tokens.mint(first.key.id, nothing, 61);
      await tokens.mint(first.key.id, nothing, 60);
      const lastMonth = thisMonthUnix - 86_400;
      for (const periodStartUnix of [0, lastMonth, thisMonthUnix, startMs / 1000]) {
        await quotas.take({ keyId: first.key.id, periodStartUnix, cost: 5 }, 10);
      }
      nowMs += 60_000;
      expect(await pruneExpired(database, nowMs, thisMonthUnix)).toEqual({
        tokens: 1,
        secrets: 1,
        quotaPeriods: 1,
      });
      expect(await pruneExpired(database, nowMs, thisMonthUnix)).toEqual({
        tokens: 0,
        secrets: 0,
        quotaPeriods: 0,
      });
      const hashes = (await keys.find(first.key.id))?.secrets.map(({ hash }) => hash);
      expect(hashes).toEqual([
        createHash("sha256")
          .update(second?.secret ?? "")
          .digest("hex"),
      ]);
      expect(await tokens.use(late)).toBeDefined();
      expect(await quotas.used(first.key.id, 0)).toBe(5);
      expect(await quotas.used(first.key.id, thisMonthUnix)).toBe(5);
      expect(await quotas.used(first.key.id, lastMonth)).toBe(0);
    });

    it("gives room back to the disk when it is worth it", async () => {
      const { query } = opened.database;
      const bytes = new Uint8Array(1_048_576).fill(7);
      const fill = async (count: number): Promise<void> => {
        for (let part = 0; part < count; part += 1) {
          await query.insertInto("turn_audio").values({ turn_id: "x", part, bytes }).execute();
        }
        await query.deleteFrom("turn_audio").execute();
      };
      await fill(4);
      expect(await giveRoomBack(opened.database)).toBe(0);
      await fill(20);
      const freed = await giveRoomBack(opened.database);
      if (row.kind === "file") expect(freed).toBeGreaterThan(16 * 1_048_576);
      else expect(freed).toBe(0);
      expect(await giveRoomBack(opened.database)).toBe(0);
    });
  });
}
