import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";

/** A message of the client's on a socket. */
export interface SocketMessage {
  readonly context_id: string;
  readonly text?: string;
  readonly flush?: boolean;
  readonly close_context?: boolean;
  readonly voice_settings?: object;
}

/** What a server does that is not one of ours. */
export interface ElevenLabsScript {
  /** Answers a POST. */
  readonly post?: (body: Record<string, unknown>, response: ServerResponse) => void | Promise<void>;
  /** Answers the request for a socket in place of opening it, or lets it open by giving false. */
  readonly upgrade?: () => string | false;
  /** Answers a message that closes a context, after the text of that context. */
  readonly socket?: (
    text: string,
    context: SpokenContext,
    socket: WebSocket,
  ) => void | Promise<void>;
}

/** The server's end of one context. */
export interface SpokenContext {
  /** Sends a frame in its name. */
  readonly say: (frame: object) => void;
}

/** A server whose answers are scripts, to be changed at any time. */
export interface ElevenLabsServer {
  readonly url: string;
  readonly wsUrl: string;
  script: ElevenLabsScript;
  /** Paths and queries, in order. */
  readonly asked: readonly string[];
  readonly keys: readonly (string | undefined)[];
  readonly messages: SocketMessage[];
  /** Sockets that are open. */
  readonly sockets: number;
  close(): Promise<void>;
}

export async function startElevenLabsServer(): Promise<ElevenLabsServer> {
  const asked: string[] = [];
  const keys: (string | undefined)[] = [];
  const messages: SocketMessage[] = [];
  const sockets = new WebSocketServer({ noServer: true });
  const note = ({ url = "", headers }: IncomingMessage): void => {
    asked.push(url);
    keys.push(headers["xi-api-key"] as string | undefined);
  };

  const listener = createServer((request, response) => {
    note(request);
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const body = JSON.parse(Buffer.concat(parts).toString()) as Record<string, unknown>;
      void server.script.post?.(body, response);
    });
  });
  listener.on("upgrade", (request, socket, head) => {
    note(request);
    const refusal = server.script.upgrade?.();
    if (refusal) socket.end(`HTTP/1.1 ${refusal}\r\nconnection: close\r\n\r\n`);
    else sockets.handleUpgrade(request, socket, head, serve);
  });

  const serve = (socket: WebSocket): void => {
    const texts = new Map<string, string>();
    socket.on("message", (data: Buffer) => {
      const message = JSON.parse(String(data)) as SocketMessage;
      messages.push(message);
      const { context_id: id, text = "", close_context: isLast } = message;
      texts.set(id, `${texts.get(id) ?? ""}${text}`);
      if (isLast !== true) return;
      const say = (frame: object): void => socket.send(JSON.stringify({ ...frame, contextId: id }));
      void server.script.socket?.(texts.get(id) ?? "", { say }, socket);
    });
  };

  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const { port } = listener.address() as AddressInfo;
  const server: ElevenLabsServer = {
    url: `http://127.0.0.1:${port}`,
    wsUrl: `ws://127.0.0.1:${port}`,
    script: {},
    asked,
    keys,
    messages,
    get sockets() {
      return sockets.clients.size;
    },
    async close() {
      for (const socket of sockets.clients) socket.terminate();
      listener.closeAllConnections();
      await new Promise((resolve) => listener.close(resolve));
    },
  };
  return server;
}
