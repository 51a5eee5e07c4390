import { afterEach, beforeEach, expect, it } from "vitest";
import { createTurnRecord } from "../protocol/records.ts";
import { neutralSettings } from "../protocol/voice.ts";
import { createToneEngine } from "../engine/tone.ts";
import { models } from "../catalogue.ts";
import type { Records } from "../open-records.ts";
import type { Stores } from "../protocol/stores.ts";
import { openMemoryRecords } from "../../test/support/records.ts";
import { createRecorder } from "./recorder.ts";

const [voice] = createToneEngine().voices;
const model = models.find(({ costPerChar }) => costPerChar === 0.5);
if (!voice || !model) throw new Error("the test needs a voice and a model");

const turn = createTurnRecord({
  id: "turn",
  requestId: "request",
  keyId: "key",
  voice,
  model,
  settings: neutralSettings,
  markup: "none",
  normalization: "auto",
  dictionaries: [],
  text: "Hé 🐦!",
  characters: 5,
  cost: 3,
  startedAtUnix: 7200,
  audioMs: 250,
  audioFormat: undefined,
});

const silent = { error: () => {} };
// Its characters are counted when they are charged for.
const used = { requests: 1, characters: 0, cost: 0, audioMs: 250 };

let records: Records;
let stores: Stores;
beforeEach(async () => {
  records = await openMemoryRecords();
  ({ stores } = records);
});
afterEach(() => records.close());

it("keeps a turn and what it used", async () => {
  await createRecorder(stores, silent)(turn, "history");
  expect(await stores.history.find("turn")).toEqual(turn);
  expect(await stores.usage.total(undefined)).toEqual(used);
});

it("keeps of a turn without logging only what it used", async () => {
  await createRecorder(stores, silent)(turn, "usage");
  expect(await stores.history.find("turn")).toBeUndefined();
  expect(await stores.usage.total(undefined)).toEqual(used);
});

it("keeps nothing of a repetition", async () => {
  await createRecorder(stores, silent)(turn, "none");
  expect(await stores.history.find("turn")).toBeUndefined();
  expect((await stores.usage.total(undefined)).requests).toBe(0);
});

it("a store that fails is logged and does not fail the client", async () => {
  const logged: unknown[] = [];
  const usage: Stores["usage"] = {
    ...stores.usage,
    add: () => Promise.reject(new Error("disk full")),
  };
  const record = createRecorder(
    { history: stores.history, usage },
    { error: (details: unknown) => void logged.push(details) },
  );
  await record(turn, "history");
  expect(logged).toMatchObject([{ requestId: "request", err: { message: "disk full" } }]);
  expect(JSON.stringify(logged)).not.toContain(turn.text);
});
