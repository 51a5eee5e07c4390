import type { Duplex } from "node:stream";
import type { WebSocket } from "ws";
import type { TimerFiring } from "../protocol/connections.ts";
import type { WireMessage } from "../protocol/dialect.ts";
import { FrameMemory } from "./frame-memory.ts";
import type { Ends } from "./kernel-queues.ts";
import type { Sending } from "./sending.ts";
import type { StallWatched } from "./stall-watch.ts";

/** While more bytes than this wait in the socket, no frame is handed to it. */
const maxQueuedBytes = 64 * 1024;

const asText = { binary: false };
const asBinary = { binary: true };

/** Whoever sends. */
export interface SocketOwner {
  /** Something could not be sent: nobody listens any more. */
  onLost(): void;
  /** The reader takes nothing any more. */
  onStalled(timer: TimerFiring): void;
}

/** Sends the messages of one socket, no more at a time than there is room for. */
export class SocketWriter implements StallWatched {
  readonly #socket: WebSocket;
  /** What the socket writes to. */
  readonly #stream: Duplex;
  readonly #sending: Sending;
  readonly #owner: SocketOwner;
  /** While anything is on its way. */
  #memory: FrameMemory | undefined;
  #countedBytes = 0;
  #taken = 0;
  #isCorked = false;

  constructor(socket: WebSocket, stream: Duplex, sending: Sending, owner: SocketOwner) {
    this.#socket = socket;
    this.#stream = stream;
    this.#sending = sending;
    this.#owner = owner;
  }

  get queuedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  get taken(): number {
    return this.#taken;
  }

  get ends(): Ends {
    return this.#stream as Ends;
  }

  /** Gives memory for messages that are sent next. */
  get allocate(): FrameMemory["allocate"] {
    this.#memory ??= new FrameMemory();
    return this.#memory.allocate;
  }

  /** Resolves when there is room for more; undefined stands for now. */
  send({ data, isBinary }: WireMessage): Promise<void> | undefined {
    const { budget } = this.#sending;
    this.#cork();
    const options = isBinary ? asBinary : asText;
    const roomBytes = budget.isExceeded ? 0 : maxQueuedBytes;
    if (this.#socket.bufferedAmount + data.length < roomBytes) {
      this.#socket.send(data, options, this.#onSent);
      return undefined;
    }
    budget.beginWait();
    return new Promise((resolve) => {
      this.#socket.send(data, options, (error) => {
        budget.endWait();
        this.#onSent(error);
        resolve();
      });
    });
  }

  onStalled(timer: TimerFiring): void {
    this.#owner.onStalled(timer);
  }

  /** To be called when the socket has closed. */
  close(): void {
    this.#releaseMemory();
    this.#sending.stalls.forget(this);
    this.#sending.budget.recount(this.#countedBytes, 0);
    this.#countedBytes = 0;
  }

  #recount(): void {
    const queuedBytes = this.#socket.bufferedAmount;
    this.#sending.budget.recount(this.#countedBytes, queuedBytes);
    this.#countedBytes = queuedBytes;
  }

  readonly #onSent = (error?: Error | null): void => {
    // What was lost may still be read from memory until the socket has closed.
    if (error) return this.#owner.onLost();
    this.#taken += 1;
    this.#recount();
    if (this.#countedBytes === 0) this.#releaseMemory();
  };

  #releaseMemory(): void {
    this.#memory?.release();
    this.#memory = undefined;
  }

  /** Lets frames that are made without waiting in between leave in one write: each wakes the peer. */
  #cork(): void {
    if (this.#isCorked) return;
    this.#isCorked = true;
    this.#stream.cork();
    process.nextTick(SocketWriter.#uncork, this);
  }

  static #uncork(this: void, writer: SocketWriter): void {
    writer.#isCorked = false;
    writer.#stream.uncork();
    if (writer.#socket.readyState === writer.#socket.CLOSED) return;
    writer.#recount();
    if (writer.#countedBytes > 0) writer.#sending.stalls.watch(writer);
  }
}
