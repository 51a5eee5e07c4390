import type { IncomingMessage } from "node:http";
import { WebSocket } from "ws";

/** How a socket ended, or why it never opened. */
export type SocketEnd =
  | { readonly kind: "closed"; readonly code: number; readonly reason: string }
  | { readonly kind: "refused"; readonly status: number; readonly body: string }
  | { readonly kind: "unreachable"; readonly code: string; readonly reason: string };

/** What is told of a socket. */
export interface SocketEvents {
  onOpen(): void;
  onMessage(data: Uint8Array): void;
  /** Once, and nothing after it. */
  onEnd(end: SocketEnd): void;
}

/** A WebSocket seen from the client. */
export interface ClientSocket {
  /** Ignored when the socket is not open. */
  send(message: string): void;
  /** Says goodbye; a server that does not answer is not waited for. */
  close(): void;
}

/** Opens a WebSocket; tests hand in one that leads nowhere. */
export type OpenSocket = (
  url: string,
  headers: Readonly<Record<string, string>>,
  events: SocketEvents,
) => ClientSocket;

const handshakeTimeout = 10_000;
/** Of the answer to a refused upgrade. */
const maxBodyChars = 4096;

export const openClientSocket: OpenSocket = (url, headers, events) => {
  // What is checked or unpacked here would be time of the generator, not of the server.
  const socket = new WebSocket(url, {
    headers,
    handshakeTimeout,
    perMessageDeflate: false,
    skipUTF8Validation: true,
  });
  let isOpen = false;
  let hasEnded = false;
  const end = (how: SocketEnd): void => {
    if (hasEnded) return;
    hasEnded = true;
    events.onEnd(how);
  };
  socket.on("open", () => {
    isOpen = true;
    events.onOpen();
  });
  socket.on("message", (data: Buffer) => events.onMessage(data));
  socket.on("unexpected-response", (_request, response: IncomingMessage) => {
    readBody(response, (body) => end({ kind: "refused", status: response.statusCode ?? 0, body }));
  });
  socket.on("error", (error: NodeJS.ErrnoException) => {
    // An open socket tells what happened when it closes.
    if (!isOpen) end({ kind: "unreachable", code: error.code ?? "", reason: error.message });
  });
  socket.on("close", (code, reason) => end({ kind: "closed", code, reason: String(reason) }));
  return {
    send: (message) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(message);
    },
    close: () => {
      if (socket.readyState === WebSocket.CONNECTING) socket.terminate();
      else socket.close(1000);
    },
  };
};

function readBody(response: IncomingMessage, tell: (body: string) => void): void {
  let body = "";
  response.setEncoding("utf8");
  response.on("data", (part: string) => {
    body += part;
    if (body.length >= maxBodyChars) response.destroy();
  });
  response.on("close", () => tell(body.slice(0, maxBodyChars)));
}
