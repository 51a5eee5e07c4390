import type { Cancel, Clock } from "../clock.ts";
import type { ClientSocket, OpenSocket, SocketEnd } from "./client-socket.ts";
import { cleanFailure, type Failure } from "./failure.ts";
import type { TimedText } from "./scenario.ts";
import {
  failureOfEnd,
  failureOfFrame,
  isOfTurn,
  readFrame,
  type SocketUse,
  socketHeaders,
  socketUrl,
  type Target,
  type TurnMessages,
  turnMessages,
} from "./wire.ts";

/** A message of the server and when it came. It is not read before the turn is over. */
export interface TimedFrame {
  readonly arrivedAt: number;
  readonly data: Uint8Array;
}

/** What was sent and received in one turn. */
export interface Recording {
  /** Names the turn on a socket of many. */
  readonly context: string | undefined;
  readonly startedAt: number;
  /** How long the turn waited for its socket; absent when that was open already. */
  readonly connectMs?: number;
  /** When the first of the text was sent. */
  readonly firstTextAt?: number;
  readonly sentText: string;
  readonly frames: readonly TimedFrame[];
  readonly endedAt: number;
  /** Absent when the server said that this was all. */
  readonly failure?: Failure;
  /** Broken off from our side, and nobody's fault. */
  readonly isInterrupted: boolean;
}

export interface StreamClientParts {
  readonly clock: Clock;
  readonly openSocket: OpenSocket;
  /** A turn of which nothing comes for so long after its text is given up. */
  readonly patienceMs: number;
}

/** Frames that end a turn or tell of errors are smaller, unless they carry audio as well. */
const largestPlainFrame = 1024;
/** No speech is as much: a character of it takes some 10 KiB in the largest format. */
const maxBytes = { ofTurn: 16 * 1024 * 1024, perChar: 64 * 1024 } as const;
/** Timers are no finer. */
const timerMs = 1;
const trueBytes = Buffer.from("true");
const audioBytes = Buffer.from('"audio":"');

/** One listener: speaks one turn after another, with a socket for each or one for all. */
export class StreamClient {
  readonly #target: Target;
  readonly #use: SocketUse;
  readonly #parts: StreamClientParts;
  #socket: ClientSocket | undefined;
  #isOpen = false;
  #turn: Turn | undefined;
  #turns = 0;
  #isClosed = false;

  constructor(target: Target, use: SocketUse, parts: StreamClientParts) {
    this.#target = target;
    this.#use = use;
    this.#parts = parts;
  }

  /** Speaks one turn, when the one before has ended. Whatever happens is in the recording. */
  async speak(texts: readonly TimedText[]): Promise<Recording> {
    const context = this.#use === "multi" ? `turn-${this.#turns}` : undefined;
    this.#turns += 1;
    const recording = await new Promise<Recording>((resolve) => {
      this.#turn = new Turn(texts, context, this.#parts, resolve);
      if (this.#isClosed) this.#turn.interrupt();
      else if (this.#socket !== undefined && this.#isOpen) this.#turn.begin(this.#socket, false);
      else this.#open();
    });
    this.#turn = undefined;
    const { failure } = recording;
    // After an error the server may go on with the socket, or close it; that is heard in time.
    const isSpent = failure !== undefined && failure.kind !== "error";
    if (this.#use === "single" || isSpent) this.#drop();
    if (!failure) return recording;
    return { ...recording, failure: cleanFailure(failure, this.#target.apiKey) };
  }

  /** Closes the socket; a turn that is being spoken is broken off. */
  close(): void {
    this.#isClosed = true;
    this.#turn?.interrupt();
    this.#drop();
  }

  #open(): void {
    const url = socketUrl(this.#target, this.#use);
    const socket = this.#parts.openSocket(url, socketHeaders(this.#target), {
      onOpen: () => {
        if (this.#socket !== socket) return;
        this.#isOpen = true;
        this.#turn?.begin(socket, true);
      },
      onMessage: (data) => {
        if (this.#socket === socket) this.#turn?.hear(data);
      },
      onEnd: (end) => {
        if (this.#socket !== socket) return;
        this.#socket = undefined;
        this.#isOpen = false;
        this.#turn?.lose(end);
      },
    });
    this.#socket = socket;
  }

  #drop(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    this.#isOpen = false;
    socket?.close();
  }
}

/** One turn, from its first message to its end. */
class Turn {
  readonly #texts: readonly TimedText[];
  readonly #context: string | undefined;
  readonly #messages: TurnMessages;
  readonly #clock: Clock;
  readonly #patienceMs: number;
  readonly #resolve: (recording: Recording) => void;
  readonly #startedAt: number;
  readonly #frames: TimedFrame[] = [];
  #connectMs: number | undefined;
  #firstTextAt: number | undefined;
  #sent = 0;
  #lastAt: number;
  #bytesLeft: number;
  #cancelSending: Cancel | undefined;
  #cancelWaiting: Cancel | undefined;
  #hasEnded = false;

  constructor(
    texts: readonly TimedText[],
    context: string | undefined,
    { clock, patienceMs }: StreamClientParts,
    resolve: (recording: Recording) => void,
  ) {
    this.#texts = texts;
    this.#context = context;
    this.#messages = turnMessages(context);
    this.#clock = clock;
    this.#patienceMs = patienceMs;
    this.#resolve = resolve;
    this.#startedAt = clock.now();
    this.#lastAt = this.#startedAt;
    // From here on: a server may keep silent before its socket is open, too.
    this.#wait();
    const chars = texts.reduce((sum, { text }) => sum + text.length, 0);
    this.#bytesLeft = maxBytes.ofTurn + chars * maxBytes.perChar;
  }

  begin(socket: ClientSocket, hasWaited: boolean): void {
    const now = this.#clock.now();
    if (hasWaited) this.#connectMs = now - this.#startedAt;
    this.#firstTextAt = now;
    socket.send(this.#messages.begin);
    this.#send(socket, now);
  }

  /** Sends what is due and waits for the rest. */
  #send(socket: ClientSocket, beganAt: number): void {
    if (this.#hasEnded) return;
    this.#lastAt = this.#clock.now();
    const elapsedMs = this.#lastAt - beganAt;
    for (;;) {
      const next = this.#texts[this.#sent];
      if (next === undefined) break;
      const waitMs = next.atMs - elapsedMs;
      if (waitMs >= timerMs) {
        this.#cancelSending = this.#clock.schedule(waitMs, () => this.#send(socket, beganAt));
        return;
      }
      socket.send(this.#messages.text(next.text));
      this.#sent += 1;
    }
    for (const message of this.#messages.end) socket.send(message);
  }

  /** Gives the server up when it has been silent for too long. */
  #wait(): void {
    if (this.#hasEnded) return;
    const restMs = this.#lastAt + this.#patienceMs - this.#clock.now();
    if (restMs < timerMs) this.#end({ kind: "timeout" });
    else this.#cancelWaiting = this.#clock.schedule(restMs, () => this.#wait());
  }

  /** As little as can be done with a frame: what it says is read when nobody waits. */
  hear(data: Uint8Array): void {
    const now = this.#clock.now();
    this.#frames.push({ arrivedAt: now, data });
    this.#bytesLeft -= data.length;
    if (this.#bytesLeft < 0) return this.#end({ kind: "endless" });
    const isLargeAudio = data.length > largestPlainFrame && isAudio(data);
    if (isLargeAudio) this.#lastAt = now;
    if (isLargeAudio && !mayEnd(data)) return;
    const frame = readFrame(data);
    if (frame === undefined) return this.#end({ kind: "unreadable_frame" });
    // What says nothing may come for ever.
    if (frame.audio) this.#lastAt = now;
    if (!isOfTurn(frame, this.#context)) return;
    const failure = failureOfFrame(frame);
    if (failure) this.#end(failure);
    else if (frame.isFinal === true) this.#end(undefined);
  }

  lose(end: SocketEnd): void {
    // Some servers end a stream by closing it properly after its last audio.
    const isProper = end.kind === "closed" && end.code === 1000 && this.#context === undefined;
    this.#end(isProper && this.#frames.length > 0 ? undefined : failureOfEnd(end));
  }

  interrupt(): void {
    this.#end(undefined, true);
  }

  #end(failure: Failure | undefined, isInterrupted = false): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#cancelSending?.();
    this.#cancelWaiting?.();
    const sent = this.#texts.slice(0, this.#sent);
    this.#resolve({
      context: this.#context,
      startedAt: this.#startedAt,
      ...(this.#connectMs !== undefined && { connectMs: this.#connectMs }),
      ...(this.#firstTextAt !== undefined && { firstTextAt: this.#firstTextAt }),
      sentText: sent.map(({ text }) => text).join(""),
      frames: this.#frames,
      endedAt: this.#clock.now(),
      ...(failure && { failure }),
      isInterrupted,
    });
  }
}

/** Where audio begins is the beginning of most frames, so that it is found at once. */
const isAudio = (data: Uint8Array): boolean => bufferOf(data).includes(audioBytes);

const bufferOf = ({ buffer, byteOffset, length }: Uint8Array): Buffer =>
  Buffer.from(buffer, byteOffset, length);

/** Whether a large frame says `true` anywhere, as one with audio that also ends its turn does. */
function mayEnd(data: Uint8Array): boolean {
  return bufferOf(data).includes(trueBytes);
}
