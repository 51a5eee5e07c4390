import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Libsql from "libsql";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openFile } from "./connection.ts";

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "syrinx-sqlite-"));
  path = join(folder, "syrinx.db");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe("opening a file", () => {
  // SQLite answers at once that it is busy when it shall keep a log while somebody else is about to write.
  it("waits for another process that makes the same database", async () => {
    const other = new Libsql(path);
    other.exec("begin immediate");
    const opening = openFile(path);
    const early = await Promise.race([opening, new Promise((resolve) => setTimeout(resolve, 100))]);
    expect(early).toBeUndefined();
    other.exec("commit");
    other.close();
    const connection = await opening;
    expect((await connection.run("pragma journal_mode", [])).rows).toEqual([
      { journal_mode: "wal" },
    ]);
    await connection.close();
  });

  it("says what is wrong with a file that is no database", async () => {
    await writeFile(path, "Once upon a time there was no database at all.".repeat(100));
    await expect(openFile(path)).rejects.toMatchObject({
      name: "SqliteError",
      code: "SQLITE_NOTADB",
      message: expect.stringContaining("not a database") as string,
    });
  });
});
