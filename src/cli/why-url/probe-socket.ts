import type { ClientRequest, IncomingMessage } from "node:http";
import { WebSocket } from "ws";

export type Headers = Readonly<Record<string, string>>;

/** How a socket ended, or why it never opened. */
export type SocketEnd =
  | { readonly kind: "closed"; readonly code: number; readonly reason: string }
  | {
      readonly kind: "refused";
      readonly status: number;
      readonly headers: Headers;
      readonly body: string;
    }
  | {
      readonly kind: "unreachable";
      /** The network's, such as `ECONNREFUSED`; empty where it has none. */
      readonly code: string;
      readonly message: string;
    };

/** What is told of a socket. */
export interface SocketEvents {
  /** Something answers at the address; whether it speaks the protocol is still to be seen. */
  onConnected(): void;
  /** With the headers of the answer. */
  onOpen(headers: Headers): void;
  /** Text, or the bytes of a binary message. */
  onMessage(data: string | Uint8Array): void;
  /** Once, and nothing after it. */
  onEnd(end: SocketEnd): void;
}

/** A WebSocket seen from a client that wants to know everything. */
export interface ProbeSocket {
  /** Ignored when the socket is not open. */
  send(message: string): void;
  ping(): void;
  /** Says goodbye. */
  close(): void;
  /** Ends it without a word; nothing is told any more. */
  drop(): void;
}

/** Opens a WebSocket; tests hand in one that leads nowhere. */
export type OpenProbeSocket = (url: string, headers: Headers, events: SocketEvents) => ProbeSocket;

/** Of the answer to a refused upgrade. */
const maxBodyChars = 4096;
const maxPayloadBytes = 16 * 1024 * 1024;

export const openProbeSocket: OpenProbeSocket = (url, headers, events) => {
  let isOpen = false;
  let hasEnded = false;
  let answered: Headers = {};
  const end = (how: SocketEnd): void => {
    if (hasEnded) return;
    hasEnded = true;
    events.onEnd(how);
  };
  const socket = new WebSocket(url, {
    headers,
    perMessageDeflate: false,
    maxPayload: maxPayloadBytes,
    finishRequest: (request: ClientRequest) => {
      request.on("socket", (stream) => {
        stream.once("connect", () => {
          if (!hasEnded) events.onConnected();
        });
      });
      request.end();
    },
  });
  socket.on("upgrade", (response) => {
    answered = readHeaders(response);
  });
  socket.on("open", () => {
    isOpen = true;
    if (!hasEnded) events.onOpen(answered);
  });
  socket.on("message", (data: Buffer, isBinary) => {
    if (!hasEnded) events.onMessage(isBinary ? data : String(data));
  });
  socket.on("unexpected-response", (request, response) => {
    const { statusCode: status = 0 } = response;
    readBody(response, (body) => {
      end({ kind: "refused", status, headers: readHeaders(response), body });
      request.destroy();
    });
  });
  socket.on("error", (error: NodeJS.ErrnoException) => {
    // An open socket tells what happened when it closes.
    if (!isOpen) end({ kind: "unreachable", code: error.code ?? "", message: error.message });
  });
  socket.on("close", (code, reason) => end({ kind: "closed", code, reason: String(reason) }));
  return {
    send: (message) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(message);
    },
    ping: () => {
      if (socket.readyState === WebSocket.OPEN) socket.ping();
    },
    close: () => {
      if (socket.readyState === WebSocket.OPEN) socket.close(1000);
    },
    drop: () => {
      hasEnded = true;
      socket.terminate();
    },
  };
};

function readHeaders({ headers }: IncomingMessage): Headers {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, [value ?? ""].flat().join(", ")]),
  );
}

function readBody(response: IncomingMessage, tell: (body: string) => void): void {
  let body = "";
  response.setEncoding("utf8");
  response.on("data", (part: string) => {
    body += part;
    if (body.length >= maxBodyChars) response.destroy();
  });
  response.on("error", () => {});
  response.on("close", () => tell(body.slice(0, maxBodyChars)));
}
