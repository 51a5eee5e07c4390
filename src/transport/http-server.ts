import http, { type RequestListener, type Server } from "node:http";
import https from "node:https";
import type { Socket } from "node:net";
import type { Problem } from "../protocol/problems.ts";
import type { TlsFiles } from "./tls-files.ts";

/** How long a connection may take for what, and how much it may send. */
export interface HttpLimits {
  readonly handshakeMs: number;
  readonly headersMs: number;
  readonly checkMs: number;
  readonly keepAliveMs: number;
  readonly headerBytes: number;
  readonly bodyMs: number;
  readonly bodyBytesPerSecond: number;
}

export const httpLimits: HttpLimits = {
  /** For a TLS handshake: several round trips, even from a slow phone. */
  handshakeMs: 10_000,
  /** From the first byte of a request, or from the connection, to the end of its headers. They are small. */
  headersMs: 10_000,
  /** How often the former is looked at, so that it is a second late at most. */
  checkMs: 1000,
  /** Between requests: longer than the idle time of common load balancers, so that they close first. */
  keepAliveMs: 72_000,
  /** Address and headers together: room for a long address, not for text. */
  headerBytes: 16_384,
  /** For a body, however little comes of it. */
  bodyMs: 30_000,
  /** What a body has to come with after that, on the average: a slow phone has more. */
  bodyBytesPerSecond: 4096,
};

/** An HTTP server; with TLS files one that speaks https. Requests on one connection are not counted. */
export function createHttpServer(
  limits: HttpLimits,
  tls: TlsFiles | undefined,
  onRequest: RequestListener,
  onConnection: (socket: Socket) => void,
): Server {
  const options = {
    headersTimeout: limits.headersMs,
    connectionsCheckingInterval: limits.checkMs,
    keepAliveTimeout: limits.keepAliveMs,
    maxHeaderSize: limits.headerBytes,
    // Bodies have a pace to keep instead of an end: see body-watch.ts.
    requestTimeout: 0,
    // A missing Host is told like everything else that is wrong with it.
    requireHostHeader: false,
  };
  const server = tls
    ? https.createServer({ ...options, ...tls, handshakeTimeout: limits.handshakeMs }, onRequest)
    : http.createServer(options, onRequest);
  // Who expects what nobody knows is answered all the same, as RFC 9110 section 10.1.1 allows.
  server.on("checkExpectation", onRequest);
  // After the listeners of the server itself, which could not bear one that was dropped before.
  server.on("connection", onConnection);
  return server;
}

/** What Node's errors of a connection that is not served any more are to its client. */
export function connectionProblem(error: Error, { headersMs }: HttpLimits): Problem {
  const code = "code" in error ? String(error.code) : "";
  if (code === "HPE_HEADER_OVERFLOW") return { code: "headers_too_large", details: {} };
  if (code === "ERR_HTTP_REQUEST_TIMEOUT") {
    return { code: "request_timeout", details: { seconds: headersMs / 1000 } };
  }
  return { code: "malformed_request", details: {} };
}
