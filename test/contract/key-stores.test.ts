import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  type Key,
  type KeyRules,
  type KeyStore,
  scopes,
  unlimited as noLimits,
} from "../../src/protocol/accounts.ts";
import { SqlKeys } from "../../src/store/keys.ts";
import { DamagedRowError } from "../../src/store/stored-json.ts";
import { databaseRows, type OpenedDatabase } from "../support/databases.ts";
import { asKept, hostileTexts } from "../support/hostile-texts.ts";
import { openSeveral } from "../support/several-databases.ts";

const unlimited: KeyRules = {
  name: "everything",
  scopes,
  ...noLimits,
};
const limited: KeyRules = {
  name: "narrow",
  scopes: ["tts", "voices:read"],
  voices: ["flite-rms", "21m00Tcm4TlvDq8ikWAM"],
  models: ["eleven_flash_v2_5"],
  quota: { characters: 5_000_000_000, period: "month" },
  maxConcurrency: 5,
  requestsPerSecond: 20,
  addresses: ["10.0.0.0/8", "::1"],
  expiresAtUnix: 1_800_000_000,
};

const startUnix = 1_700_000_000;
const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

for (const row of databaseRows) {
  describe.skipIf(row.skip)(`the key store: ${row.name}`, () => {
    let opened: OpenedDatabase;
    let store: KeyStore;
    let nowMs: number;
    beforeEach(async () => {
      nowMs = startUnix * 1000 + 999;
      opened = await row.open();
      store = new SqlKeys(opened.database, () => nowMs);
    });
    afterEach(() => opened.close());

    const create = async (rules: Partial<KeyRules> = {}): Promise<Key> =>
      (await store.create({ ...unlimited, ...rules })).key;
    const secretRows = (): Promise<readonly { readonly hash: string }[]> =>
      opened.database.query.selectFrom("key_secrets").select("hash").execute();
    const hashesOf = (key: Key | undefined): readonly string[] | undefined =>
      key?.secrets.map(({ hash }) => hash);

    it.each([
      ["without limits", unlimited],
      ["with every limit", limited],
      ["that may do nothing", { ...limited, scopes: [], voices: [], models: [], addresses: [] }],
    ])("gives a key back as it was made: %s", async (_name, rules) => {
      const { key, secret } = await store.create(rules);
      expect(key).toEqual({
        ...rules,
        id: expect.stringMatching(/^[A-Za-z0-9]{20}$/),
        createdAtUnix: startUnix,
        revokedAtUnix: undefined,
        secrets: [
          {
            hash: sha256(secret),
            preview: `sk_…${secret.slice(-4)}`,
            createdAtUnix: startUnix,
            expiresAtUnix: undefined,
          },
        ],
      });
      expect(await store.find(key.id)).toEqual(key);
      expect(await store.list()).toEqual([key]);
    });

    it("makes secrets of 256 bits, and keeps none of them", async () => {
      const made = await Promise.all(Array.from({ length: 10 }, () => store.create(unlimited)));
      const rotated = await store.rotate(made[0]?.key.id ?? "", 3600);
      const secrets = [rotated?.secret ?? "", ...made.map(({ secret }) => secret)];
      expect(new Set(secrets).size).toBe(11);
      for (const secret of secrets) expect(secret).toMatch(/^sk_[0-9a-f]{64}$/);
      expect((await secretRows()).map(({ hash }) => hash).toSorted()).toEqual(
        secrets.map(sha256).toSorted(),
      );
      if (opened.place.kind !== "file") return;
      for (const name of await readdir(opened.place.dataDir)) {
        const bytes = await readFile(join(opened.place.dataDir, name));
        for (const secret of secrets) expect(bytes.includes(secret.slice(3, 40))).toBe(false);
      }
    });

    it("lists the oldest first, revoked ones, too", async () => {
      const made: Key[] = [];
      for (const name of ["b", "a", "c"]) {
        made.push(await create({ name }));
        nowMs += 1000;
      }
      await store.update(made[0]?.id ?? "", { name: "changed" });
      await store.revoke(made[1]?.id ?? "");
      expect((await store.list()).map(({ name }) => name)).toEqual(["changed", "a", "c"]);
    });

    it("changes what is given, and takes limits away", async () => {
      const { key } = await store.create(limited);
      const renamed = { ...key, name: "wide", scopes: ["admin"] };
      expect(await store.update(key.id, { name: "wide", scopes: ["admin"] })).toEqual(renamed);
      const { name: _name, scopes: _scopes, ...limits } = unlimited;
      expect(await store.update(key.id, limits)).toEqual({ ...renamed, ...limits });
      expect(await store.update(key.id, {})).toEqual({ ...renamed, ...limits });
      expect(await store.update(key.id, limited)).toEqual(key);
      expect(await store.find(key.id)).toEqual(key);
    });

    it("changes no other key", async () => {
      const [first, second] = [await create(), await create()];
      await store.update(first.id, limited);
      await store.rotate(first.id, 0);
      await store.revoke(first.id);
      expect(await store.find(second.id)).toEqual(second);
    });

    it("gives a new secret, and lets the others be used for a while", async () => {
      const { key, secret } = await store.create(unlimited);
      nowMs += 5000;
      const rotated = await store.rotate(key.id, 3600);
      const [newest, older, ...more] = rotated?.key.secrets ?? [];
      expect(newest).toMatchObject({
        hash: sha256(rotated?.secret ?? ""),
        createdAtUnix: startUnix + 5,
        expiresAtUnix: undefined,
      });
      expect(older).toMatchObject({
        hash: sha256(secret),
        createdAtUnix: startUnix,
        expiresAtUnix: startUnix + 5 + 3600,
      });
      expect(more).toEqual([]);
      expect(await store.find(key.id)).toEqual(rotated?.key);
      expect({ ...rotated?.key, secrets: key.secrets }).toEqual(key);
    });

    it("lets no secret be used longer because there is a newer one", async () => {
      const { key } = await store.create(unlimited);
      await store.rotate(key.id, 100);
      const second = await store.rotate(key.id, 5000);
      const third = await store.rotate(key.id, 50);
      const ends = (each: Key | undefined): unknown =>
        each?.secrets.map(({ expiresAtUnix }) => expiresAtUnix && expiresAtUnix - startUnix);
      expect(ends(second?.key)).toEqual([undefined, 5000, 100]);
      expect(ends(third?.key)).toEqual([undefined, 50, 50, 50]);
      expect(third?.key.secrets[0]?.hash).toBe(sha256(third?.secret ?? ""));
    });

    it("leaves expired secrets out, and deletes them with the next change", async () => {
      const { key } = await store.create(unlimited);
      const rotated = await store.rotate(key.id, 10);
      nowMs += 9000;
      expect(hashesOf(await store.find(key.id))).toHaveLength(2);
      nowMs += 1000;
      expect(hashesOf(await store.find(key.id))).toEqual([sha256(rotated?.secret ?? "")]);
      expect(hashesOf((await store.list())[0])).toHaveLength(1);
      expect(await secretRows()).toHaveLength(2);
      await store.update(key.id, { name: "touched" });
      expect(await secretRows()).toHaveLength(1);
    });

    it("ends the others at once when there is no grace", async () => {
      const { key } = await store.create(unlimited);
      const rotated = await store.rotate(key.id, 0);
      expect(hashesOf(rotated?.key)).toEqual([sha256(rotated?.secret ?? "")]);
      expect(await secretRows()).toHaveLength(1);
    });

    it("revokes for good, and keeps what the log can tell a revoked key by", async () => {
      const { key } = await store.create(limited);
      nowMs += 1000;
      const revoked = { ...key, revokedAtUnix: startUnix + 1 };
      expect(await store.revoke(key.id)).toEqual(revoked);
      nowMs += 1000;
      expect(await store.revoke(key.id)).toEqual(revoked);
      expect(await store.rotate(key.id, 3600)).toBeUndefined();
      expect(await store.update(key.id, { name: "again" })).toEqual({ ...revoked, name: "again" });
      expect(await store.adopt(limited, key.secrets[0]?.hash ?? "")).toMatchObject({
        id: key.id,
        revokedAtUnix: startUnix + 1,
      });
      expect(await store.list()).toHaveLength(1);
    });

    it("knows nothing of keys that are not there", async () => {
      const key = await create();
      for (const id of ["", key.id.slice(1), ...hostileTexts]) {
        expect(await store.find(id)).toBeUndefined();
        expect(await store.update(id, { name: "x" })).toBeUndefined();
        expect(await store.rotate(id, 0)).toBeUndefined();
        expect(await store.revoke(id)).toBeUndefined();
      }
      expect(await store.list()).toEqual([key]);
    });

    it("takes a secret of an older server, once", async () => {
      const hash = sha256("sk_of old");
      const adopted = await store.adopt(limited, hash);
      expect(adopted).toMatchObject({ ...limited, secrets: [{ hash, preview: "…" }] });
      expect(await store.adopt(unlimited, hash)).toEqual(adopted);
      expect(await store.list()).toEqual([adopted]);
    });

    it("tells what has changed since, and nothing else", async () => {
      const first = await create();
      const second = await create();
      const { version, keys } = await store.changesSince(0);
      expect(keys.toSorted(byId)).toEqual([first, second].toSorted(byId));
      expect(await store.changesSince(version)).toEqual({ version, keys: [] });

      const changes = [
        () => store.update(first.id, { name: "new" }),
        () => store.rotate(first.id, 60),
        () => store.revoke(first.id),
        () => create().then(({ id }) => store.revoke(id)),
        () => store.adopt(unlimited, sha256("other")),
      ];
      let since = version;
      for (const change of changes) {
        await change();
        const told = await store.changesSince(since);
        expect(told.version).toBeGreaterThan(since);
        expect(told.keys).toHaveLength(1);
        expect(told.keys[0]).toEqual(await store.find(told.keys[0]?.id ?? ""));
        since = told.version;
      }
      expect((await store.changesSince(version)).keys).toHaveLength(3);
      expect((await store.changesSince(0)).keys).toHaveLength(4);
    });

    it("keeps texts of any kind", async () => {
      const kept = hostileTexts.map(asKept);
      for (const name of hostileTexts) {
        const lists = { voices: hostileTexts, models: hostileTexts, addresses: hostileTexts };
        const key = await create({ name, ...lists });
        const expected = { name: asKept(name), voices: kept, models: kept, addresses: kept };
        expect(key).toMatchObject(expected);
        expect(await store.find(key.id)).toEqual(key);
        expect(await store.update(key.id, { name: `2 ${name}` })).toEqual({
          ...key,
          name: asKept(`2 ${name}`),
        });
      }
      expect(await store.list()).toHaveLength(hostileTexts.length);
    });

    it.each([
      { scopes: "" },
      { scopes: '["everything"]' },
      { voices: "null" },
      { models: '{"a":1}' },
      { addresses: "[1]" },
      { quota_period: "year" },
      { quota_characters: null },
      { quota_period: null },
    ])("takes no limit for none because it is damaged: %j", async (columns) => {
      const { key } = await store.create(limited);
      await opened.database.query.updateTable("keys").set(columns).execute();
      await expect(store.find(key.id)).rejects.toThrow(DamagedRowError);
      await expect(store.changesSince(0)).rejects.toThrow(/table keys is damaged/);
    });

    it("loses no change, and no follower misses one, however many change at once", async () => {
      const several = await openSeveral(opened, 3);
      try {
        const stores = several.databases.map((database) => new SqlKeys(database, () => nowMs));
        const followed = new Map<string, Key>();
        let version = 0;
        const follow = async (): Promise<void> => {
          const changes = await store.changesSince(version);
          for (const key of changes.keys) followed.set(key.id, key);
          version = changes.version;
        };
        let isOver = false;
        const following = (async () => {
          while (!isOver) await follow();
        })();
        const shared = await create();
        await Promise.all(
          stores.map(async (each, index) => {
            for (let round = 0; round < 8; round += 1) {
              const { key } = await each.create({ ...unlimited, name: `${index} ${round}` });
              await Promise.all([
                each.rotate(shared.id, 3600),
                each.update(key.id, limited),
                each.update(shared.id, index === 0 ? { maxConcurrency: round } : {}),
                round % 2 === 0 ? each.revoke(key.id) : undefined,
              ]);
            }
          }),
        );
        isOver = true;
        await following;
        await follow();
        const all = await store.list();
        expect([...followed.values()].toSorted(byId)).toEqual(all.toSorted(byId));
        expect(all).toHaveLength(25);
        expect(all.filter(({ revokedAtUnix }) => revokedAtUnix !== undefined)).toHaveLength(12);
        const after = all.find(({ id }) => id === shared.id);
        expect(after?.maxConcurrency).toBe(7);
        expect(after?.secrets).toHaveLength(25);
        expect(after?.secrets.filter((each) => each.expiresAtUnix === undefined)).toHaveLength(1);
      } finally {
        await several.close();
      }
    });

    it("adopts one key for a secret, however many adopt it at once", async () => {
      const several = await openSeveral(opened, 3);
      try {
        const hash = sha256("old");
        const adopted = await Promise.all(
          several.databases.map((database) =>
            new SqlKeys(database, () => nowMs).adopt(unlimited, hash),
          ),
        );
        expect(new Set(adopted.map(({ id }) => id)).size).toBe(1);
        expect(await store.list()).toHaveLength(1);
      } finally {
        await several.close();
      }
    });
  });
}

const byId = (a: Key, b: Key): number => (a.id < b.id ? -1 : 1);
