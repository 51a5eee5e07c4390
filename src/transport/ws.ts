import { type IncomingMessage, type Server, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import createRouter from "find-my-way";
import { type WebSocket, WebSocketServer } from "ws";
import {
  type Dialect,
  isProblem,
  type RequestHead,
  type SocketCodec,
  type SocketOpening,
  type SocketRoute,
} from "../protocol/dialect.ts";
import type { Problem } from "../protocol/problems.ts";
import type { Session } from "../session/session.ts";
import { createRequestId, createTraceId } from "./identifiers.ts";
import type { Logger } from "./log.ts";
import type { CanonicalPath } from "./paths.ts";
import { readMessages } from "./socket-messages.ts";
import type { SpeechService } from "./speech-service.ts";

/** Largest client message. */
export const maxMessageBytes = 1_048_576;
/** Past this `ws` itself drops the connection, without a reason in the Close frame. */
const hardMaxMessageBytes = 4 * maxMessageBytes;
/** A frame is handed to the socket only while fewer bytes than this wait in it. */
const maxQueuedBytes = 128 * 1024;

/** Answers the upgrade requests of an HTTP server. */
export function serveSockets(
  server: Server,
  service: SpeechService,
  canonicalPath: CanonicalPath,
): { readonly close: () => void } {
  const sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: hardMaxMessageBytes,
  });
  const router = createRouter();
  for (const dialect of service.dialects) {
    for (const route of dialect.sockets) {
      router.on("GET", route.path, () => {}, { dialect, route });
    }
  }

  const upgrade = (request: IncomingMessage, stream: Duplex, head: Buffer): void => {
    stream.on("error", () => stream.destroy());
    const traceId = createTraceId();
    const logger = service.logger.child({ traceId });
    const url = readUrl(request);
    const path = canonicalPath(url.pathname);
    const found = router.find("GET", path);
    const { dialect, route } = (found?.store ?? {}) as { dialect?: Dialect; route?: SocketRoute };
    const refuse = (problem: Problem): void => {
      logger.info({ code: problem.code, path: route?.path }, "upgrade refused");
      refuseUpgrade(stream, dialect ?? service.dialects[0], problem, traceId);
    };
    if (service.sessions.draining) return refuse({ code: "shutting_down", details: {} });
    if (!found || !route) return refuse(noSocketHere(service, path));
    const opening = route.open(readHead(request, url, found.params));
    if (isProblem(opening)) return refuse(opening);
    sockets.once("headers", (headers) => headers.push(`x-trace-id: ${traceId}`));
    sockets.handleUpgrade(request, stream, head, (socket) => {
      logger.debug({ path: route.path }, "socket opened");
      void serveSocket(socket, stream, opening, service, logger);
    });
  };

  server.on("upgrade", upgrade);
  return { close: () => server.off("upgrade", upgrade) };
}

/** One connection, from the first message to the Close frame. */
async function serveSocket(
  socket: WebSocket,
  stream: Duplex,
  { plan, codec }: SocketOpening,
  service: SpeechService,
  logger: Logger,
): Promise<void> {
  const { parts, sessions } = service;
  const { session, close } = sessions.open(plan, parts, parts.authenticate, logger);
  const startedAt = parts.clock.now();
  // Errors of the connection are followed by its close, which is where they are dealt with.
  socket.on("error", (error) => logger.debug({ reason: error.message }, "socket error"));
  socket.once("close", (code) => {
    close();
    logger.debug({ code, durationMs: Math.round(parts.clock.now() - startedAt) }, "socket closed");
  });
  try {
    await Promise.all([
      read(socket, session, codec),
      write(socket, stream, session, codec, logger),
    ]);
  } catch (error) {
    logger.error({ err: error }, "connection failed");
    const { code, reason } = codec.close({ code: "internal_error", details: {} });
    socket.close(code, reason);
  }
}

async function read(socket: WebSocket, session: Session, codec: SocketCodec): Promise<void> {
  const tooBig: Problem = { code: "message_too_big", details: { limit: maxMessageBytes } };
  for await (const data of readMessages(socket)) {
    const fits = Buffer.byteLength(data) <= maxMessageBytes;
    await session.accept(fits ? codec.decode(data) : [{ type: "reject", problem: tooBig }]);
  }
}

async function write(
  socket: WebSocket,
  stream: Duplex,
  session: Session,
  codec: SocketCodec,
  logger: Logger,
): Promise<void> {
  const cork = createTickCork(stream);
  for await (const event of session.events()) {
    if (event.type === "close") {
      const { code, reason } = codec.close(event.problem);
      logger.debug({ code, problem: event.problem?.code }, "closing socket");
      socket.close(code, reason);
    } else {
      const frame = codec.encode(event);
      if (frame === undefined) continue;
      cork();
      await send(socket, frame);
    }
  }
}

/** Resolves when the socket can take more; a reader that stalls is waited for here. */
function send(socket: WebSocket, frame: string | Uint8Array): Promise<void> | undefined {
  if (socket.bufferedAmount < maxQueuedBytes) {
    socket.send(frame, asText, ignoreError);
    return undefined;
  }
  return new Promise((resolve) => {
    socket.send(frame, asText, () => resolve());
  });
}

const asText = { binary: false };

/** Lets frames that are made without waiting in between leave in one write: each wakes the peer. */
function createTickCork(stream: Duplex): () => void {
  let isCorked = false;
  const uncork = (): void => {
    isCorked = false;
    stream.uncork();
  };
  return () => {
    if (isCorked) return;
    isCorked = true;
    stream.cork();
    process.nextTick(uncork);
  };
}
/** A frame that cannot be sent any more is followed by the socket's close. */
const ignoreError = (): void => {};

function readUrl(request: IncomingMessage): URL {
  try {
    return new URL(request.url ?? "/", "http://localhost");
  } catch {
    return new URL("http://localhost/");
  }
}

function readHead(
  request: IncomingMessage,
  url: URL,
  params: Record<string, string | undefined>,
): RequestHead {
  const { headers } = request;
  return {
    params: params as Record<string, string>,
    query: url.searchParams,
    header: (name) => {
      const value = headers[name];
      return Array.isArray(value) ? value[0] : value;
    },
  };
}

function noSocketHere(service: SpeechService, path: string): Problem {
  const router = createRouter();
  for (const { http } of service.dialects) {
    for (const route of http)
      if (!router.hasRoute("GET", route.path)) router.on("GET", route.path, () => {});
  }
  return { code: router.find("GET", path) ? "upgrade_not_possible" : "not_found", details: {} };
}

/** Says no in plain HTTP: the client library reports the status and most show the body. */
function refuseUpgrade(
  stream: Duplex,
  dialect: Dialect | undefined,
  problem: Problem,
  traceId: string,
): void {
  const refusal = dialect?.refuse(problem, createRequestId());
  const status = refusal?.status ?? 404;
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
