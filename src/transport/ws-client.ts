import { WebSocket } from "ws";

/** A WebSocket seen from the client. */
export interface ClientSocket {
  /** In order; ends with the socket. @throws {Error} when that closes with another code than 1000 */
  readonly messages: AsyncIterable<string>;
  /** Resolves when more can be sent; a slow server is waited for here. */
  send(message: string): Promise<void>;
}

const maxQueuedBytes = 64 * 1024;
const maxReadAhead = 32;

/** @throws {Error} with one line when the server cannot be reached or refuses */
export async function openClientSocket(
  url: string,
  headers: Readonly<Record<string, string>>,
): Promise<ClientSocket> {
  const socket = new WebSocket(url, { headers, perMessageDeflate: false });
  const received = readMessages(socket);
  let failure: Error | undefined;
  socket.on("error", (error) => {
    failure = error;
  });
  socket.once("close", (code, reason) => {
    if (code === 1000) return;
    const why = reason.toString() || "the connection was lost";
    failure ??= new Error(`The server closed with ${code}: ${why}`);
  });
  await opened(socket);
  return {
    messages: {
      async *[Symbol.asyncIterator]() {
        yield* received;
        if (failure) throw failure;
      },
    },
    send: (message) =>
      new Promise((resolve) => {
        // What cannot be sent any more ends `messages` with the reason.
        socket.send(message, () => resolve());
        if (socket.bufferedAmount < maxQueuedBytes) resolve();
      }),
  };
}

function opened(socket: WebSocket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once("open", () => resolve());
    socket.once("error", reject);
    socket.once("unexpected-response", (_request, response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (part: string) => {
        body += part;
      });
      response.on("end", () =>
        reject(new Error(`The server refused with ${response.statusCode}: ${body}`)),
      );
    });
  });
}

/** The messages from now on. The socket is not read from while too many wait. */
function readMessages(socket: WebSocket): AsyncIterable<string> {
  const waiting: string[] = [];
  let wake: (() => void) | undefined;
  let isOpen = true;
  socket.on("message", (data) => {
    waiting.push(String(data));
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
