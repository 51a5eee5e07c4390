import { expect, it } from "vitest";
import { TurnLog } from "./turn-log.ts";

/** A history that keeps sound in memory. */
function createHistory() {
  const sounds = new Map<string, number[]>();
  return {
    sounds,
    addAudio(turnId: string, bytes: Uint8Array) {
      sounds.set(turnId, [...(sounds.get(turnId) ?? []), ...bytes]);
    },
    dropAudio: (turnId: string) => void sounds.delete(turnId),
  };
}

function open(maxSoundBytes?: number) {
  const history = createHistory();
  let turns = 0;
  const createId = (): string => `turn-${(turns += 1)}`;
  const limit = maxSoundBytes === undefined ? {} : { maxSoundBytes };
  const log = new TurnLog({ history, createId, ...limit });
  const add = (context: string, ...bytes: number[]): void =>
    log.add({ context, bytes: Uint8Array.from(bytes) });
  return { log, add, sounds: history.sounds };
}

it("keeps the sound of each context under the name of its turn, in order", () => {
  const { log, add, sounds } = open();
  add("a", 1, 2);
  add("b", 3);
  add("a", 4);
  expect(log.end("b")).toEqual({ id: "turn-2", hasSound: true });
  expect(log.end("a")).toEqual({ id: "turn-1", hasSound: true });
  expect(Object.fromEntries(sounds)).toEqual({ "turn-1": [1, 2, 4], "turn-2": [3] });
});

it("begins a new turn when the name of a context is used again", () => {
  const { log, add, sounds } = open();
  add("a", 1);
  log.end("a");
  add("a", 2);
  expect(log.end("a")).toEqual({ id: "turn-2", hasSound: true });
  expect(Object.fromEntries(sounds)).toEqual({ "turn-1": [1], "turn-2": [2] });
});

it("knows nothing of a turn that had no sound", () => {
  expect(open().log.end("a")).toBeUndefined();
});

it("forgets the sound of turns that are not recorded, and of no others", () => {
  const { log, add, sounds } = open();
  add("a", 1);
  add("b", 2);
  log.end("a");
  log.close();
  expect(Object.fromEntries(sounds)).toEqual({ "turn-1": [1] });
  expect(log.end("b")).toBeUndefined();
});

it("keeps nothing of the sound of a turn that has too much of it", () => {
  const { log, add, sounds } = open(3);
  add("a", 1, 2, 3);
  add("b", 1, 2);
  expect(sounds.has("turn-1")).toBe(true);
  add("a", 4);
  expect(sounds.has("turn-1")).toBe(false);
  add("a", 5);
  expect(sounds.has("turn-1")).toBe(false);
  expect(log.end("a")).toEqual({ id: "turn-1", hasSound: false });
  expect(log.end("b")).toEqual({ id: "turn-2", hasSound: true });
});
