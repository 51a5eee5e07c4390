import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { PronunciationRule } from "../../src/protocol/pronunciation.ts";
import type { Dictionary, DictionaryQuery, DictionaryStore } from "../../src/protocol/stores.ts";
import { SqlDictionaries } from "../../src/store/dictionaries.ts";
import { DamagedRowError } from "../../src/store/stored-json.ts";
import { databaseRows, type OpenedDatabase } from "../support/databases.ts";
import { asKept, hostileTexts } from "../support/hostile-texts.ts";
import { openSeveral } from "../support/several-databases.ts";

const alias = (stringToReplace: string, spoken = "x"): PronunciationRule => ({
  type: "alias",
  stringToReplace,
  alias: spoken,
});
const phoneme: PronunciationRule = {
  type: "phoneme",
  stringToReplace: "tomato",
  phoneme: "t ə",
  alphabet: "ipa",
  caseSensitive: false,
  wordBoundaries: true,
};

const all: DictionaryQuery = {
  pageSize: 100,
  sort: "created",
  descending: false,
  withArchived: true,
  afterId: undefined,
};

const full = { problem: { code: "dictionaries_full", details: { limit: 1000, ruleChars: 100 } } };
/** A rule that counts so many characters and 100 more, as a version does. */
const ruleOf = (chars: number): PronunciationRule => alias("a", "b".repeat(chars - 1));

for (const row of databaseRows) {
  describe.skipIf(row.skip)(`the dictionary store: ${row.name}`, () => {
    let opened: OpenedDatabase;
    let store: DictionaryStore;
    let nowMs: number;
    beforeEach(async () => {
      nowMs = 1_700_000_000_999;
      opened = await row.open();
      store = new SqlDictionaries(opened.database, () => nowMs);
    });
    afterEach(() => opened.close());

    const add = (name: string, rules: readonly PronunciationRule[] = []): Promise<Dictionary> =>
      store.create({ name, description: undefined, rules });
    const names = async (query: Partial<DictionaryQuery>): Promise<string[] | undefined> =>
      (await store.list({ ...all, ...query }))?.dictionaries.map(({ name }) => name);

    it("gives a dictionary back as it was made", async () => {
      const rules = [alias("b"), phoneme, alias("a")];
      const made = await store.create({ name: "Names", description: "of people", rules });
      expect(made).toMatchObject({
        name: "Names",
        description: "of people",
        createdAtUnix: 1_700_000_000,
        archivedAtUnix: undefined,
        latest: { rules, createdAtUnix: 1_700_000_000 },
      });
      expect(made.id).toMatch(/^[A-Za-z0-9]{20}$/);
      expect(made.latest.id).toMatch(/^[A-Za-z0-9]{20}$/);
      expect(await store.find(made.id)).toEqual(made);
      expect(await store.findVersion(made.id, made.latest.id)).toEqual(made.latest);
    });

    it("knows nothing of others", async () => {
      const { id } = await add("one");
      expect(await store.find("constructor")).toBeUndefined();
      expect(await store.findVersion(id, "constructor")).toBeUndefined();
      expect(await store.revise("none", () => [])).toBeUndefined();
      expect(await store.update("none", { name: "x", archived: true })).toBeUndefined();
    });

    it("makes a new version of every change, and keeps the old ones", async () => {
      const first = await add("Names", [alias("a")]);
      nowMs += 5000;
      const second = await store.revise(first.id, (rules) => [...rules, alias("b")]);
      const third = await store.revise(first.id, () => []);
      expect(second?.latest).toMatchObject({
        rules: [alias("a"), alias("b")],
        createdAtUnix: 1_700_000_005,
      });
      expect(second?.createdAtUnix).toBe(first.createdAtUnix);
      expect(third?.latest.rules).toEqual([]);
      expect(await store.findVersion(first.id, first.latest.id)).toEqual(first.latest);
      expect(await store.findVersion(first.id, second?.latest.id ?? "")).toEqual(second?.latest);
      expect(await store.find(first.id)).toEqual(third);
    });

    it("changes nothing when a change throws", async () => {
      const made = await add("Names", [alias("a")]);
      const fail = (): never => {
        throw new RangeError("no");
      };
      await expect(store.revise(made.id, fail)).rejects.toThrow(RangeError);
      expect(await store.find(made.id)).toEqual(made);
    });

    it("loses no change when many come at once", async () => {
      const { id } = await add("Names");
      const strings = Array.from({ length: 20 }, (_, index) => `word ${index}`);
      await Promise.all(
        strings.map((each) => store.revise(id, (rules) => [...rules, alias(each)])),
      );
      const rules = (await store.find(id))?.latest.rules ?? [];
      expect(rules.map(({ stringToReplace }) => stringToReplace).toSorted()).toEqual(
        strings.toSorted(),
      );
    });

    it("does not change when the caller changes its list", async () => {
      const rules = [alias("a")];
      const { id } = await add("Names", rules);
      rules.pop();
      expect((await store.find(id))?.latest.rules).toHaveLength(1);
    });

    it("renames, archives and takes back", async () => {
      const made = await add("Names");
      nowMs += 1000;
      const archived = await store.update(made.id, { name: "Places", archived: true });
      expect(archived).toEqual({ ...made, name: "Places", archivedAtUnix: 1_700_000_001 });
      nowMs += 1000;
      expect(await store.update(made.id, { name: undefined, archived: true })).toEqual(archived);
      expect(await store.update(made.id, { name: undefined, archived: undefined })).toEqual(
        archived,
      );
      const back = await store.update(made.id, { name: undefined, archived: false });
      expect(back).toEqual({ ...made, name: "Places" });
    });

    it("lists in order and by pages", async () => {
      for (const name of ["b", "c", "a"]) await add(name);
      expect(await names({})).toEqual(["b", "c", "a"]);
      expect(await names({ descending: true })).toEqual(["a", "c", "b"]);
      expect(await names({ sort: "name" })).toEqual(["a", "b", "c"]);
      const first = await store.list({ ...all, pageSize: 2 });
      expect(first?.hasMore).toBe(true);
      const afterId = first?.dictionaries.at(-1)?.id;
      expect(await names({ afterId })).toEqual(["a"]);
      expect(await names({ afterId: "made up" })).toBeUndefined();
    });

    it("lists archived ones only when asked, and goes on after one", async () => {
      const made: Dictionary[] = [];
      for (const name of ["a", "b", "c"]) made.push(await add(name));
      const afterId = made[1]?.id;
      await store.update(afterId ?? "", { name: undefined, archived: true });
      expect(await names({ withArchived: false })).toEqual(["a", "c"]);
      expect(await names({})).toEqual(["a", "b", "c"]);
      expect(await names({ withArchived: false, afterId })).toEqual(["c"]);
    });

    it("resolves locators in their order, to the version they name or the latest", async () => {
      const first = await add("first", [alias("old")]);
      const second = await add("second", [alias("b"), alias("c")]);
      const revised = await store.revise(first.id, () => [alias("new")]);
      await store.update(second.id, { name: undefined, archived: true });
      const missing = [
        { dictionaryId: "none", versionId: undefined },
        { dictionaryId: first.id, versionId: "none" },
        { dictionaryId: second.id, versionId: first.latest.id },
      ];
      const old = { dictionaryId: first.id, versionId: first.latest.id };
      const resolved = await store.resolve([
        { dictionaryId: second.id, versionId: undefined },
        ...missing,
        { dictionaryId: first.id, versionId: undefined },
        old,
      ]);
      expect(resolved).toEqual({
        rules: [alias("b"), alias("c"), alias("new"), alias("old")],
        found: [
          { dictionaryId: second.id, versionId: second.latest.id },
          { dictionaryId: first.id, versionId: revised?.latest.id },
          old,
        ],
        missing,
      });
    });

    it("lists names in the order of the alphabet, and takes equal ones as they were made", async () => {
      const made: Dictionary[] = [];
      for (const name of ["b", "Ä", "a", "B", "b", "10", "z"]) made.push(await add(name));
      expect(await names({ sort: "name" })).toEqual(["10", "a", "Ä", "b", "b", "B", "z"]);
      const page = await store.list({ ...all, sort: "name" });
      expect(page?.dictionaries.slice(3, 5)).toEqual([made[0], made[4]]);
    });

    it("resolves to the latest version, whichever process has made it", async () => {
      const several = await openSeveral(opened, 1);
      try {
        const [database = opened.database] = several.databases;
        const other = new SqlDictionaries(database, () => nowMs);
        const { id } = await add("Names", [alias("old")]);
        const locator = { dictionaryId: id, versionId: undefined };
        for (const word of ["one", "two", "two", "three"]) {
          await other.revise(id, () => [alias(word)]);
          expect((await store.resolve([locator, locator])).rules).toEqual([
            alias(word),
            alias(word),
          ]);
        }
      } finally {
        await several.close();
      }
    });

    it("gives lists of rules that nobody else has", async () => {
      const { id } = await add("Names", [alias("a")]);
      const locator = { dictionaryId: id, versionId: undefined };
      ((await store.resolve([locator])).rules as PronunciationRule[]).pop();
      expect((await store.resolve([locator])).rules).toEqual([alias("a")]);
    });

    it("resolves nothing to nothing", async () => {
      expect(await store.resolve([])).toEqual({ rules: [], found: [], missing: [] });
      expect(await store.list(all)).toEqual({ dictionaries: [], hasMore: false });
    });

    it("refuses what does not fit beside all versions, and keeps what it has", async () => {
      const small = new SqlDictionaries(opened.database, () => nowMs, 1000);
      const order = { name: "", description: undefined };
      await expect(small.create({ ...order, rules: [ruleOf(801)] })).rejects.toMatchObject(full);
      const made = await small.create({ ...order, rules: [ruleOf(300)] });
      await expect(small.revise(made.id, () => [ruleOf(301)])).rejects.toMatchObject(full);
      expect(await small.find(made.id)).toEqual(made);
      const revised = await small.revise(made.id, () => [ruleOf(300)]);
      expect(revised?.latest.rules).toEqual([ruleOf(300)]);
      await expect(small.create({ ...order, rules: [] })).rejects.toMatchObject(full);
      expect((await small.list(all))?.dictionaries).toEqual([revised]);
    });

    it("is full to the character, however many fill it at once", async () => {
      const several = await openSeveral(opened, 3);
      try {
        const stores = several.databases.map(
          (database) => new SqlDictionaries(database, () => nowMs, 3000),
        );
        const { id } = await add("Names");
        // Each takes 300; the first dictionary has taken 100.
        const tries = stores.flatMap((each) => [
          ...Array.from({ length: 5 }, () => each.revise(id, () => [ruleOf(100)])),
          ...Array.from({ length: 5 }, () =>
            each.create({ name: "more", description: undefined, rules: [ruleOf(100)] }),
          ),
        ]);
        const results = await Promise.allSettled(tries);
        const isMade = ({ status }: PromiseSettledResult<unknown>): boolean =>
          status === "fulfilled";
        expect(results.filter(isMade)).toHaveLength(9);
        const versions = await opened.database.query
          .selectFrom("dictionary_versions")
          .select("chars")
          .execute();
        expect(versions.reduce((sum, { chars }) => sum + chars, 0)).toBe(2800);
      } finally {
        await several.close();
      }
    });

    it("loses no change when several processes make them at once", async () => {
      const several = await openSeveral(opened, 3);
      try {
        const { id } = await add("Names");
        const strings = Array.from({ length: 30 }, (_, index) => `word ${index}`);
        await Promise.all(
          strings.map((each, index) => {
            const database = several.databases[index % several.databases.length];
            const store = new SqlDictionaries(database as OpenedDatabase["database"], () => nowMs);
            return store.revise(id, (rules) => [...rules, alias(each)]);
          }),
        );
        const rules = (await store.find(id))?.latest.rules ?? [];
        expect(rules.map(({ stringToReplace }) => stringToReplace).toSorted()).toEqual(
          strings.toSorted(),
        );
      } finally {
        await several.close();
      }
    });

    it("keeps texts of any kind", async () => {
      const rules = hostileTexts.map((text) => alias(text, text));
      const kept = rules.map(({ stringToReplace }) =>
        alias(asKept(stringToReplace), asKept(stringToReplace)),
      );
      for (const name of hostileTexts) {
        const made = await store.create({ name, description: name, rules });
        expect(made).toMatchObject({ name: asKept(name), description: asKept(name) });
        expect(made.latest.rules).toEqual(kept);
        expect(await store.find(made.id)).toEqual(made);
        const renamed = await store.update(made.id, { name: `2 ${name}`, archived: undefined });
        expect(renamed).toEqual({ ...made, name: asKept(`2 ${name}`) });
      }
      for (const text of hostileTexts) {
        const locator = { dictionaryId: text, versionId: text };
        expect(await store.find(text)).toBeUndefined();
        expect(await store.findVersion(text, text)).toBeUndefined();
        expect(await store.update(text, { name: "x", archived: true })).toBeUndefined();
        expect(await store.revise(text, () => [])).toBeUndefined();
        expect(await store.list({ ...all, afterId: text })).toBeUndefined();
        expect((await store.resolve([locator])).missing).toEqual([locator]);
      }
      expect((await store.list(all))?.dictionaries).toHaveLength(hostileTexts.length);
    });

    it.each(["", "{}", '[{"type":"alias","stringToReplace":"a"}]', '[{"type":"other"}]', "[null]"])(
      "says so when rules are damaged: %s",
      async (rules) => {
        const { id } = await add("Names");
        await opened.database.query.updateTable("dictionary_versions").set({ rules }).execute();
        await expect(store.find(id)).rejects.toThrow(DamagedRowError);
      },
    );
  });
}
