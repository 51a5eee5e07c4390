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
import type { CloseCause, ConnectionObserver } from "../protocol/observer.ts";
import { type ErrorCode, type Problem, SpeechError } from "../protocol/problems.ts";
import type { Command, Credential, Event } from "../protocol/speech.ts";
import type { Warning } from "../protocol/warnings.ts";
import type { SpokenTurn } from "../session/context.ts";
import type { Reader } from "../session/outbox.ts";
import type { Session } from "../session/session.ts";
import { AnnouncedSocket, type SocketListener } from "./announced-socket.ts";
import type { Gate } from "./gate.ts";
import { Heartbeat } from "./heartbeat.ts";
import type { Ends } from "./kernel-queues.ts";
import { createTraceId, createTurnId } from "./identifiers.ts";
import type { Logger } from "./log.ts";
import type { CanonicalPath } from "./paths.ts";
import { recordTurn } from "./recorder.ts";
import { refuse as sendRefusal } from "./refusal.ts";
import { type SocketOwner, SocketWriter } from "./socket-writer.ts";
import { dialectOf, type SessionConnection, type SpeechService } from "./speech-service.ts";
import { OwedPings } from "./owed-pings.ts";
import { TurnLog } from "./turn-log.ts";

/** Past this a message is not even read. */
const hardMaxMessageBytes = 4 * maxMessageBytes;
/** Longest part of a path that is taken for an id. */
export const maxParamLength = 1000;
/** How often a peer is looked after while its socket is not read. */
const probeMs = 50;
/** How long a peer that reads again may take for its side of the close. */
const closeMs = 1000;
/** Messages, and bytes of them, taken from the socket ahead of the session; more stay in the kernel's buffers. */
const maxReadAhead = { messages: 32, bytes: 2 * maxMessageBytes } as const;

/** Whoever is at the other end. */
interface SocketClient {
  readonly traceId: string;
  readonly address: string;
  /** Undefined until a message shows a credential. */
  readonly account: Account | undefined;
  readonly observer: ConnectionObserver;
}

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
  const heartbeat = new Heartbeat(service.parts.clock, service.parts.timers);
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

  const upgrade = async (request: IncomingMessage, stream: Duplex, head: Buffer): Promise<void> => {
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
    const refuse = (problem: Problem): void => {
      logger.info({ traceId, code: problem.code, path: route?.path }, "upgrade refused");
      service.observer.refused({ dialect: dialect.name, scope: "upgrade", code: problem.code });
      const headers = problem.code === "invalid_handshake" ? supportedVersion : {};
      sendRefusal(stream, { dialect, problem, traceId, headers }, service.parts.clock);
    };
    const leave = gate.enter(request);
    if (leave && isProblem(leave)) return refuse(leave);
    if (leave) stream.once("close", leave);
    if (service.sessions.draining) return refuse({ code: "shutting_down", details: {} });
    if (!found || !route) {
      const code = httpPaths.find("GET", path) ? "upgrade_not_possible" : "not_found";
      return refuse({ code, details: {} });
    }
    if (request.method !== "GET") return refuse({ code: "method_not_allowed", details: {} });
    const asked = readHead(request, url, found.params);
    const address = gate.clientAddress(request);
    const credential = route.credential(asked);
    const isDue = route.credentialDue === "upgrade";
    const due = isDue ? await service.parts.admit(credential, address) : undefined;
    if (due && isProblem(due)) return refuse(due);
    const opening = await openSocket(route, asked, traceId, logger);
    if (isProblem(opening)) return refuse(await reasonFor(opening, credential, address, service));
    const account = due ?? (await checkHandshake(opening, address, service));
    if (account && isProblem(account)) return refuse(account);
    traceIds.set(request, traceId);
    refusals.set(request, refuse);
    sockets.handleUpgrade(request, stream, head, (socket) => {
      // From here on `ws` looks after it.
      stream.off("error", destroyStream);
      logger.debug({ traceId, path: route.path }, "socket opened");
      const observer = service.observer.connection({
        transport: "socket",
        method: "GET",
        dialect: dialect.name,
        route: pattern,
        traceId,
        header: (name) => asked.header(name),
      });
      const client = { traceId, address, account, observer };
      new SocketConnection(socket, stream, client, opening, service);
      heartbeat.watch(socket, stream as Ends);
    });
  };
  const onUpgrade = (request: IncomingMessage, stream: Duplex, head: Buffer): void => {
    upgrade(request, stream, head).catch((error: unknown) => {
      service.logger.error({ err: error }, "upgrade failed");
      stream.destroy();
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

/**
 * One connection, from the first message to the Close frame. It keeps next to nothing while
 * nothing is said: there may be tens of thousands.
 */
class SocketConnection implements SocketListener, SocketOwner, SessionConnection, Reader<Event> {
  readonly account: Account | undefined;
  readonly address: string;
  readonly observer: ConnectionObserver;
  readonly #socket: AnnouncedSocket;
  readonly #traceId: string;
  readonly #opening: SocketOpening;
  readonly #service: SpeechService;
  readonly #session: Session;
  /** Why the server closes the socket, when it does. */
  #closeCause: CloseCause | undefined;
  /** Messages that wait for the one that is being handled; undefined when none is. */
  #unread: Message[] | undefined;
  /** Of all that have waited since there was none. */
  #unreadBytes = 0;
  #owedPings: OwedPings | undefined;
  /** Made with the first audio that is to be kept. */
  #turnLog: TurnLog | undefined;
  readonly #writer: SocketWriter;

  constructor(
    socket: AnnouncedSocket,
    stream: Duplex,
    { traceId, address, account, observer }: SocketClient,
    opening: SocketOpening,
    service: SpeechService,
  ) {
    const { plan, owedPingMs } = opening;
    const { parts, sessions, sending } = service;
    this.account = account;
    this.address = address;
    this.observer = observer;
    this.#socket = socket;
    this.#traceId = traceId;
    this.#opening = opening;
    this.#service = service;
    this.#writer = new SocketWriter(socket, stream, sending, this);
    const session = sessions.open(plan, parts, this);
    this.#session = session;
    if (owedPingMs !== undefined) {
      this.#owedPings = new OwedPings(owedPingMs, parts.clock, session, () => this.#ping());
    }
    socket.listen(this);
    session.deliver(this);
  }

  onMessage(data: Buffer, isBinary: boolean): void {
    if (data.length > maxMessageBytes) this.#queue(oversized, 0);
    else this.#queue(isBinary ? data : data.toString(), data.length);
  }

  onTooBig(): void {
    this.#queue(oversized, 0);
  }

  onPing(): void {
    if (this.#opening.pingsKeepAlive) this.#session.touch();
  }

  onError(error: Error): void {
    this.#closeCause ??= protocolFaultOf(error);
    this.#service.logger.debug({ traceId: this.#traceId, reason: error.message }, "socket error");
  }

  onClose(code: number): void {
    const { sessions, logger } = this.#service;
    const cause = code === noCloseFrame ? "client_lost" : "client_closed";
    sessions.close(this.#session, this.#closeCause ?? cause);
    this.#writer.close();
    this.#owedPings?.stop();
    this.#turnLog?.close();
    this.#unread = undefined;
    logger.debug({ traceId: this.#traceId, code }, "socket closed");
  }

  onFault(problem: Problem, err: unknown): void {
    const { logger } = this.#service;
    logger.error({ traceId: this.#traceId, err, code: problem.code }, "speech failed");
  }

  onWarning({ code: warning }: Warning): void {
    this.#service.logger.debug({ traceId: this.#traceId, warning }, "client warned");
  }

  onTurn(turn: SpokenTurn): void {
    const { durationMs, context, format, ...spoken } = turn;
    const startedAtMs = this.#service.wallClock() - durationMs;
    const logged = this.#turnLog?.end(context);
    const origin = {
      id: logged?.id ?? createTurnId(startedAtMs),
      requestId: this.#traceId,
      startedAtUnix: Math.floor(startedAtMs / 1000),
      audioFormat: logged?.hasSound ? format : undefined,
    };
    void recordTurn(spoken, origin, this.#opening.plan, this.#service);
  }

  terminate(): void {
    this.#socket.terminate();
  }

  #queue(data: Message, sizeBytes: number): void {
    if (this.#unread) {
      this.#unread.push(data);
      this.#unreadBytes += sizeBytes;
      const { messages, bytes } = maxReadAhead;
      if (this.#unread.length >= messages || this.#unreadBytes >= bytes) this.#pause();
    } else {
      this.#unread = [data];
      this.#read(this.#unread).catch((error: unknown) => this.onFailed(error));
    }
  }

  /** Handles messages strictly one after another, as fast as the session has room for them. */
  async #read(unread: Message[]): Promise<void> {
    for (let data = unread.shift(); data !== undefined; data = unread.shift()) {
      await this.#session.accept(this.#decode(data));
      this.#owedPings?.watch();
    }
    this.#unread = undefined;
    this.#unreadBytes = 0;
    if (this.#socket.isPaused) this.#socket.resume();
  }

  #decode(data: Message): Command[] {
    return data === oversized
      ? [{ type: "reject", problem: tooBig }]
      : this.#opening.codec.decode(data);
  }

  /**
   * Stops reading until the session has room. Whoever does not read does not see the peer go, but
   * writing to one that has gone fails: hence pings, until there is something to read again.
   */
  #pause(): void {
    if (this.#socket.isPaused) return;
    this.#socket.pause();
    const probe = (): void => {
      if (!this.#socket.isPaused || this.#socket.readyState !== this.#socket.OPEN) return;
      this.#ping();
      this.#service.parts.clock.schedule(probeMs, probe);
    };
    probe();
  }

  #ping(): void {
    const { readyState, OPEN, bufferedAmount } = this.#socket;
    if (readyState === OPEN && bufferedAmount === 0) this.#socket.ping(ignoreError);
  }

  /** Resolves when the next event has room; a reader that stalls is waited for here. */
  take(event: Event): Promise<void> | undefined {
    const { codec } = this.#opening;
    if (event.type === "close") {
      const { code, reason } = codec.close(event.problem);
      const problem = event.problem?.code;
      this.#closeCause = problem ?? "complete";
      this.#service.logger.debug({ traceId: this.#traceId, code, problem }, "closing socket");
      this.#socket.close(code, reason);
      return undefined;
    }
    let room: Promise<void> | undefined;
    for (const message of codec.encode(event, this.#writer.allocate)) {
      this.#owedPings?.onFrame();
      room = this.#writer.send(message);
    }
    if (event.type === "audio" && this.#opening.plan.retention === "history") {
      (this.#turnLog ??= this.#openTurnLog()).add(event);
    }
    return room;
  }

  #openTurnLog(): TurnLog {
    const { history, wallClock } = this.#service;
    return new TurnLog({ history, createId: () => createTurnId(wallClock()) });
  }

  onLost(): void {
    // Here and not at its close, which comes late when the socket is not read.
    this.#session.abort();
  }

  onStalled(): void {
    const { logger, sending } = this.#service;
    const problem: Problem = {
      code: "reader_stalled",
      details: { seconds: sending.stalls.stallSeconds },
    };
    logger.info({ traceId: this.#traceId, code: problem.code }, "dropping socket");
    this.#session.abort();
    this.#drop(problem);
  }

  /** Ends the connection without the session, soon even if the client does not answer. */
  #drop(problem: Problem): void {
    const { codec } = this.#opening;
    if (this.#socket.readyState === this.#socket.OPEN) {
      for (const message of codec.encode({ type: "error", problem }, this.#writer.allocate)) {
        void this.#writer.send(message);
      }
    }
    const { code, reason } = codec.close(problem);
    this.#closeCause = problem.code;
    this.#socket.close(code, reason);
    this.#service.parts.clock.schedule(closeMs, () => this.#socket.terminate());
  }

  onFailed(error: unknown): void {
    this.#service.logger.error({ traceId: this.#traceId, err: error }, "connection failed");
    this.#closeCause = "internal_error";
    const { code, reason } = this.#opening.codec.close({ code: "internal_error", details: {} });
    this.#socket.close(code, reason);
  }
}

/** What is to be told to whoever asks for another version (RFC 6455 section 4.4). */
const supportedVersion = { "sec-websocket-version": "13" } as const;
/** What `ws` gives as the code where there was no Close frame (RFC 6455 section 7.1.5). */
const noCloseFrame = 1006;
/** Stands for a message that was too large to be read. */
const oversized: unique symbol = Symbol("oversized");
type Message = string | Uint8Array | typeof oversized;
const tooBig: Problem = { code: "message_too_big", details: { limit: maxMessageBytes } };

/** What cannot be sent any more is followed by the socket's close. */
const ignoreError = (): void => {};

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

/** What a client did that the WebSocket layer closes a socket for. */
function protocolFaultOf(error: Error): ErrorCode | undefined {
  const code = "code" in error ? String(error.code) : "";
  if (code === "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH") return "message_too_big";
  return code.startsWith("WS_ERR_") ? "invalid_message" : undefined;
}

/** Why an upgrade that asks for something wrong is refused: a bad credential comes first. */
async function reasonFor(
  problem: Problem,
  credential: Credential | undefined,
  address: string,
  { parts }: SpeechService,
): Promise<Problem> {
  // A token is used up by being looked at.
  if (credential?.kind !== "key") return problem;
  const found = await parts.admit(credential, address);
  return isProblem(found) ? found : problem;
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

function readUrl(request: IncomingMessage): URL {
  const { url = "/" } = request;
  try {
    // What begins with two slashes would be a host.
    return new URL(url.startsWith("/") ? `http://localhost${url}` : url);
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
