import type { IncomingMessage } from "node:http";
import { WebSocket } from "ws";

/** How a client behaves, where that is not as usual. */
export interface ClientHabits {
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether it answers pings, as RFC 6455 section 5.5.2 asks it to. */
  readonly answersPings?: boolean;
  /** The largest message it takes. */
  readonly maxMessageBytes?: number;
}

/** A WebSocket client that can do what clients should not. */
export interface SocketClient {
  /** What names the connection to both sides; empty if nobody said. */
  readonly connectionId: string;
  /** Whether it has closed, by whomever, or was never let in. */
  readonly isClosed: boolean;
  /** Messages that came, as they were. */
  readonly received: readonly string[];
  send(...messages: readonly object[]): void;
  /** Sends bytes as if they were text. */
  sendAsText(bytes: Uint8Array): void;
  /** Resolves when the server has read all that was sent so far. */
  settled(): Promise<void>;
  close(code?: number, reason?: string): void;
  stopReading(): void;
  readOn(): void;
  /** Drops the connection without a word. */
  vanish(): void;
}

/** Opens a socket; resolves when it is open or was refused. `onSeen` is told what its user would see. */
export function openSocket(
  url: string,
  { headers = {}, answersPings = true, maxMessageBytes }: ClientHabits,
  onSeen: (line: string) => void,
): Promise<SocketClient> {
  const socket = new WebSocket(url, {
    headers,
    perMessageDeflate: false,
    autoPong: answersPings,
    ...(maxMessageBytes !== undefined && { maxPayload: maxMessageBytes }),
  });
  const received: string[] = [];
  let connectionId = "";
  let isClosed = false;
  const takeName = (answer: IncomingMessage): void => {
    connectionId = String(answer.headers["x-trace-id"] ?? "");
  };
  const closed = new Promise<void>((resolve) => {
    socket.once("close", (code, reason) => {
      const said = reason.length > 0 ? `: ${String(reason)}` : "";
      if (!isClosed) onSeen(`the socket closed with ${code}${said}`);
      isClosed = true;
      resolve();
    });
  });
  socket.on("message", (data) => {
    const message = String(data);
    received.push(message);
    if (message.includes('"error":')) onSeen(message);
  });
  const answered = (): Promise<void> =>
    new Promise((resolve) => {
      socket.once("pong", () => resolve());
      socket.ping();
    });
  const client: SocketClient = {
    get connectionId() {
      return connectionId;
    },
    get isClosed() {
      return isClosed;
    },
    received,
    send(...messages) {
      for (const message of messages) socket.send(JSON.stringify(message));
    },
    sendAsText: (bytes) => socket.send(bytes, { binary: false }),
    async settled() {
      // It reads in order; what one message entails may need another turn.
      for (let round = 0; round < 2; round += 1) {
        if (socket.readyState === WebSocket.OPEN) await Promise.race([answered(), closed]);
      }
    },
    close: (code, reason) => socket.close(code, reason),
    stopReading: () => socket.pause(),
    readOn: () => socket.resume(),
    vanish: () => socket.terminate(),
  };
  return new Promise((resolve, reject) => {
    socket.once("upgrade", takeName);
    socket.once("open", () => resolve(client));
    socket.once("unexpected-response", (_request, response) => {
      isClosed = true;
      takeName(response);
      readBody(response, (body) => {
        onSeen(`HTTP ${response.statusCode}: ${body}`);
        resolve(client);
      });
    });
    // Of one that is open its close tells.
    socket.on("error", reject);
  });
}

function readBody(response: IncomingMessage, onRead: (body: string) => void): void {
  let body = "";
  response.setEncoding("utf8");
  response.on("data", (part: string) => {
    body += part;
  });
  response.once("close", () => onRead(body));
}
