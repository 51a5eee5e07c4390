import { beforeEach, describe, expect, it } from "vitest";
import type { TurnRecord } from "../../src/protocol/records.ts";
import type { HistoryQuery, HistoryStore } from "../../src/protocol/stores.ts";
import { neutralSettings } from "../../src/protocol/voice.ts";
import { MemoryHistory } from "../../src/store/history.ts";
import { acrossLine } from "../support/line.ts";

const rows: readonly (readonly [name: string, create: () => Promise<HistoryStore>])[] = [
  ["memory", () => Promise.resolve(new MemoryHistory())],
  ["memory of another process", () => Promise.resolve(acrossLine(new MemoryHistory()))],
];

const turn = (number: number, more: Partial<TurnRecord> = {}): TurnRecord => ({
  id: `0Turn${String(number).padStart(15, "0")}`,
  requestId: `request${number}`,
  source: "TTS",
  voiceId: "voice-a",
  voiceName: "Voice A",
  modelId: "model-a",
  text: `Text number ${number}.`,
  markup: "none",
  normalization: "auto",
  characters: 20,
  cost: 10,
  settings: neutralSettings,
  dictionaries: [{ dictionaryId: "dictionary", versionId: "version" }],
  startedAtUnix: 1_700_000_000 + number,
  audioMs: 1234.5,
  ...more,
});

const all: HistoryQuery = {
  pageSize: 100,
  order: "newest-first",
  afterId: undefined,
  voiceId: undefined,
  modelId: undefined,
  fromUnix: undefined,
  untilUnix: undefined,
  search: undefined,
};

describe.each(rows)("the history store: %s", (_name, create) => {
  let store: HistoryStore;
  beforeEach(async () => {
    store = await create();
  });

  /** Numbers of the turns a query finds. */
  const found = async (query: Partial<HistoryQuery>): Promise<number[]> => {
    const { turns } = await store.list({ ...all, ...query });
    return turns.map(({ id }) => Number(id.slice(5)));
  };

  it("is empty at first", async () => {
    expect(await store.list(all)).toEqual({ turns: [], hasMore: false });
    expect(await store.find("anything")).toBeUndefined();
    expect(await store.delete("anything")).toBe(false);
  });

  it("gives every member back as it was", async () => {
    await store.add(turn(1));
    expect(await store.find(turn(1).id)).toEqual(turn(1));
    expect((await store.list(all)).turns).toEqual([turn(1)]);
  });

  it("lists by id, whenever a turn was added", async () => {
    for (const number of [2, 3, 1]) await store.add(turn(number));
    expect(await found({})).toEqual([3, 2, 1]);
    expect(await found({ order: "oldest-first" })).toEqual([1, 2, 3]);
  });

  it.each(["newest-first", "oldest-first"] as const)("goes through pages, %s", async (order) => {
    for (let number = 1; number <= 7; number += 1) await store.add(turn(number));
    const seen: number[] = [];
    const sizes: number[] = [];
    let afterId: string | undefined;
    for (let hasMore = true; hasMore; ) {
      const page = await store.list({ ...all, order, pageSize: 3, afterId });
      sizes.push(page.turns.length);
      seen.push(...page.turns.map(({ id }) => Number(id.slice(5))));
      afterId = page.turns.at(-1)?.id;
      ({ hasMore } = page);
    }
    expect(sizes).toEqual([3, 3, 1]);
    expect(seen).toEqual(order === "oldest-first" ? [1, 2, 3, 4, 5, 6, 7] : [7, 6, 5, 4, 3, 2, 1]);
  });

  it("knows no more when a page ends with the last turn", async () => {
    for (const number of [1, 2]) await store.add(turn(number));
    expect((await store.list({ ...all, pageSize: 2 })).hasMore).toBe(false);
  });

  it("goes on after a turn that was deleted in between", async () => {
    for (const number of [1, 2, 3, 4]) await store.add(turn(number));
    await store.delete(turn(3).id);
    expect(await found({ afterId: turn(3).id })).toEqual([2, 1]);
  });

  it("finds by voice, model, time and text", async () => {
    await store.add(turn(1, { voiceId: "voice-b" }));
    await store.add(turn(2, { modelId: "model-b" }));
    await store.add(turn(3, { text: "Something ELSE, 100% sure_ly." }));
    expect(await found({ voiceId: "voice-b" })).toEqual([1]);
    expect(await found({ modelId: "model-b" })).toEqual([2]);
    expect(await found({ search: "eLsE" })).toEqual([3]);
    expect(await found({ search: "0% SURE_" })).toEqual([3]);
    expect(await found({ search: "%" })).toEqual([3]);
    expect(await found({ fromUnix: 1_700_000_002 })).toEqual([3, 2]);
    expect(await found({ untilUnix: 1_700_000_002 })).toEqual([1]);
    expect(await found({ voiceId: "voice-b", search: "else" })).toEqual([]);
  });

  it("forgets what is deleted, and only that", async () => {
    for (const number of [1, 2]) await store.add(turn(number));
    expect(await store.delete(turn(1).id)).toBe(true);
    expect(await store.delete(turn(1).id)).toBe(false);
    expect(await store.find(turn(1).id)).toBeUndefined();
    expect(await found({})).toEqual([2]);
  });
});
