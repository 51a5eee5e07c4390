import { expect, it } from "vitest";
import type { TurnRecord } from "../protocol/records.ts";
import type { HistoryQuery } from "../protocol/stores.ts";
import { neutralSettings } from "../protocol/voice.ts";
import { MemoryHistory } from "./history.ts";

const turn = (id: string, characters: number): TurnRecord => ({
  id,
  requestId: "",
  source: "TTS",
  voiceId: "",
  voiceName: "",
  modelId: "",
  text: "",
  markup: "none",
  normalization: "auto",
  characters,
  cost: characters,
  settings: neutralSettings,
  dictionaries: [],
  startedAtUnix: 0,
  audioMs: 0,
});

const all: HistoryQuery = {
  pageSize: 100,
  order: "oldest-first",
  afterId: undefined,
  voiceId: undefined,
  modelId: undefined,
  fromUnix: undefined,
  untilUnix: undefined,
  search: undefined,
};

const idsOf = async (history: MemoryHistory): Promise<string[]> =>
  (await history.list(all)).turns.map(({ id }) => id);

it("forgets the turn that came first when there are too many", async () => {
  const history = new MemoryHistory({ maxTurns: 2, maxCharacters: 100 });
  for (const id of ["b", "a", "c"]) await history.add(turn(id, 1));
  expect(await idsOf(history)).toEqual(["a", "c"]);
});

it("forgets as many turns as it takes to stay within the characters", async () => {
  const history = new MemoryHistory({ maxTurns: 10, maxCharacters: 10 });
  for (const id of ["a", "b", "c"]) await history.add(turn(id, 3));
  await history.add(turn("d", 7));
  expect(await idsOf(history)).toEqual(["c", "d"]);
});

it("has room again for what was deleted", async () => {
  const history = new MemoryHistory({ maxTurns: 10, maxCharacters: 10 });
  await history.add(turn("a", 5));
  await history.add(turn("b", 5));
  await history.delete("a");
  await history.add(turn("c", 5));
  expect(await idsOf(history)).toEqual(["b", "c"]);
});

it("does not keep a turn that is too long by itself", async () => {
  const history = new MemoryHistory({ maxTurns: 10, maxCharacters: 10 });
  await history.add(turn("a", 11));
  await history.add(turn("b", 10));
  expect(await idsOf(history)).toEqual(["b"]);
});

it("counts a turn that is added again once", async () => {
  const history = new MemoryHistory({ maxTurns: 10, maxCharacters: 10 });
  await history.add(turn("a", 6));
  await history.add(turn("a", 6));
  await history.add(turn("b", 4));
  expect(await idsOf(history)).toEqual(["a", "b"]);
});
