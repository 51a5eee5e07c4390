import type { Duplex } from "node:stream";
import type { Account } from "../protocol/accounts.ts";
import { maxMessageBytes, type SocketOpening } from "../protocol/dialect.ts";
import type { CloseCause, ConnectionObserver } from "../protocol/observer.ts";
import type { ErrorCode, Problem } from "../protocol/problems.ts";
import type { Command, Event } from "../protocol/speech.ts";
import type { Warning } from "../protocol/warnings.ts";
import type { SpokenTurn } from "../session/context.ts";
import type { Reader } from "../session/outbox.ts";
import type { Session } from "../session/session.ts";
import type { AnnouncedSocket, SocketListener } from "./announced-socket.ts";
import { createTurnId } from "./identifiers.ts";
import { recordTurn } from "./recorder.ts";
import { type SocketOwner, SocketWriter } from "./socket-writer.ts";
import type { SessionConnection, SpeechService } from "./speech-service.ts";
import { OwedPings } from "./owed-pings.ts";
import { TurnLog } from "./turn-log.ts";

/** How often a peer is looked after while its socket is not read. */
const probeMs = 50;
/** How long a peer that reads again may take for its side of the close. */
const closeMs = 1000;
/** Messages, and bytes of them, taken from the socket ahead of the session; more stay in the kernel's buffers. */
const maxReadAhead = { messages: 32, bytes: 2 * maxMessageBytes } as const;

/** Whoever is at the other end. */
export interface SocketClient {
  readonly traceId: string;
  readonly address: string;
  /** Undefined until a message shows a credential. */
  readonly account: Account | undefined;
  readonly observer: ConnectionObserver;
}

/**
 * One connection, from the first message to the Close frame. It keeps next to nothing while
 * nothing is said: there may be tens of thousands.
 */
export class SocketConnection
  implements SocketListener, SocketOwner, SessionConnection, Reader<Event>
{
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

/** What `ws` gives as the code where there was no Close frame (RFC 6455 section 7.1.5). */
const noCloseFrame = 1006;
/** Stands for a message that was too large to be read. */
const oversized: unique symbol = Symbol("oversized");
type Message = string | Uint8Array | typeof oversized;
const tooBig: Problem = { code: "message_too_big", details: { limit: maxMessageBytes } };

/** What cannot be sent any more is followed by the socket's close. */
const ignoreError = (): void => {};

/** What a client did that the WebSocket layer closes a socket for. */
function protocolFaultOf(error: Error): ErrorCode | undefined {
  const code = "code" in error ? String(error.code) : "";
  if (code === "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH") return "message_too_big";
  return code.startsWith("WS_ERR_") ? "invalid_message" : undefined;
}
