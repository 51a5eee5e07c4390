import { expect, it } from "vitest";
import { createTurnRecord } from "../protocol/records.ts";
import { neutralSettings } from "../protocol/voice.ts";
import { createToneEngine } from "../engine/tone.ts";
import { models } from "../catalogue.ts";
import { MemoryHistory } from "../store/history.ts";
import { MemoryUsage } from "../store/usage.ts";
import { createRecorder } from "./recorder.ts";

const [voice] = createToneEngine().voices;
const model = models.find(({ costPerChar }) => costPerChar === 0.5);
if (!voice || !model) throw new Error("the test needs a voice and a model");

const turn = createTurnRecord({
  id: "turn",
  requestId: "request",
  voice,
  model,
  settings: neutralSettings,
  markup: "none",
  normalization: "auto",
  dictionaries: [],
  text: "Hé 🐦!",
  startedAtUnix: 7200,
  audioMs: 250,
});

const silent = { error: () => {} };
const used = { requests: 1, characters: 5, cost: 3, audioMs: 250 };

it("a turn's characters are code points, and its cost is rounded up", () => {
  expect(turn).toMatchObject({ characters: 5, cost: 3, voiceId: voice.id, modelId: model.id });
  expect(turn).not.toHaveProperty("voice");
});

it("keeps a turn and what it used", async () => {
  const stores = { history: new MemoryHistory(), usage: new MemoryUsage() };
  await createRecorder(stores, silent)(turn, "history");
  expect(await stores.history.find("turn")).toEqual(turn);
  expect(await stores.usage.total()).toEqual(used);
});

it("keeps of a turn without logging only what it used", async () => {
  const stores = { history: new MemoryHistory(), usage: new MemoryUsage() };
  await createRecorder(stores, silent)(turn, "usage");
  expect(await stores.history.find("turn")).toBeUndefined();
  expect(await stores.usage.total()).toEqual(used);
});

it("keeps nothing of a repetition", async () => {
  const stores = { history: new MemoryHistory(), usage: new MemoryUsage() };
  await createRecorder(stores, silent)(turn, "none");
  expect(await stores.history.find("turn")).toBeUndefined();
  expect((await stores.usage.total()).requests).toBe(0);
});

it("a store that fails is logged and does not fail the client", async () => {
  const logged: unknown[] = [];
  const usage = new MemoryUsage();
  usage.add = () => Promise.reject(new Error("disk full"));
  const record = createRecorder(
    { history: new MemoryHistory(), usage },
    { error: (details: unknown) => void logged.push(details) },
  );
  await record(turn, "history");
  expect(logged).toMatchObject([{ requestId: "request", err: { message: "disk full" } }]);
  expect(JSON.stringify(logged)).not.toContain(turn.text);
});
