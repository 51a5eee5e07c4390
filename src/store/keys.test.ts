import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DamagedKeyError, openServerKey } from "./keys.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "syrinx-keys-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe("the server's key", () => {
  it("is made once and accepted from then on", async () => {
    const dataDir = join(folder, "deep", "data");
    const first = await openServerKey(undefined, dataDir);
    const key = first.newKey ?? "";
    expect(key).toMatch(/^sk_[0-9a-f]{64}$/);
    expect(first.checker.accepts(key)).toBe(true);
    const second = await openServerKey(undefined, dataDir);
    expect(second.newKey).toBeUndefined();
    expect(second.checker.accepts(key)).toBe(true);
    for (const other of ["", `${key}0`, key.slice(0, -1), key.toUpperCase()]) {
      expect(second.checker.accepts(other)).toBe(false);
    }
  });

  it("is kept as a hash that only its owner reads", async () => {
    const { newKey = "" } = await openServerKey(undefined, folder);
    const files = await readdir(folder);
    expect(files).toHaveLength(1);
    const path = join(folder, files[0] ?? "");
    expect(await readFile(path, "utf8")).not.toContain(newKey.slice(3, 20));
    expect((await stat(path)).mode & 0o077).toBe(0);
  });

  it("that is configured is neither stored nor shown, and wins over the stored one", async () => {
    const { newKey = "" } = await openServerKey(undefined, folder);
    const before = await readdir(folder);
    const configured = await openServerKey("my-own-key", folder);
    expect(configured.newKey).toBeUndefined();
    expect(configured.checker.accepts("my-own-key")).toBe(true);
    expect(configured.checker.accepts(newKey)).toBe(false);
    expect(await readdir(folder)).toEqual(before);
  });

  it("is not made anew when the stored hash cannot be one", async () => {
    await openServerKey(undefined, folder);
    const [file = ""] = await readdir(folder);
    await writeFile(join(folder, file), "not a hash");
    await expect(openServerKey(undefined, folder)).rejects.toThrow(DamagedKeyError);
  });

  it("cannot be kept in a file that is no folder", async () => {
    const path = join(folder, "file");
    await writeFile(path, "");
    await expect(openServerKey(undefined, path)).rejects.toThrow(/ENOTDIR|EEXIST/);
  });
});
