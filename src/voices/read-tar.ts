import { Readable } from "node:stream";
import { createTarDecoder, type ParsedTarEntry } from "modern-tar";
import type { ArchiveEntry } from "./archive-entry.ts";

/** The entries of a tar archive as they come. @throws {Error} for what is no archive, or not whole */
export async function* readTar(bytes: Readable): AsyncGenerator<ArchiveEntry> {
  const entries = (Readable.toWeb(bytes) as ReadableStream<Uint8Array>).pipeThrough(
    createTarDecoder({ strict: true }),
  );
  for await (const { header, body } of iterate(entries)) {
    let isRead = false;
    yield {
      name: header.name,
      kind: header.type === "file" ? "file" : header.type === "directory" ? "folder" : "other",
      sizeBytes: header.size,
      content() {
        isRead = true;
        return iterate(body);
      },
    };
    if (!isRead) await body.cancel();
  }
}

/** Node's types know that its streams can be iterated, those of the web do not. */
const iterate = <Piece extends Uint8Array | ParsedTarEntry>(
  stream: ReadableStream<Piece>,
): AsyncIterable<Piece> => stream;
