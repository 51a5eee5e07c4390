import { open } from "node:fs/promises";
import { type Kysely, sql } from "kysely";

/**
 * SQLite overwrites a row that is deleted, but not always the copies of its neighbours: when what
 * is left is moved from one page to another, bytes may stay behind in the unused part of a page, and
 * are still there when the neighbour is deleted, too. https://www.sqlite.org/fileformat2.html
 */

/** Bytes in front of the list of cells, by the kind of a page: its first byte. */
const headerBytes: Readonly<Record<number, number>> = { 2: 12, 5: 12, 10: 8, 13: 8 };

/** From here on the number of a page, with which other pages begin, could pass for a kind. */
const maxPages = 2 ** 25;

const walHeaderBytes = 32;
const frameHeaderBytes = 24;
const framesAtOnce = 256;
const queryPages = 200;

interface Page {
  readonly pgno: number;
  readonly data: Uint8Array;
}

/**
 * Overwrites what is unused in the pages that were written last, which SQLite's log names. For a
 * connection that has just deleted something and that nobody else uses.
 */
export async function clearFreeSpace<Tables>(connection: Kysely<Tables>): Promise<void> {
  const [info] = (
    await sql<{ file: string; page_size: number; page_count: number }>`
      select file, page_size, page_count
      from pragma_database_list, pragma_page_size, pragma_page_count
      where name = 'main'
    `.execute(connection)
  ).rows;
  if (!info || info.page_count >= maxPages) return;
  const numbers = await writtenPages(`${info.file}-wal`, info.page_size);
  for (let at = 0; at < numbers.length; at += queryPages) {
    await clearPages(connection, numbers.slice(at, at + queryPages));
  }
}

async function clearPages<Tables>(
  connection: Kysely<Tables>,
  numbers: readonly number[],
): Promise<void> {
  await connection.transaction().execute(async (transaction) => {
    // The first page has the file's header in front of its own, and nothing but names of tables.
    const { rows } = await sql<Page>`
      select pgno, data from sqlite_dbpage
      where pgno in (${sql.raw(numbers.join())}) and pgno > 1
        and substr(data, 1, 1) in (x'02', x'05', x'0a', x'0d')
    `.execute(transaction);
    for (const { pgno, data } of rows) {
      const unused = unusedPart(data);
      if (unused.every((byte) => byte === 0)) continue;
      unused.fill(0);
      await sql`update sqlite_dbpage set data = ${data} where pgno = ${pgno}`.execute(transaction);
    }
  });
}

/** What is between a page's list of cells and the first of them. */
function unusedPart(page: Uint8Array): Uint8Array {
  const view = new DataView(page.buffer, page.byteOffset, page.byteLength);
  const start = (headerBytes[view.getUint8(0)] ?? page.length) + 2 * view.getUint16(3);
  // 65536 does not fit, and is written as 0.
  const end = view.getUint16(5) || 65_536;
  return page.subarray(start, Math.max(start, Math.min(end, page.length)));
}

/** Numbers of the pages with cells in SQLite's log, and perhaps of some that were in it before. */
async function writtenPages(path: string, pageBytes: number): Promise<number[]> {
  const numbers = new Set<number>();
  const frameBytes = frameHeaderBytes + pageBytes;
  const frames = Buffer.alloc(framesAtOnce * frameBytes);
  const file = await open(path);
  try {
    let bytesRead = frames.length;
    for (let at = walHeaderBytes; bytesRead === frames.length; at += bytesRead) {
      ({ bytesRead } = await file.read(frames, 0, frames.length, at));
      for (let frame = 0; frame + frameBytes <= bytesRead; frame += frameBytes) {
        const kind = frames.readUInt8(frame + frameHeaderBytes);
        if (kind in headerBytes) numbers.add(frames.readUInt32BE(frame));
      }
    }
  } finally {
    await file.close();
  }
  return [...numbers];
}
