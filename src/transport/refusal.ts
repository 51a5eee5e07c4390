import { STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import type { Dialect } from "../protocol/dialect.ts";
import type { Problem } from "../protocol/problems.ts";
import { createRequestId } from "./identifiers.ts";

/**
 * Says no on a connection that no framework answers: an upgrade, or something that is not HTTP.
 * Client libraries report the status, and most show the body.
 */
export function refuse(
  stream: Duplex,
  dialect: Dialect | undefined,
  problem: Problem,
  traceId: string,
): void {
  const refusal = dialect?.refuse(problem, createRequestId());
  const status = refusal?.status ?? 500;
  const body = JSON.stringify(refusal?.body ?? {});
  const headers = {
    ...refusal?.headers,
    "content-type": "application/json",
    "content-length": String(Buffer.byteLength(body)),
    "x-trace-id": traceId,
    connection: "close",
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  stream.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}\r\n${lines.join("")}\r\n${body}`);
}
