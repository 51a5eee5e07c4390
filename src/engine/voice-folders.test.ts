import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { readVoiceFolders, slugOf, voiceIdOf } from "./voice-folders.ts";

let path: string;

beforeEach(async () => {
  path = await mkdtemp(join(tmpdir(), "syrinx-voices-"));
});
afterEach(() => rm(path, { recursive: true }));

async function put(folder: string, manifest: string): Promise<void> {
  await mkdir(join(path, folder), { recursive: true });
  await writeFile(join(path, folder, "voice.json"), manifest);
}

it("reads the folders in the order of their names, and no hidden ones or files", async () => {
  await put("second", JSON.stringify({ language: "de-DE", engines: [{ voice: "flite-slt" }] }));
  await mkdir(join(path, "first", "espeak-ng-data"), { recursive: true });
  await writeFile(join(path, "first", "model.onnx"), "");
  await put(".unfinished", "{}");
  await writeFile(join(path, "notes.txt"), "");
  const { folders, faults } = await readVoiceFolders(path);
  expect(faults).toEqual([]);
  expect(folders).toMatchObject([
    { name: "first", manifest: {} },
    { name: "second", manifest: { language: "de-DE", engines: [{ voice: "flite-slt" }] } },
  ]);
  expect(folders[0]?.files.toSorted()).toEqual(["espeak-ng-data/", "model.onnx"]);
});

it("finds none where there is no such place", async () => {
  expect(await readVoiceFolders(join(path, "none"))).toEqual({ folders: [], faults: [] });
});

it.each([
  ["{", "not JSON"],
  ["[]", "at the top"],
  ['{"engines":[]}', "at engines"],
  ['{"engines":[{"engine":"openai","url":"file:///etc","voice":"a"}]}', "at engines.0"],
  ['{"engines":[{"engine":"openai","url":"http://h","voice":"a","key":"k"}]}', "at engines.0"],
  ['{"colour":"red"}', "at the top"],
  ['{"language":"English"}', "at language: write a language as in en, en-US or zh-Hant."],
  ['{"language":"en_US_US"}', "at language"],
  ['{"language":"de/at"}', "at language"],
  ['{"language":""}', "at language"],
])("says what is wrong with a voice.json of %s", async (manifest, where) => {
  await put("one", manifest);
  await put("two", "{}");
  const { folders, faults } = await readVoiceFolders(path);
  expect(folders.map(({ name }) => name)).toEqual(["two"]);
  expect(faults).toEqual([{ name: "one", reason: expect.stringContaining(where) as string }]);
});

it("takes languages in forms that nothing else understands", async () => {
  await put("one", '{"language":"en_US"}');
  await put("two", '{"language":"zh-hant-tw"}');
  const { folders, faults } = await readVoiceFolders(path);
  expect(faults).toEqual([]);
  expect(folders.map(({ manifest }) => manifest.language)).toEqual(["en-US", "zh-Hant-TW"]);
});

it("says which folders cannot be told apart by the names of their voices", async () => {
  for (const folder of ["A b", "a-b", "你好"]) await put(folder, "{}");
  const { folders, faults } = await readVoiceFolders(path);
  expect(folders.map(({ name }) => name)).toEqual(["A b"]);
  expect(faults).toEqual([
    { name: "a-b", reason: expect.stringContaining("those of A b") as string },
    { name: "你好", reason: expect.stringContaining("no Latin letter") as string },
  ]);
});

it("a pipe in a folder is not there: reading it would never end", async () => {
  await put("one", "{}");
  execFileSync("mkfifo", [join(path, "one", "model.onnx")]);
  await mkdir(join(path, "two"));
  execFileSync("mkfifo", [join(path, "two", "voice.json")]);
  const { folders } = await readVoiceFolders(path);
  expect(folders.map(({ files }) => files)).toEqual([["voice.json"], []]);
});

it("says of a voice.json of any size that it is too large", async () => {
  await put("one", " ".repeat(100_000));
  const { faults } = await readVoiceFolders(path);
  expect(faults).toEqual([{ name: "one", reason: "Its voice.json is larger than 64 KiB." }]);
});

it("gives each slug an id of 20 letters and digits, always the same", () => {
  expect(voiceIdOf("piper-lessac")).toBe(voiceIdOf("piper-lessac"));
  expect(voiceIdOf("piper-lessac")).toMatch(/^[A-Za-z\d]{20}$/);
  expect(voiceIdOf("piper-lessac")).not.toBe(voiceIdOf("piper-amy"));
});

it("makes slugs of any name", () => {
  expect(slugOf("Vits Piper_en-US", "Zoë")).toBe("vits-piper-en-us-zoe");
  expect(slugOf("../../etc")).toBe("etc");
});
