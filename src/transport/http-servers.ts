import http, {
  type RequestListener,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from "node:http";
import https from "node:https";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
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
  /** From the connection, or from the first byte of a request on it, to the end of the headers, which are small. */
  headersMs: 10_000,
  /** How often the former is looked at, so that it is a second late at most. */
  checkMs: 1000,
  /** Between requests: longer than common load balancers keep a connection, so that they close it first. */
  keepAliveMs: 72_000,
  /** Address and headers together: room for a long address, not for text. */
  headerBytes: 16_384,
  /** For a body, however little comes of it. */
  bodyMs: 30_000,
  /** What has to come of a body after that, on the average: a slow phone sends more. */
  bodyBytesPerSecond: 4096,
};

/** Whoever is told of connections that are none of the framework's. */
export interface ConnectionListener {
  onConnection(socket: Socket): void;
  /** What came is not HTTP, is too much of it, or came too slowly. */
  onBroken(error: Error, stream: Duplex): void;
  /** Somebody speaks plain HTTP where everything is encrypted, and cannot be answered. */
  onUnsecured(): void;
  /** Somebody takes the server for a proxy (RFC 9110 section 9.3.6). */
  onTunnel(stream: Duplex): void;
}

/** The HTTP servers behind one port: a name such as localhost may stand for several addresses. */
export class HttpServers {
  readonly #limits: HttpLimits;
  readonly #listener: ConnectionListener;
  #tls: TlsFiles | undefined;
  readonly #secured: https.Server[] = [];

  constructor(limits: HttpLimits, tls: TlsFiles | undefined, listener: ConnectionListener) {
    this.#limits = limits;
    this.#tls = tls;
    this.#listener = listener;
  }

  /** One more server. There is no limit to the requests on one connection. */
  create(onRequest: RequestListener): Server {
    const server = this.#create(onRequest);
    // Who expects what nobody knows is answered all the same, as RFC 9110 section 10.1.1 allows.
    server.on("checkExpectation", onRequest);
    const open = new WeakSet<Duplex>();
    server.on(this.#tls ? "secureConnection" : "connection", (socket) => open.add(socket));
    const answers = new WeakMap<Duplex, ServerResponse>();
    server.on("request", ({ socket }, answer) => answers.set(socket, answer));
    server.on("clientError", (error, stream) => {
      const answer = answers.get(stream);
      const isAnswering = answer?.headersSent === true && !answer.writableFinished;
      const isUnsecured = "code" in error && error.code === "ERR_SSL_HTTP_REQUEST";
      if (isUnsecured) this.#listener.onUnsecured();
      // In the middle of an answer nothing else can be said, and before encryption nothing at all.
      if (isAnswering || !open.has(stream)) stream.destroy();
      else this.#listener.onBroken(error, stream);
    });
    server.on("connect", (_request, stream) => this.#listener.onTunnel(stream));
    // After the server's own listener, which could not bear a connection that was dropped before.
    server.on("connection", (socket) => this.#listener.onConnection(socket));
    return server;
  }

  /** Another certificate for connections that are made from now on. */
  renew(tls: TlsFiles): void {
    this.#tls = tls;
    for (const server of this.#secured) server.setSecureContext({ cert: tls.cert, key: tls.key });
  }

  #create(onRequest: RequestListener): Server {
    const { handshakeMs, headersMs, checkMs, keepAliveMs, headerBytes } = this.#limits;
    const options: ServerOptions = {
      headersTimeout: headersMs,
      connectionsCheckingInterval: checkMs,
      keepAliveTimeout: keepAliveMs,
      maxHeaderSize: headerBytes,
      // Bodies have a pace to keep instead of an end: see body-watch.ts.
      requestTimeout: 0,
      // A missing Host is told like everything else that is wrong with a request.
      requireHostHeader: false,
    };
    if (!this.#tls) return http.createServer(options, onRequest);
    const { cert, key } = this.#tls;
    const tls = { cert, key, handshakeTimeout: handshakeMs };
    const server = https.createServer({ ...options, ...tls }, onRequest);
    this.#secured.push(server);
    return server;
  }
}

/** What Node's errors of a connection that is not served any more are to its client. */
export function connectionProblem(error: Error, { headersMs }: HttpLimits): Problem {
  const code = "code" in error ? String(error.code) : "";
  if (code === "HPE_HEADER_OVERFLOW") return { code: "headers_too_large", details: {} };
  if (code === "ERR_HTTP_REQUEST_TIMEOUT") {
    return { code: "request_timeout", details: { seconds: headersMs / 1000 } };
  }
  // Node keeps what came: a TLS record with a handshake begins so (RFC 8446 section 5.1).
  const bytes =
    "rawPacket" in error && Buffer.isBuffer(error.rawPacket) ? error.rawPacket : undefined;
  if (bytes?.[0] === 0x16 && bytes[1] === 0x03) return { code: "tls_on_plain_port", details: {} };
  return { code: "malformed_request", details: {} };
}
