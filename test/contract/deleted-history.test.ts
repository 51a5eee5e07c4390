import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import Libsql from "libsql";
import { afterEach, beforeEach, expect, it } from "vitest";
import { databaseFile } from "../../src/store/database.ts";
import { deleteSoundWithoutTurn } from "../../src/store/history-pruning.ts";
import { createTurnId } from "../../src/transport/identifiers.ts";
import { databaseRows, type OpenedDatabase } from "../support/databases.ts";
import { openRecordStores, type RecordStores, turnOf } from "../support/record-stores.ts";

const pcm = { encoding: "pcm_s16le", container: "raw", sampleRateHz: 24_000 } as const;

let opened: OpenedDatabase;
let stores: RecordStores;
beforeEach(async () => {
  const row = databaseRows.find(({ kind }) => kind === "file");
  if (!row) throw new Error("There is no row for files");
  opened = await row.open();
  stores = openRecordStores(opened.database);
});
afterEach(async () => {
  await stores.behind.close();
  await opened.close();
});

function folder(): string {
  if (opened.place.kind !== "file") throw new Error("This database has no folder");
  return opened.place.dataDir;
}

/** Which of the words are in any file of the data folder. */
async function onDisk(words: readonly string[]): Promise<string[]> {
  const names = await readdir(folder());
  const files = await Promise.all(names.map((name) => readFile(join(folder(), name))));
  return words.filter((word) => files.some((bytes) => bytes.includes(word)));
}

/** Text or sound full of a word. */
const fullOf = (word: string, length: number): string =>
  word.repeat(Math.ceil(length / word.length));

async function addTurn(id: string, word: string, textLength: number, soundLength: number) {
  const sound = Buffer.from(fullOf(`sound-${word}.`, soundLength));
  stores.history.addAudio(id, sound);
  const text = fullOf(`text-${word}.`, textLength);
  await stores.history.add(turnOf(id, { text, audioFormat: pcm }));
}

it("is on the disk before, and nowhere after it was deleted", async () => {
  await addTurn("turn-kept", "Quokka", 100, 100_000);
  await addTurn("turn-gone", "Numbat", 100, 100_000);
  const words = ["text-Quokka", "sound-Quokka", "text-Numbat", "sound-Numbat", "turn-gone"];
  expect(await onDisk(words)).toEqual(words);
  expect(await stores.history.delete("turn-gone")).toBe(true);
  expect(await onDisk(words)).toEqual(["text-Quokka", "sound-Quokka"]);
});

it("is nowhere after it was pruned", async () => {
  await addTurn("turn-1", "Quokka", 5000, 300_000);
  await addTurn("turn-2", "Numbat", 5000, 300_000);
  await stores.history.prune({ beforeUnix: 0, maxBytes: 310_000 });
  const words = ["text-Quokka", "sound-Quokka", "text-Numbat", "sound-Numbat"];
  expect(await onDisk(words)).toEqual(["text-Numbat", "sound-Numbat"]);
});

it("is nowhere, in whatever order turns of any length come and go", async () => {
  const lengths = [10, 60, 200, 700, 1500, 3000, 9000, 40_000];
  const wordOf = (number: number): string => `Word${String(number).padStart(4, "0")}`;
  const shuffled = Array.from({ length: 400 }, (_, index) => (index * 237) % 400);
  for (const number of shuffled) {
    const length = lengths[(number * 7) % lengths.length] ?? 0;
    await addTurn(`turn-${wordOf(number)}`, wordOf(number), length, length * 3);
  }
  const gone = shuffled.toSorted((a, b) => ((a * 91) % 400) - ((b * 91) % 400)).slice(0, 300);
  for (const number of gone) await stores.history.delete(`turn-${wordOf(number)}`);
  const kept = shuffled.filter((number) => !gone.includes(number)).map(wordOf);
  expect(await onDisk(kept)).toEqual(kept);
  expect(await onDisk(gone.map(wordOf))).toEqual([]);
});

it("is gone from the disk with the next pruning if another process was reading", async () => {
  await addTurn("turn-gone", "Numbat", 100, 100);
  const reader = new Libsql(join(folder(), databaseFile));
  reader.exec("begin");
  reader.prepare("select id from turns").all();
  expect(await stores.history.delete("turn-gone")).toBe(true);
  expect(await onDisk(["text-Numbat"])).toEqual(["text-Numbat"]);
  reader.exec("commit");
  reader.close();
  await stores.history.prune({ beforeUnix: 0, maxBytes: Infinity });
  expect(await onDisk(["text-Numbat"])).toEqual([]);
});

it("deletes sound of turns that a killed process never added, once they are a day old", async () => {
  const nowMs = Date.UTC(2026, 5, 1);
  const hourMs = 3_600_000;
  const ids = [48, 25, 23, 1].map((hours) => createTurnId(nowMs - hours * hourMs));
  const kept = createTurnId(nowMs - 30 * hourMs);
  await addTurn(kept, "Quokka", 10, 10);
  const { query } = opened.database;
  const lost = Array.from({ length: 250 }, () => createTurnId(nowMs - 47 * hourMs));
  const rows = [...ids, ...lost].map((turn_id) => ({ turn_id, part: 0, bytes: new Uint8Array(9) }));
  await query.insertInto("turn_audio").values(rows).execute();
  await deleteSoundWithoutTurn(opened.database, nowMs);
  const left = await query.selectFrom("turn_audio").select("turn_id").orderBy("turn_id").execute();
  expect(left.map(({ turn_id }) => turn_id)).toEqual([kept, ...ids.slice(2)]);
});
