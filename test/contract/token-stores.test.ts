import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { TokenLimits, TokenStore } from "../../src/protocol/accounts.ts";
import { DamagedRowError } from "../../src/store/stored-json.ts";
import { SqlTokens } from "../../src/store/tokens.ts";
import { databaseRows, type OpenedDatabase } from "../support/databases.ts";
import { asKept, hostileTexts } from "../support/hostile-texts.ts";
import { openSeveral } from "../support/several-databases.ts";

const noLimits: TokenLimits = {
  voices: undefined,
  models: undefined,
  maxCharacters: undefined,
  maxSeconds: undefined,
};
const startMs = 1_700_000_000_500;

for (const row of databaseRows) {
  describe.skipIf(row.skip)(`the token store: ${row.name}`, () => {
    let opened: OpenedDatabase;
    let store: TokenStore;
    let nowMs: number;
    beforeEach(async () => {
      nowMs = startMs;
      opened = await row.open();
      store = new SqlTokens(opened.database, () => nowMs);
    });
    afterEach(() => opened.close());

    const kept = (): Promise<readonly unknown[]> =>
      opened.database.query.selectFrom("tokens").selectAll().execute();

    it("lets a token be used once, for its key and within its limits", async () => {
      const limits = { voices: ["a", "b"], models: ["m"], maxCharacters: 500, maxSeconds: 60 };
      const token = await store.mint("key 1", limits, 900);
      const other = await store.mint("key 2", noLimits, 900);
      expect(await store.use(token)).toEqual({ keyId: "key 1", limits });
      expect(await store.use(token)).toBeUndefined();
      expect(await store.use(other)).toEqual({ keyId: "key 2", limits: noLimits });
      expect(await kept()).toEqual([]);
    });

    it("keeps limits that allow nothing", async () => {
      const limits = { voices: [], models: [], maxCharacters: 0, maxSeconds: 0 };
      expect(await store.use(await store.mint("key", limits, 900))).toEqual({
        keyId: "key",
        limits,
      });
    });

    it("lets a token be used for as long as was said, and less than a second longer", async () => {
      const early = await store.mint("key", noLimits, 900);
      const late = await store.mint("key", noLimits, 900);
      nowMs = startMs + 900_000 - 1;
      expect(await store.use(early)).toBeDefined();
      nowMs = startMs + 901_000;
      expect(await store.use(late)).toBeUndefined();
    });

    it("forgets expired ones when it mints", async () => {
      await store.mint("key", noLimits, 10);
      await store.mint("key", noLimits, 900);
      nowMs += 11_000;
      await store.mint("key", noLimits, 10);
      expect(await kept()).toHaveLength(2);
    });

    it("makes tokens that cannot be guessed and fit a query as they are", async () => {
      const minted = await Promise.all(
        Array.from({ length: 20 }, () => store.mint("key", noLimits, 900)),
      );
      expect(new Set(minted).size).toBe(20);
      for (const token of minted) expect(token).toMatch(/^sutkn_[\w-]{43}$/);
    });

    it("keeps no token, only its hash", async () => {
      const token = await store.mint("key", noLimits, 900);
      expect(JSON.stringify(await kept())).not.toContain(token.slice(6, 20));
      if (opened.place.kind !== "file") return;
      const { dataDir } = opened.place;
      for (const name of await readdir(dataDir)) {
        expect((await readFile(join(dataDir, name))).includes(token.slice(6, 20))).toBe(false);
      }
    });

    it("knows nothing of tokens that were not minted", async () => {
      const token = await store.mint("key", noLimits, 900);
      const others = ["", "sutkn_", token.slice(0, -1), `${token} `, token.toUpperCase()];
      for (const other of [...others, ...hostileTexts]) {
        expect(await store.use(other)).toBeUndefined();
      }
      expect(await store.use(token)).toBeDefined();
    });

    it("keeps texts of any kind", async () => {
      const limits = { ...noLimits, voices: hostileTexts, models: hostileTexts };
      for (const keyId of hostileTexts) {
        expect(await store.use(await store.mint(keyId, limits, 900))).toEqual({
          keyId: asKept(keyId),
          limits: {
            ...noLimits,
            voices: hostileTexts.map(asKept),
            models: hostileTexts.map(asKept),
          },
        });
      }
    });

    it.each([
      "",
      "[]",
      '{"voices":5}',
      '{"models":[1]}',
      '{"maxCharacters":"1"}',
      '{"maxSeconds":null}',
    ])("lets nobody in by a row whose limits are damaged: %s", async (limits) => {
      const token = await store.mint("key", noLimits, 900);
      await opened.database.query.updateTable("tokens").set({ limits }).execute();
      await expect(store.use(token)).rejects.toThrow(DamagedRowError);
    });

    it("lets one of 200 use a token, over all processes", async () => {
      const several = await openSeveral(opened, 4);
      try {
        const stores = several.databases.map((database) => new SqlTokens(database, () => nowMs));
        for (let round = 0; round < 3; round += 1) {
          const token = await store.mint(`key ${round}`, noLimits, 900);
          const uses = Array.from({ length: 200 }, (_, index) =>
            (stores[index % stores.length] as TokenStore).use(token),
          );
          const wins = (await Promise.all(uses)).filter((use) => use !== undefined);
          expect(wins).toEqual([{ keyId: `key ${round}`, limits: noLimits }]);
        }
      } finally {
        await several.close();
      }
    });
  });
}
