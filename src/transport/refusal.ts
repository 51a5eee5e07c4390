import { STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import type { Clock } from "../clock.ts";
import type { Dialect } from "../protocol/dialect.ts";
import type { Problem } from "../protocol/problems.ts";
import { createRequestId } from "./identifiers.ts";
import { securityHeaders } from "./security-headers.ts";

/** Why a connection is refused, and in whose words. */
export interface Refusing {
  readonly dialect: Dialect;
  readonly problem: Problem;
  readonly traceId: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** How long a client may take to read why it was refused, and to close. */
const lingerMs = 2000;

/**
 * Says no on a connection that no framework answers: an upgrade, or something that is not HTTP.
 * Client libraries report the status, which is given back, and most show the body.
 */
export function refuse(stream: Duplex, refusing: Refusing, clock: Clock): number {
  const { dialect, problem, traceId } = refusing;
  const { status, headers: own, body: answer } = dialect.refuse(problem, createRequestId());
  const body = JSON.stringify(answer);
  const headers = {
    ...securityHeaders(stream),
    ...own,
    ...refusing.headers,
    "content-type": "application/json",
    "content-length": String(Buffer.byteLength(body)),
    "x-trace-id": traceId,
    connection: "close",
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  stream.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}\r\n${lines.join("")}\r\n${body}`);
  // A connection that is closed with something unread in it is reset, and the answer may be lost.
  stream.resume();
  const cancel = clock.schedule(lingerMs, () => stream.destroy());
  stream.once("close", cancel);
  return status;
}
