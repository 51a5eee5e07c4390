import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { type Zippable, zipSync } from "fflate";
import { packTar, type TarHeader } from "modern-tar";
import { encodeToneVoice, toneTokens } from "./onnx-fixture.ts";

/** The files of a voice of tones, in a folder as archives have it. */
export const toneFiles: Readonly<Record<string, Uint8Array>> = {
  "tones/model.onnx": encodeToneVoice(),
  "tones/tokens.txt": Buffer.from(toneTokens),
};

/** A tar archive; `more` are entries of other kinds. */
export async function tarOf(
  files: Readonly<Record<string, Uint8Array>>,
  more: readonly (Partial<TarHeader> & { readonly name: string })[] = [],
): Promise<Buffer> {
  const entries = Object.entries(files).map(([name, body]) => ({
    header: { name, size: body.length, type: "file" as const },
    body,
  }));
  const others = more.map((header) => ({ header: { size: 0, ...header } }));
  return Buffer.from(await packTar([...entries, ...others]));
}

export const tarGzOf = async (...args: Parameters<typeof tarOf>): Promise<Buffer> =>
  gzipSync(await tarOf(...args));

/** A zip archive; those in `links` are marked as symbolic links. */
export function zipOf(
  files: Readonly<Record<string, Uint8Array>>,
  links: readonly string[] = [],
): Buffer {
  const unix = 3;
  const link = 0o120777;
  const entries: Zippable = {};
  for (const [name, body] of Object.entries(files)) {
    entries[name] = links.includes(name) ? [body, { os: unix, attrs: link << 16 }] : body;
  }
  return Buffer.from(zipSync(entries));
}

/** A web server on loopback that answers as it is told. */
export interface FileServer {
  readonly url: string;
  /** What was asked for, in order: path and range. */
  readonly requests: readonly { readonly path: string; readonly range: string | undefined }[];
  close(): Promise<void>;
}

export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** Serves by path; whatever else is asked for is not there. */
export async function serveFiles(
  files: Readonly<Record<string, Uint8Array | Answer>>,
): Promise<FileServer> {
  const requests: { path: string; range: string | undefined }[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? "";
    requests.push({ path, range: request.headers.range });
    const file = files[path];
    if (typeof file === "function") file(request, response);
    else if (file) response.end(file);
    else response.writeHead(404).end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
