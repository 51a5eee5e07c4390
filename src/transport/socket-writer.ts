import type { Duplex } from "node:stream";
import type { WebSocket } from "ws";
import type { WireMessage } from "../protocol/dialect.ts";
import { FrameMemory } from "./frame-memory.ts";

/** While more bytes than this wait in the socket, no frame is handed to it. */
const maxQueuedBytes = 192 * 1024;

const asText = { binary: false };
const asBinary = { binary: true };

/** Sends the messages of one socket, no more at a time than it can take. */
export class SocketWriter {
  readonly #socket: WebSocket;
  /** What the socket writes to. */
  readonly #stream: Duplex;
  readonly #onLost: () => void;
  readonly #memory = new FrameMemory();
  #isCorked = false;
  /** Memory for a message that is sent next. */
  readonly allocate = (sizeBytes: number): Uint8Array => this.#memory.allocate(sizeBytes);

  /** `onLost` is called when something could not be sent: nobody listens any more. */
  constructor(socket: WebSocket, stream: Duplex, onLost: () => void) {
    this.#socket = socket;
    this.#stream = stream;
    this.#onLost = onLost;
  }

  /** Resolves when there is room for more; undefined stands for now. */
  send({ data, isBinary }: WireMessage): Promise<void> | undefined {
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

  readonly #onSent = (error?: Error | null): void => {
    if (error) {
      this.#memory.forget();
      this.#onLost();
    } else if (this.#socket.bufferedAmount === 0) {
      this.#memory.release();
    }
  };

  /** Lets frames that are made without waiting in between leave in one write: each wakes the peer. */
  #cork(): void {
    if (this.#isCorked) return;
    this.#isCorked = true;
    this.#stream.cork();
    process.nextTick(this.#uncork);
  }

  readonly #uncork = (): void => {
    this.#isCorked = false;
    this.#stream.uncork();
  };
}
