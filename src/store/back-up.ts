import { link, open, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { sql } from "kysely";
import type { Database } from "./database.ts";

/**
 * Copies a SQLite database as it is at this moment into one file, which appears when it is whole and
 * which only its owner may read. Gives its size in bytes. Others may use the database meanwhile.
 * @throws with the code `EEXIST` if the file is there and may not be replaced
 */
export async function backUp(
  { query }: Database,
  path: string,
  { mayReplace }: { readonly mayReplace: boolean },
): Promise<number> {
  const partial = join(dirname(path), `.${basename(path)}.partial`);
  await rm(partial, { force: true });
  try {
    const file = await open(partial, "wx", 0o600);
    try {
      // SQLite fills a file that is there, if it is empty.
      await sql`vacuum into ${partial}`.execute(query);
      await file.sync();
    } finally {
      await file.close();
    }
    // A link, because to rename would replace what has come in the meantime.
    await (mayReplace ? rename(partial, path) : link(partial, path));
    return (await stat(path)).size;
  } finally {
    await rm(partial, { force: true });
  }
}
