import { beforeEach, describe, expect, it } from "vitest";
import type { PronunciationRule } from "../../src/protocol/pronunciation.ts";
import type { Dictionary, DictionaryQuery, DictionaryStore } from "../../src/protocol/stores.ts";
import {
  createRuleReplacer,
  createSharedDictionaries,
} from "../../src/processes/shared-dictionaries.ts";
import { MemoryDictionaries } from "../../src/store/dictionaries.ts";
import { acrossLine } from "../support/line.ts";

type Create = (wallClock: () => number) => Promise<DictionaryStore>;
const rows: readonly (readonly [name: string, create: Create])[] = [
  ["memory", (wallClock) => Promise.resolve(new MemoryDictionaries(wallClock))],
  [
    "memory of another process",
    (wallClock) => {
      const store = new MemoryDictionaries(wallClock);
      const replacer = acrossLine(createRuleReplacer(store));
      return Promise.resolve(createSharedDictionaries(acrossLine(store), replacer));
    },
  ],
];

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

describe.each(rows)("the dictionary store: %s", (_name, create) => {
  let store: DictionaryStore;
  let nowMs: number;
  beforeEach(async () => {
    nowMs = 1_700_000_000_999;
    store = await create(() => nowMs);
  });

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
    await Promise.all(strings.map((each) => store.revise(id, (rules) => [...rules, alias(each)])));
    const rules = (await store.find(id))?.latest.rules ?? [];
    expect(rules.map(({ stringToReplace }) => stringToReplace).toSorted()).toEqual(
      strings.toSorted(),
    );
  });

  it("renames, archives and takes back", async () => {
    const made = await add("Names");
    nowMs += 1000;
    const archived = await store.update(made.id, { name: "Places", archived: true });
    expect(archived).toEqual({ ...made, name: "Places", archivedAtUnix: 1_700_000_001 });
    nowMs += 1000;
    expect(await store.update(made.id, { name: undefined, archived: true })).toEqual(archived);
    expect(await store.update(made.id, { name: undefined, archived: undefined })).toEqual(archived);
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
    const made = await Promise.all(["a", "b", "c"].map((name) => add(name)));
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
});
