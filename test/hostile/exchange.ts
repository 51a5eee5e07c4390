import { connect, type Socket } from "node:net";

/** An answer as it came over the wire. */
export interface RawAnswer {
  readonly status: number;
  /** By lower-case name; of several the last one. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** Everything that a server said on one connection. */
export interface Exchange {
  readonly answers: readonly RawAnswer[];
  /** What came after an upgrade was granted: text frames as they are, a close frame as its code. */
  readonly frames: readonly (string | number)[];
  readonly text: string;
}

/** How long a test waits for a server to close. */
const patienceMs = 8000;

export function dial(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const stream = connect(Number(port), hostname, () => resolve(stream));
    stream.once("error", reject);
  });
}

/** Sends bytes as they are on a connection of their own; resolves with all that comes until its end. */
export async function exchange(url: string, bytes: string | Buffer): Promise<Exchange> {
  const stream = await dial(url);
  stream.write(typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes);
  return readExchange(stream);
}

/** Reads a connection to its end, which is a close frame or the server's. */
export function readExchange(stream: Socket): Promise<Exchange> {
  let received = Buffer.alloc(0);
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      stream.destroy();
      reject(
        new Error(`The server never closed; it said: ${received.toString("latin1").slice(0, 500)}`),
      );
    }, patienceMs);
    stream.on("data", (part: Buffer) => {
      received = Buffer.concat([received, part]);
      // A peer that is asked to close closes (RFC 6455 section 5.5.1).
      if (parseExchange(received).frames.some((frame) => typeof frame === "number")) stream.end();
    });
    stream.on("end", () => stream.end());
    stream.on("error", () => {});
    stream.on("close", () => {
      clearTimeout(timer);
      resolve(parseExchange(received));
    });
  });
}

function parseExchange(all: Buffer): Exchange {
  const answers: RawAnswer[] = [];
  let at = 0;
  while (at < all.length) {
    const headEnd = all.indexOf("\r\n\r\n", at);
    if (headEnd < 0) break;
    const [statusLine = "", ...lines] = all.subarray(at, headEnd).toString("latin1").split("\r\n");
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(statusLine)?.[1]);
    const headers = Object.fromEntries(
      lines.map((line) => {
        const colon = line.indexOf(":");
        return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
      }),
    );
    const bodyAt = headEnd + 4;
    if (status === 101) {
      answers.push({ status, headers, body: Buffer.alloc(0) });
      return { answers, frames: parseFrames(all.subarray(bodyAt)), text: all.toString("latin1") };
    }
    const { body, endAt } = readBody(all, bodyAt, headers);
    answers.push({ status, headers, body });
    at = endAt;
  }
  return { answers, frames: [], text: all.toString("latin1") };
}

function readBody(
  all: Buffer,
  from: number,
  headers: RawAnswer["headers"],
): { readonly body: Buffer; readonly endAt: number } {
  if (headers["transfer-encoding"] !== "chunked") {
    const endAt = from + Number(headers["content-length"] ?? 0);
    return { body: all.subarray(from, endAt), endAt };
  }
  const parts: Buffer[] = [];
  let at = from;
  for (;;) {
    const lineEnd = all.indexOf("\r\n", at);
    const size = Number.parseInt(all.subarray(at, lineEnd).toString("latin1"), 16);
    if (lineEnd < 0 || !(size > 0)) return { body: Buffer.concat(parts), endAt: lineEnd + 4 };
    parts.push(all.subarray(lineEnd + 2, lineEnd + 2 + size));
    at = lineEnd + 2 + size + 2;
  }
}

/** Frames of a server, which have no mask (RFC 6455 section 5.2). */
function parseFrames(all: Buffer): (string | number)[] {
  const frames: (string | number)[] = [];
  let at = 0;
  while (at + 2 <= all.length) {
    const opcode = (all[at] ?? 0) & 0x0f;
    const short = (all[at + 1] ?? 0) & 0x7f;
    const extra = short === 126 ? 2 : short === 127 ? 8 : 0;
    if (at + 2 + extra > all.length) break;
    const size =
      extra === 2
        ? all.readUInt16BE(at + 2)
        : extra === 8
          ? Number(all.readBigUInt64BE(at + 2))
          : short;
    const payload = all.subarray(at + 2 + extra, at + 2 + extra + size);
    if (payload.length < size) break;
    if (opcode === 1) frames.push(payload.toString());
    if (opcode === 8) frames.push(size >= 2 ? payload.readUInt16BE(0) : 1005);
    at += 2 + extra + size;
  }
  return frames;
}
