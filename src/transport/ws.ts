import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import createRouter from "find-my-way";
import { WebSocketServer } from "ws";
import type { Account } from "../protocol/accounts.ts";
import {
  type Dialect,
  isProblem,
  maxMessageBytes,
  type RequestHead,
  type SocketOpening,
  type SocketRoute,
} from "../protocol/dialect.ts";
import type { RequestSubject } from "../protocol/observer.ts";
import { type Problem, SpeechError, toProblem } from "../protocol/problems.ts";
import type { Credential } from "../protocol/speech.ts";
import { AnnouncedSocket } from "./announced-socket.ts";
import { endWithoutClose } from "./client-ends.ts";
import type { Gate } from "./gate.ts";
import { Heartbeat, type OnSilent } from "./heartbeat.ts";
import { createTraceId } from "./identifiers.ts";
import { readUrl, withoutCredentials } from "./request-url.ts";
import type { Logger } from "./log.ts";
import type { CanonicalPath } from "./paths.ts";
import { refuse as sendRefusal } from "./refusal.ts";
import { dialectOf, type SpeechService } from "./speech-service.ts";
import { SocketConnection } from "./socket-connection.ts";

/** Past this a message is not even read. */
const hardMaxMessageBytes = 4 * maxMessageBytes;
/** Longest part of a path that is taken for an id. */
export const maxParamLength = 1000;
/** What answers upgrades. */
export interface SocketServer {
  close(): void;
}

/** Answers the upgrade requests of an HTTP server. */
export function serveSockets(
  server: Server,
  service: SpeechService,
  canonicalPath: CanonicalPath,
  gate: Gate,
): SocketServer {
  const sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    // The socket answers itself: `ws` drops, without a word, whoever sends many pings at once.
    autoPong: false,
    clientTracking: false,
    maxPayload: hardMaxMessageBytes,
    WebSocket: AnnouncedSocket,
  });
  const traceIds = new WeakMap<IncomingMessage, string>();
  sockets.on("headers", (headers, request) => {
    headers.push(`x-trace-id: ${traceIds.get(request) ?? createTraceId()}`);
  });
  const refusals = new WeakMap<IncomingMessage, (problem: Problem) => void>();
  sockets.on("wsClientError", ({ message }, _stream, request) => {
    refusals.get(request)?.({ code: "invalid_handshake", details: { reason: message } });
  });
  const heartbeat = new Heartbeat(service.parts.clock, service.parts.timers, tellSilence);
  const router = createRouter({ maxParamLength });
  const httpPaths = createRouter({ maxParamLength });
  for (const { basePath, dialect } of service.mounts) {
    for (const route of dialect.sockets) {
      router.on("GET", `${basePath}${route.path}`, () => {}, {
        dialect,
        route,
        pattern: `${basePath}${route.path}`,
      });
    }
    for (const { path } of dialect.http) {
      const full = `${basePath}${path}`;
      if (!httpPaths.hasRoute("GET", full)) httpPaths.on("GET", full, () => {});
    }
  }

  const onUpgrade = (request: IncomingMessage, stream: Duplex, head: Buffer): void => {
    stream.on("error", destroyStream);
    const traceId = createTraceId();
    const { logger } = service;
    const url = readUrl(request);
    const path = canonicalPath(url.pathname);
    const found = router.find("GET", path);
    const {
      dialect = dialectOf(service.mounts, path),
      route,
      pattern = "",
    } = (found?.store ?? {}) as { dialect?: Dialect; route?: SocketRoute; pattern?: string };
    const asked = readHead(request, url, found?.params ?? {});
    const subject: RequestSubject = {
      method: request.method ?? "",
      dialect: dialect.name,
      route: pattern,
      url: withoutCredentials(url),
      traceId,
      credential: (route ?? dialect).credential(asked)?.kind ?? "none",
      header: (name) => asked.header(name),
    };
    let keyId: string | undefined;
    const refuse = (problem: Problem): void => {
      logger.info({ traceId, code: problem.code, path: route?.path }, "upgrade refused");
      const headers = problem.code === "invalid_handshake" ? supportedVersion : {};
      const refusing = { dialect, problem, traceId, headers };
      const status = sendRefusal(stream, refusing, service.parts.clock);
      service.observer.refused({ ...subject, scope: "upgrade", problem, status, keyId });
    };
    // Of one that has gone before it was answered `ws` says nothing.
    const lose = (account: Account | undefined): void => {
      const observer = service.observer.connection({ ...subject, transport: "socket" });
      if (account) observer.admitted(account.keyId);
      observer.closed(endWithoutClose({ id: "client_lost", details: {} }));
      stream.destroy();
    };
    const upgrade = async (): Promise<void> => {
      const leave = gate.enter(request);
      if (leave && isProblem(leave)) return refuse(leave);
      if (leave) stream.once("close", leave);
      if (service.sessions.draining) return refuse({ code: "shutting_down", details: {} });
      if (!found || !route) {
        const code = httpPaths.find("GET", path) ? "upgrade_not_possible" : "not_found";
        return refuse({ code, details: {} });
      }
      if (request.method !== "GET") return refuse({ code: "method_not_allowed", details: {} });
      const address = gate.clientAddress(request);
      const credential = route.credential(asked);
      const isDue = route.credentialDue === "upgrade";
      const due = isDue ? await service.parts.admit(credential, address) : undefined;
      if (due && isProblem(due)) return refuse(due);
      // Who would be refused at its first words costs less at the door; a browser shows nothing of that.
      const isBrowser = asked.header("origin") !== undefined;
      const busy = isBrowser ? undefined : service.parts.admission.turnAway();
      const opening = busy ?? (await openSocket(route, asked, traceId, logger));
      if (isProblem(opening)) {
        const found = due ?? (await foundBy(credential, address, service));
        // A bad credential comes before whatever else is wrong.
        if (found && isProblem(found)) return refuse(found);
        keyId = found?.keyId;
        return refuse(opening);
      }
      const account = due ?? (await checkHandshake(opening, address, service));
      if (account && isProblem(account)) return refuse(account);
      if (!stream.readable || !stream.writable) return lose(account);
      traceIds.set(request, traceId);
      refusals.set(request, refuse);
      sockets.handleUpgrade(request, stream, head, (socket) => {
        // From here on `ws` looks after it.
        stream.off("error", destroyStream);
        logger.debug({ traceId, path: route.path }, "socket opened");
        const observer = service.observer.connection({ ...subject, transport: "socket" });
        const client = { traceId, address, account, observer, heartbeat };
        new SocketConnection(socket, stream, client, opening, service);
      });
    };
    upgrade().catch((error: unknown) => {
      logger.error({ traceId, err: error }, "upgrade failed");
      refuse(toProblem(error));
    });
  };

  server.on("upgrade", onUpgrade);
  return {
    close() {
      server.off("upgrade", onUpgrade);
      heartbeat.stop();
    },
  };
}

const tellSilence: OnSilent = (socket, pings, silentMs) =>
  (socket as AnnouncedSocket).listener?.onSilent(pings, silentMs);

/** What is to be told to whoever asks for another version (RFC 6455 section 4.4). */
const supportedVersion = { "sec-websocket-version": "13" } as const;
function destroyStream(this: Duplex): void {
  this.destroy();
}

/** What goes wrong in a dialect is that connection's problem alone. */
async function openSocket(
  route: SocketRoute,
  head: RequestHead,
  traceId: string,
  logger: Logger,
): Promise<SocketOpening | Problem> {
  try {
    return await route.open(head, traceId);
  } catch (error) {
    if (error instanceof SpeechError) return error.problem;
    logger.error({ err: error, path: route.path }, "upgrade failed");
    return { code: "internal_error", details: {} };
  }
}

/** Whoever a key lets in, or what is wrong with it; a token would be used up by being looked at. */
async function foundBy(
  credential: Credential | undefined,
  address: string,
  { parts }: SpeechService,
): Promise<Account | Problem | undefined> {
  return credential?.kind === "key" ? parts.admit(credential, address) : undefined;
}

/** Whoever is let in with the upgrade, or what is wrong with it, if that is to be told in its place. */
async function checkHandshake(
  { plan: { credential, voice } }: SocketOpening,
  address: string,
  { handshakeErrors, parts }: SpeechService,
): Promise<Account | Problem | undefined> {
  // One that is shown is checked by the session, which tells in a frame what is wrong with it.
  if (credential && handshakeErrors === "frame") return undefined;
  const found = await parts.admit(credential, address);
  // Which voices there are is told to nobody who is not let in.
  if (!isProblem(found)) return handshakeErrors === "status" && isProblem(voice) ? voice : found;
  return credential && found;
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
