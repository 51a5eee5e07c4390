import { WebSocket } from "ws";

const messageTooBig = 1009;

/**
 * A socket that `ws` would close by itself when a message is larger than it reads. Here its owner
 * is told, and closes it, so that the peer can be sent a reason.
 */
export class AnnouncedSocket extends WebSocket {
  /** What is to be done in place of the first such close. */
  onTooBig: (() => void) | undefined;

  override close(code?: number, reason?: string | Buffer): void {
    const announce = this.onTooBig;
    // Whoever else closes it gives a reason, if only an empty one.
    if (code !== messageTooBig || reason !== undefined || !announce) {
      super.close(code, reason);
    } else {
      this.onTooBig = undefined;
      announce();
    }
  }
}
