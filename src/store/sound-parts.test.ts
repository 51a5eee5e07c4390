import { expect, it } from "vitest";
import { type SoundPart, SoundParts } from "./sound-parts.ts";

const kibibyte = 1024;

const shape = (parts: readonly SoundPart[]) =>
  parts.map(({ turnId, part, bytes }) => [turnId, part, bytes.length / kibibyte]);

/** So many KiB, each byte of which is its place. */
const frame = (size: number, from = 0): Uint8Array =>
  Uint8Array.from({ length: size * kibibyte }, (_, index) => from + index);

it("waits for frames to be worth a row", () => {
  const sound = new SoundParts();
  sound.add("a", frame(40));
  expect(sound.takeDue()).toEqual([]);
  sound.add("a", frame(40));
  sound.add("b", frame(1));
  expect(shape(sound.takeDue())).toEqual([["a", 0, 80]]);
  expect(sound.takeDue()).toEqual([]);
});

it("gives the rest when a turn ends, numbered on", () => {
  const sound = new SoundParts();
  sound.add("a", frame(100));
  sound.takeDue();
  sound.add("a", frame(2));
  const { parts, totalBytes } = sound.finish("a");
  expect(shape(parts)).toEqual([["a", 1, 2]]);
  expect(totalBytes).toBe(102 * kibibyte);
  expect(sound.finish("a")).toEqual({ parts: [], totalBytes: 0 });
  expect(sound.waitingBytes).toBe(0);
});

it("cuts at 256 KiB and loses no byte", () => {
  const sound = new SoundParts();
  for (const [size, from] of [
    [1, 0],
    [300, 1],
    [250, 2],
  ] as const) {
    sound.add("a", frame(size, from));
  }
  const { parts } = sound.finish("a");
  expect(shape(parts)).toEqual([
    ["a", 0, 256],
    ["a", 1, 256],
    ["a", 2, 39],
  ]);
  const joined = Buffer.concat(parts.map(({ bytes }) => bytes));
  expect(joined.equals(Buffer.concat([frame(1), frame(300, 1), frame(250, 2)]))).toBe(true);
});

it("keeps bytes as they were given, whatever becomes of their memory", () => {
  const sound = new SoundParts();
  const bytes = new Uint8Array([1, 2, 3]);
  sound.add("a", bytes);
  bytes.fill(0);
  expect([...(sound.finish("a").parts[0]?.bytes ?? [])]).toEqual([1, 2, 3]);
});

it("gives what has waited longest when too much waits in many turns", () => {
  const sound = new SoundParts();
  for (let turn = 0; turn < 17 * 32; turn += 1) sound.add(`turn-${turn}`, frame(32));
  const parts = sound.takeDue();
  expect(shape(parts.slice(0, 2))).toEqual([
    ["turn-0", 0, 32],
    ["turn-1", 0, 32],
  ]);
  expect(sound.waitingBytes).toBe(16 * kibibyte * kibibyte);
  sound.add("turn-0", frame(32));
  expect(shape(sound.takeDue().slice(0, 1))).toEqual([["turn-32", 0, 32]]);
});

it("takes no more of a turn that was given up until it ends", () => {
  const sound = new SoundParts();
  sound.add("a", frame(100));
  sound.takeDue();
  sound.add("a", frame(1));
  expect(sound.lose("a")).toBe(true);
  expect(sound.lose("a")).toBe(false);
  sound.add("a", frame(100));
  expect(sound.waitingBytes).toBe(0);
  expect(sound.finish("a")).toEqual({ parts: [], totalBytes: 0 });
});

it("says which dropped turns have parts somewhere already", () => {
  const sound = new SoundParts();
  sound.add("a", frame(100));
  sound.takeDue();
  sound.add("b", frame(1));
  expect(sound.drop("unknown")).toBe(false);
  expect(sound.dropAll()).toEqual(["a"]);
  expect(sound.waitingBytes).toBe(0);
  expect(sound.dropAll()).toEqual([]);
});
