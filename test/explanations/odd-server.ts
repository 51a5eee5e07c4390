import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import { createServer as createTlsServer } from "node:https";
import {
  type AddressInfo,
  createServer as createTcpServer,
  type Server,
  type Socket,
} from "node:net";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import { createCertificate } from "../conformance/certificate.ts";
import { alignmentOf, finalFrame, pcm8000 } from "../support/scripted-server.ts";

/** A server with something wrong about it, on a free port. */
export interface OddServer {
  readonly port: number;
  close(): Promise<void>;
}

async function listen(server: Server): Promise<OddServer> {
  const open = new Set<Socket>();
  server.on("connection", (socket) => {
    open.add(socket);
    socket.on("error", () => {});
    socket.once("close", () => open.delete(socket));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

/** A server that takes connections and never says a word. */
export const startMuteServer = (): Promise<OddServer> => listen(createTcpServer());

/** A port on which nothing listens. */
export async function findClosedPort(): Promise<number> {
  const server = await listen(createTcpServer());
  await server.close();
  return server.port;
}

/** A web server that answers every upgrade with one text. */
export function startRefusingServer(
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<OddServer> {
  const http = createServer();
  http.on("upgrade", (_request: IncomingMessage, stream: Duplex) => {
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    stream.end(
      `HTTP/1.1 ${status} No\r\n${lines.join("")}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
  });
  return listen(http);
}

/** What a socket does with each text that it is told. */
export type Behaviour = (
  socket: WebSocket,
  text: string,
  headers: IncomingMessage["headers"],
) => void;

/** A server that takes every upgrade; `greets` is told of a socket before it has said anything. */
export function startSocketServer(
  behave: Behaviour,
  greets: (socket: WebSocket) => void = () => {},
): Promise<OddServer> {
  const http = createServer();
  const sockets = new WebSocketServer({ server: http });
  sockets.on("connection", (socket, { headers }) => {
    greets(socket);
    socket.on("message", (data) => behave(socket, String(data), headers));
  });
  return listen(http);
}

/** A server that is encrypted, with a certificate that nobody trusts. */
export const startTlsServer = (answer: RequestListener = () => {}): Promise<OddServer> =>
  listen(createTlsServer(createCertificate(), answer));

export const say = (socket: WebSocket, ...frames: readonly object[]): void => {
  for (const frame of frames) socket.send(JSON.stringify(frame));
};

/** Whether a message is the end marker of stream-input. */
export const isEndMarker = (text: string): boolean =>
  (JSON.parse(text) as { text?: string }).text === "";

/** Speaks as it should. */
export const speakWell: Behaviour = (socket, text) => {
  if (!isEndMarker(text)) return;
  say(socket, { audio: pcm8000(50), alignment: alignmentOf("Hello") }, finalFrame());
  socket.close(1000);
};
