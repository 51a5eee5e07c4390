import { type RawData, WebSocket } from "ws";

const messageTooBig = 1009;

/** Whoever a socket belongs to. */
export interface SocketListener {
  onMessage(data: Buffer, isBinary: boolean): void;
  /** A message is larger than is read; told in place of the close for the first such message. */
  onTooBig(): void;
  onPing(data: Buffer): void;
  /** Something is wrong with the connection, and its close follows. */
  onError(error: Error): void;
  onClose(code: number, reason: string): void;
  /** It has not answered for so long that it is dropped. */
  onSilent(pings: number, silentMs: number): void;
}

/**
 * A socket that `ws` would close by itself when a message is larger than it reads. Here its owner
 * is told, and closes it, so that the peer can be sent a reason.
 */
export class AnnouncedSocket extends WebSocket {
  /** Whoever is told of everything. */
  listener: SocketListener | undefined;
  #isTooBig = false;
  /** The newest ping that is not answered. */
  #unanswered: Buffer | undefined;
  #isAnswering = false;

  /** Tells of everything from now on. All sockets share their functions: there may be very many. */
  listen(listener: SocketListener): void {
    this.listener = listener;
    this.on("message", tellMessage);
    this.on("ping", tellPing);
    this.on("error", tellError);
    this.on("close", tellClose);
  }

  /**
   * Answers the newest ping while no other answer is on its way, which may stand for all before it (RFC 6455
   * section 5.5.3): who pings and does not read makes nothing wait.
   */
  answerPing(data: Buffer): void {
    this.#unanswered = data;
    if (!this.#isAnswering) this.#answer();
  }

  #answer(): void {
    const data = this.#unanswered;
    this.#unanswered = undefined;
    this.#isAnswering = data !== undefined && this.readyState === this.OPEN;
    if (this.#isAnswering) this.pong(data, undefined, () => this.#answer());
  }

  override close(code?: number, reason?: string | Buffer): void {
    // Whoever else closes it gives a reason, if only an empty one.
    if (code !== messageTooBig || reason !== undefined || this.#isTooBig || !this.listener) {
      super.close(code, reason);
    } else {
      this.#isTooBig = true;
      this.listener.onTooBig();
    }
  }
}

function tellMessage(this: WebSocket, data: RawData, isBinary: boolean): void {
  (this as AnnouncedSocket).listener?.onMessage(data as Buffer, isBinary);
}

function tellPing(this: WebSocket, data: Buffer): void {
  (this as AnnouncedSocket).listener?.onPing(data);
}

function tellError(this: WebSocket, error: Error): void {
  (this as AnnouncedSocket).listener?.onError(error);
}

function tellClose(this: WebSocket, code: number, reason: Buffer): void {
  (this as AnnouncedSocket).listener?.onClose(code, reason.toString());
}
