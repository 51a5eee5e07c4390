import { Readable } from "node:stream";
import { createTarDecoder } from "modern-tar";
import type { ArchiveEntry } from "./archive-entry.ts";

/** The entries of a tar archive as they come. @throws {Error} for what is no archive, or not whole */
export async function* readTar(bytes: Readable): AsyncGenerator<ArchiveEntry> {
  const entries = (Readable.toWeb(bytes) as ReadableStream<Uint8Array>).pipeThrough(
    createTarDecoder({ strict: true }),
  );
  for await (const { header, body } of entries) {
    let isRead = false;
    yield {
      name: header.name,
      kind: header.type === "file" ? "file" : header.type === "directory" ? "folder" : "other",
      sizeBytes: header.size,
      content() {
        isRead = true;
        return body;
      },
    };
    if (!isRead) await body.cancel();
  }
}
