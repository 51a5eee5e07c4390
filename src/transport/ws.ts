import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import createRouter from "find-my-way";
import { type RawData, WebSocketServer } from "ws";
import {
  type Dialect,
  isProblem,
  maxMessageBytes,
  type RequestHead,
  type SocketCodec,
  type SocketOpening,
  type SocketRoute,
  type WireMessage,
} from "../protocol/dialect.ts";
import { type Problem, SpeechError } from "../protocol/problems.ts";
import type { Command } from "../protocol/speech.ts";
import type { Authenticate, Session, SessionParts } from "../session/session.ts";
import { AnnouncedSocket } from "./announced-socket.ts";
import { FrameMemory } from "./frame-memory.ts";
import { Heartbeat } from "./heartbeat.ts";
import { createTraceId, createTurnId } from "./identifiers.ts";
import type { Logger } from "./log.ts";
import type { CanonicalPath } from "./paths.ts";
import { recordTurn } from "./recorder.ts";
import { refuse as sendRefusal } from "./refusal.ts";
import { dialectOf, type SpeechService } from "./speech-service.ts";
import { OwedPings } from "./owed-pings.ts";

/** Past this a message is not even read. */
const hardMaxMessageBytes = 4 * maxMessageBytes;
/** While more bytes than this wait in the socket, no frame is handed to it. */
const maxQueuedBytes = 192 * 1024;
/** Longest part of a path that is taken for an id. */
export const maxParamLength = 1000;
/** How often a peer is looked after while its socket is not read. */
const probeMs = 50;
/** Messages taken from the socket ahead of the session; more stay in the kernel's buffers. */
const maxReadAhead = 32;

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
    WebSocket: AnnouncedSocket,
  });
  const traceIds = new WeakMap<IncomingMessage, string>();
  sockets.on("headers", (headers, request) => {
    headers.push(`x-trace-id: ${traceIds.get(request) ?? createTraceId()}`);
  });
  const heartbeat = new Heartbeat(service.parts.clock);
  const router = createRouter({ maxParamLength });
  const httpPaths = createRouter({ maxParamLength });
  for (const { basePath, dialect } of service.mounts) {
    for (const route of dialect.sockets) {
      router.on("GET", `${basePath}${route.path}`, () => {}, { dialect, route });
    }
    for (const { path } of dialect.http) {
      const full = `${basePath}${path}`;
      if (!httpPaths.hasRoute("GET", full)) httpPaths.on("GET", full, () => {});
    }
  }

  const upgrade = async (request: IncomingMessage, stream: Duplex, head: Buffer): Promise<void> => {
    stream.on("error", () => stream.destroy());
    const traceId = createTraceId();
    const { logger } = service;
    const url = readUrl(request);
    const path = canonicalPath(url.pathname);
    const found = router.find("GET", path);
    const { dialect = dialectOf(service.mounts, path), route } = (found?.store ?? {}) as {
      dialect?: Dialect;
      route?: SocketRoute;
    };
    const refuse = (problem: Problem): void => {
      logger.info({ traceId, code: problem.code, path: route?.path }, "upgrade refused");
      sendRefusal(stream, dialect, problem, traceId);
    };
    if (service.sessions.draining) return refuse({ code: "shutting_down", details: {} });
    if (!found || !route) {
      const code = httpPaths.find("GET", path) ? "upgrade_not_possible" : "not_found";
      return refuse({ code, details: {} });
    }
    const opening = await openSocket(route, readHead(request, url, found.params), traceId, logger);
    if (isProblem(opening)) return refuse(opening);
    const problem = await checkHandshake(opening, service);
    if (problem) return refuse(problem);
    traceIds.set(request, traceId);
    sockets.handleUpgrade(request, stream, head, (socket) => {
      logger.debug({ traceId, path: route.path }, "socket opened");
      new SocketConnection(socket, stream, traceId, opening, service);
      heartbeat.watch(socket);
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
class SocketConnection {
  readonly #socket: AnnouncedSocket;
  /** What the socket writes to. */
  readonly #stream: Duplex;
  readonly #traceId: string;
  readonly #codec: SocketCodec;
  readonly #service: SpeechService;
  readonly #session: Session;
  /** Messages that wait for the one that is being handled; undefined when none is. */
  #unread: Message[] | undefined;
  #isCorked = false;
  #owedPings: OwedPings | undefined;
  readonly #memory = new FrameMemory();
  readonly #allocate = (sizeBytes: number): Uint8Array => this.#memory.allocate(sizeBytes);

  constructor(
    socket: AnnouncedSocket,
    stream: Duplex,
    traceId: string,
    opening: SocketOpening,
    service: SpeechService,
  ) {
    const { plan, codec, pingsKeepAlive, owedPingMs } = opening;
    this.#socket = socket;
    this.#stream = stream;
    this.#traceId = traceId;
    this.#codec = codec;
    this.#service = service;
    const { parts, sessions, logger } = service;
    const onFault: SessionParts["onFault"] = (problem, err) =>
      logger.error({ traceId, err, code: problem.code }, "speech failed");
    const onWarning: SessionParts["onWarning"] = ({ code: warning }) =>
      logger.debug({ traceId, warning }, "client warned");
    const onTurn: SessionParts["onTurn"] = ({ durationMs, ...spoken }) => {
      const startedAtMs = service.wallClock() - durationMs;
      const origin = {
        id: createTurnId(startedAtMs),
        requestId: traceId,
        startedAtUnix: Math.floor(startedAtMs / 1000),
      };
      void recordTurn(spoken, origin, plan, service);
    };
    const own = { authenticate: authenticateOnce(opening, service), onFault, onWarning, onTurn };
    const { session, close } = sessions.open(plan, { ...parts, ...own }, () => socket.terminate());
    this.#session = session;
    if (owedPingMs !== undefined) {
      this.#owedPings = new OwedPings(owedPingMs, parts.clock, session, () => this.#ping());
    }
    if (pingsKeepAlive) socket.on("ping", () => session.touch());
    socket.on("message", (data: RawData, isBinary: boolean) => {
      const bytes = data as Buffer;
      this.#onMessage(isBinary ? bytes : bytes.toString());
    });
    socket.onTooBig = () => this.#onMessage(oversized);
    // Errors of the connection are followed by its close, which is where they are dealt with.
    socket.on("error", ({ message: reason }) => logger.debug({ traceId, reason }, "socket error"));
    socket.once("close", (code) => {
      close();
      this.#owedPings?.stop();
      this.#unread = undefined;
      logger.debug({ traceId, code }, "socket closed");
    });
    this.#write().catch((error: unknown) => this.#fail(error));
  }

  #onMessage(data: Message): void {
    if (this.#unread) {
      this.#unread.push(data);
      if (this.#unread.length >= maxReadAhead) this.#pause();
    } else {
      this.#unread = [data];
      this.#read(this.#unread).catch((error: unknown) => this.#fail(error));
    }
  }

  /** Handles messages strictly one after another, as fast as the session has room for them. */
  async #read(unread: Message[]): Promise<void> {
    for (let data = unread.shift(); data !== undefined; data = unread.shift()) {
      await this.#session.accept(this.#decode(data));
      this.#owedPings?.watch();
    }
    this.#unread = undefined;
    if (this.#socket.isPaused) this.#socket.resume();
  }

  #decode(data: Message): Command[] {
    const isTooBig = data === oversized || Buffer.byteLength(data) > maxMessageBytes;
    return isTooBig ? [{ type: "reject", problem: tooBig }] : this.#codec.decode(data);
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

  async #write(): Promise<void> {
    for await (const event of this.#session.events()) {
      if (event.type === "close") {
        const { code, reason } = this.#codec.close(event.problem);
        const problem = event.problem?.code;
        this.#service.logger.debug({ traceId: this.#traceId, code, problem }, "closing socket");
        this.#socket.close(code, reason);
      } else {
        for (const message of this.#codec.encode(event, this.#allocate)) {
          // Waiting for nothing would still cost a turn.
          const room = this.#send(message);
          if (room) await room;
        }
      }
    }
  }

  /** Resolves when the socket can take more; a reader that stalls is waited for here. */
  #send({ data, isBinary }: WireMessage): Promise<void> | undefined {
    this.#owedPings?.onFrame();
    this.#cork();
    const options = isBinary ? asBinary : asText;
    if (this.#socket.bufferedAmount + data.length < maxQueuedBytes) {
      this.#socket.send(data, options, this.#onSent);
      return undefined;
    }
    return new Promise((resolve) => {
      this.#socket.send(data, options, (error) => {
        this.#onSent(error);
        resolve();
      });
    });
  }

  /** What cannot be sent has no listener, though the close of a socket that is not read comes late. */
  readonly #onSent = (error?: Error | null): void => {
    if (error) {
      this.#memory.forget();
      this.#session.abort();
    } else if (this.#socket.bufferedAmount === 0) {
      this.#memory.release();
    }
  };

  /** Lets frames that are made without waiting in between leave in one write: each wakes the peer. */
  #cork(): void {
    if (this.#isCorked) return;
    this.#isCorked = true;
    this.#stream.cork();
    process.nextTick(() => {
      this.#isCorked = false;
      this.#stream.uncork();
    });
  }

  #fail(error: unknown): void {
    this.#service.logger.error({ traceId: this.#traceId, err: error }, "connection failed");
    const { code, reason } = this.#codec.close({ code: "internal_error", details: {} });
    this.#socket.close(code, reason);
  }
}

/** Stands for a message that was too large to be read. */
const oversized: unique symbol = Symbol("oversized");
type Message = string | Uint8Array | typeof oversized;
const tooBig: Problem = { code: "message_too_big", details: { limit: maxMessageBytes } };

const asText = { binary: false };
const asBinary = { binary: true };

/** What cannot be sent any more is followed by the socket's close. */
const ignoreError = (): void => {};

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

/** What is wrong with an upgrade, if that is to be told in its place. */
async function checkHandshake(
  { plan: { credential, voice }, credentialDue }: SocketOpening,
  { handshakeErrors, parts }: SpeechService,
): Promise<Problem | undefined> {
  if (credentialDue === "upgrade") return parts.authenticate(credential);
  if (handshakeErrors === "frame") return undefined;
  if (isProblem(voice)) return voice;
  return credential && parts.authenticate(credential);
}

/** A credential that was checked with the upgrade may be good for that one time only. */
function authenticateOnce(
  { plan: { credential }, credentialDue }: SocketOpening,
  { handshakeErrors, parts }: SpeechService,
): Authenticate {
  const isChecked =
    credentialDue === "upgrade" || (handshakeErrors === "status" && credential !== undefined);
  return isChecked ? () => Promise.resolve(undefined) : parts.authenticate;
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
