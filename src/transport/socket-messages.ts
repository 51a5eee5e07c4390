import type { RawData, WebSocket } from "ws";

/** Messages read ahead of whoever iterates; more stay in the kernel's buffers. */
const maxReadAhead = 32;

/**
 * The messages of a socket from now on, in order. The socket is not read from while too many
 * wait. Ends when the socket has closed; what came before the close is still given.
 */
export function readMessages(socket: WebSocket): AsyncIterable<string | Uint8Array> {
  const waiting: (string | Uint8Array)[] = [];
  let wake: (() => void) | undefined;
  let isOpen = true;
  socket.on("message", (data: RawData, isBinary: boolean) => {
    const bytes = data as Buffer;
    waiting.push(isBinary ? bytes : bytes.toString());
    if (waiting.length >= maxReadAhead) socket.pause();
    wake?.();
  });
  socket.once("close", () => {
    isOpen = false;
    wake?.();
  });
  return {
    async *[Symbol.asyncIterator]() {
      for (;;) {
        const next = waiting.shift();
        if (next !== undefined) {
          yield next;
          if (waiting.length === 0 && isOpen) socket.resume();
        } else if (!isOpen) {
          return;
        } else {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
          wake = undefined;
        }
      }
    },
  };
}
