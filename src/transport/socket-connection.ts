import type { Duplex } from "node:stream";
import type { Account } from "../protocol/accounts.ts";
import { maxMessageBytes, type SocketOpening, type WireMessage } from "../protocol/dialect.ts";
import { type Cause, causeOf } from "../protocol/causes.ts";
import type { RunningTimer, TimerFiring } from "../protocol/connections.ts";
import type { ConnectionEnd, ConnectionObserver, LiveConnection } from "../protocol/observer.ts";
import type { Problem } from "../protocol/problems.ts";
import type { Command, Event } from "../protocol/speech.ts";
import type { Warning } from "../protocol/warnings.ts";
import { withTimeLeft } from "../session/countdown.ts";
import type { SpokenTurn } from "../session/context.ts";
import type { Reader } from "../session/outbox.ts";
import type { Session } from "../session/session.ts";
import type { AnnouncedSocket, SocketListener } from "./announced-socket.ts";
import type { Heartbeat } from "./heartbeat.ts";
import { createTurnId } from "./identifiers.ts";
import { endByClient, endWithoutClose } from "./client-ends.ts";
import type { Ends } from "./kernel-queues.ts";
import { outlineOf, pingPart } from "./message-parts.ts";
import { recordTurn } from "./recorder.ts";
import { type SocketOwner, SocketWriter } from "./socket-writer.ts";
import type { SessionConnection, SpeechService } from "./speech-service.ts";
import { OwedPings } from "./owed-pings.ts";
import { TurnLog } from "./turn-log.ts";

/** How often a peer is looked after while its socket is not read. */
const probeMs = 50;
/** How long a peer that reads again may take for its side of the close. */
const closeMs = 1000;
/** How long `ws` waits for that of any other. */
const closeTimeoutMs = 30_000;
/** Messages, and bytes of them, taken from the socket ahead of the session; more stay in the kernel's buffers. */
const maxReadAhead = { messages: 32, bytes: 2 * maxMessageBytes } as const;

/** Whoever is at the other end. */
export interface SocketClient {
  readonly traceId: string;
  readonly address: string;
  /** Undefined until a message shows a credential. */
  readonly account: Account | undefined;
  readonly observer: ConnectionObserver;
  /** Asks now and then whether it is still there. */
  readonly heartbeat: Heartbeat;
}

/**
 * One connection, from the first message to the Close frame. It keeps next to nothing while
 * nothing is said: there may be tens of thousands.
 */
export class SocketConnection
  implements SocketListener, SocketOwner, SessionConnection, LiveConnection, Reader<Event>
{
  readonly account: Account | undefined;
  readonly address: string;
  readonly observer: ConnectionObserver;
  readonly #socket: AnnouncedSocket;
  readonly #traceId: string;
  readonly #opening: SocketOpening;
  readonly #service: SpeechService;
  readonly #session: Session;
  readonly #heartbeat: Heartbeat;
  /** Since a Close frame was sent. */
  #closing: TimerFiring | undefined;
  /** How the server ends the connection, when it does. */
  #end: ConnectionEnd | undefined;
  /** Of the messages that were sent. */
  #largestBytes = 0;
  /** Messages that wait for the one that is being handled; undefined when none is. */
  #unread: Message[] | undefined;
  /** Of all that have waited since there was none. */
  #unreadBytes = 0;
  #isProbing = false;
  #owedPings: OwedPings | undefined;
  /** Made with the first audio that is to be kept. */
  #turnLog: TurnLog | undefined;
  readonly #writer: SocketWriter;

  constructor(
    socket: AnnouncedSocket,
    stream: Duplex,
    { traceId, address, account, observer, heartbeat }: SocketClient,
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
    this.#heartbeat = heartbeat;
    this.#writer = new SocketWriter(socket, stream, sending, this);
    const session = sessions.open(plan, parts, this);
    this.#session = session;
    observer.opened(this);
    if (owedPingMs !== undefined) {
      this.#owedPings = new OwedPings(owedPingMs, parts.clock, session, () => this.#ping());
    }
    socket.listen(this);
    heartbeat.watch(socket, stream as Ends);
    session.deliver(this);
  }

  onMessage(data: Buffer, isBinary: boolean): void {
    if (data.length > maxMessageBytes) this.#queue(new Oversized(data.length), 0);
    else this.#queue(isBinary ? data : data.toString(), data.length);
  }

  onTooBig(): void {
    this.#queue(new Oversized(0), 0);
  }

  get queuedBytes(): number {
    return this.#writer.queuedBytes;
  }

  get timers(): readonly RunningTimer[] {
    if (this.#closing) return [withTimeLeft(this.#closing, this.#service.parts.clock)];
    return [
      ...this.#session.timers,
      ...(this.#owedPings?.timers ?? []),
      ...this.#heartbeat.timersOf(this.#socket),
      ...this.#service.sending.stalls.timersOf(this.#writer),
    ];
  }

  onPing(data: Buffer): void {
    this.#socket.answerPing(data);
    this.observer.received(pingPart, 0, undefined, 0);
    if (this.#opening.pingsKeepAlive) this.#session.touch();
  }

  onError(error: Error): void {
    this.#end ??= endByFault(error);
    this.#service.logger.debug({ traceId: this.#traceId, reason: error.message }, "socket error");
  }

  /** The client has left so many pings unanswered that it is dropped. */
  onSilent(pings: number, silentMs: number): void {
    const lastResetAt = this.#service.parts.clock.now() - silentMs;
    const timer = { name: "ping", context: undefined, limitMs: silentMs, lastResetAt } as const;
    this.observer.timerFired({ ...timer, lastResetBy: "repeat" });
    const details = { pings, seconds: Math.round(silentMs / 1000) };
    this.#end ??= endWithoutClose({ id: "peer_silent", details });
  }

  onClose(code: number, reason: string): void {
    const { sessions, logger } = this.#service;
    const { busy } = this.#session;
    const end = (): ConnectionEnd =>
      endByClient({ code, reason, isOwedSpeech: busy, largestBytes: this.#largestBytes });
    sessions.close(this.#session, this.#end ?? end());
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

  terminate(cause: Cause): void {
    this.#end ??= { ...endWithoutClose(cause), by: "server" };
    this.#socket.terminate();
  }

  #queue(data: Message, sizeBytes: number): void {
    // Nothing that comes after the Close frame can matter any more.
    if (this.#closing) return;
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
      const commands = this.#decode(data);
      const { parts, context, characters } = outlineOf(commands);
      const sizeBytes = sizeOf(data);
      this.observer.received(parts, sizeBytes, context, characters);
      if (this.observer.wantsContent && !(data instanceof Oversized)) this.observer.content(data);
      await this.#session.accept(commands);
      this.#owedPings?.watch();
    }
    this.#unread = undefined;
    this.#unreadBytes = 0;
    if (this.#socket.isPaused) this.#socket.resume();
  }

  #decode(data: Message): Command[] {
    return data instanceof Oversized
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
    if (!this.#isProbing) this.#probe();
  }

  #probe(): void {
    this.#isProbing = this.#socket.isPaused && this.#socket.readyState === this.#socket.OPEN;
    if (!this.#isProbing) return;
    this.#ping();
    this.#service.parts.clock.schedule(probeMs, () => this.#probe());
  }

  #ping(): void {
    const { readyState, OPEN, bufferedAmount } = this.#socket;
    if (readyState === OPEN && bufferedAmount === 0) this.#socket.ping(ignoreError);
  }

  /** Resolves when the next event has room; a reader that stalls is waited for here. */
  take(event: Event): Promise<void> | undefined {
    const { codec } = this.#opening;
    if (event.type === "close") {
      this.#closeFor(event.problem);
      return undefined;
    }
    let room: Promise<void> | undefined;
    for (const message of codec.encode(event, this.#writer.allocate)) {
      this.#owedPings?.onFrame();
      // Before it is sent: its memory is used again afterwards.
      this.#noteSent(event, message);
      room = this.#writer.send(message);
    }
    if (room) this.#noteHeld(room);
    if (event.type === "audio" && this.#opening.plan.retention === "history") {
      (this.#turnLog ??= this.#openTurnLog()).add(event);
    }
    return room;
  }

  #noteSent(event: Event, { data }: WireMessage): void {
    const sizeBytes = data.length;
    if (sizeBytes > this.#largestBytes) this.#largestBytes = sizeBytes;
    this.observer.sent(event.type, sizeBytes, "context" in event ? event.context : undefined);
    if (this.observer.wantsContent) this.observer.content(data);
  }

  #noteHeld(room: Promise<void>): void {
    this.observer.held(true);
    void room.then(() => this.#noteReleased());
  }

  /** There is room in a socket that closes, too, but not because anybody has read. */
  #noteReleased(): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.observer.held(false);
  }

  #openTurnLog(): TurnLog {
    const { history, wallClock } = this.#service;
    return new TurnLog({ history, createId: () => createTurnId(wallClock()) });
  }

  onLost(): void {
    // Here and not at its close, which comes late when the socket is not read.
    this.#session.abort();
  }

  onStalled(timer: TimerFiring): void {
    const { logger, sending } = this.#service;
    this.observer.timerFired(timer);
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
    this.#closeFor(problem, closeMs);
    this.#service.parts.clock.schedule(closeMs, () => this.terminate(causeOf(problem)));
  }

  /** Closes the socket; without a problem because all was said. */
  #closeFor(problem: Problem | undefined, limitMs: number = closeTimeoutMs): void {
    const lastResetAt = this.#service.parts.clock.now();
    const closing = { name: "closing", context: undefined, limitMs, lastResetAt } as const;
    this.#closing = { ...closing, lastResetBy: "sent" };
    const { code, reason } = this.#opening.codec.close(problem);
    this.#end = { cause: problem ? causeOf(problem) : ended, by: "server", code, reason };
    const facts = { traceId: this.#traceId, code, problem: problem?.code };
    this.#service.logger.debug(facts, "closing socket");
    this.#socket.close(code, reason);
  }

  onFailed(error: unknown): void {
    this.#service.logger.error({ traceId: this.#traceId, err: error }, "connection failed");
    this.#closeFor({ code: "internal_error", details: {} });
  }
}

/** Stands for a message that was too large to be read; of what was not even received the size is 0. */
class Oversized {
  readonly sizeBytes: number;

  constructor(sizeBytes: number) {
    this.sizeBytes = sizeBytes;
  }
}
type Message = string | Uint8Array | Oversized;

const sizeOf = (data: Message): number =>
  data instanceof Oversized ? data.sizeBytes : Buffer.byteLength(data);
const tooBig: Problem = { code: "message_too_big", details: { limit: maxMessageBytes } };

/** What cannot be sent any more is followed by the socket's close. */
const ignoreError = (): void => {};

/** All was said; the story of the connection tells what the client has asked for. */
const ended: Cause = { id: "end_marker", details: {} };

/** How the WebSocket layer ends a connection whose client does what it must not. */
function endByFault(error: Error): ConnectionEnd | undefined {
  const fault = "code" in error ? String(error.code) : "";
  if (!fault.startsWith("WS_ERR_")) return undefined;
  const isTooBig = fault === "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH";
  const reason = error.message.replace(/^Invalid WebSocket frame: /, "");
  const problem: Problem = isTooBig ? tooBig : { code: "protocol_error", details: { reason } };
  const code = faultCodes[fault] ?? (isTooBig ? 1009 : 1002);
  return { cause: causeOf(problem), by: "server", code, reason: "" };
}

/** Close codes of `ws` that are not those of all its other faults (RFC 6455 section 7.4.1). */
const faultCodes: Readonly<Record<string, number>> = { WS_ERR_INVALID_UTF8: 1007 };
