import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { type RawData, WebSocket, WebSocketServer } from "ws";

/** One message as it went over a tapped socket. */
export interface TappedMessage {
  readonly from: "client" | "server";
  /** Which socket, counted from 0. */
  readonly socket: number;
  readonly message: Readonly<Record<string, unknown>>;
}

/** Stands between clients and a server, and writes down what they say. */
export interface SocketTap {
  /** `http://127.0.0.1:<port>`; answers upgrades only. */
  readonly url: string;
  /** Addresses that were asked for, one for each socket. */
  readonly paths: readonly string[];
  readonly messages: readonly TappedMessage[];
  /** Resolves with the first message, past or future, that passes. */
  until(passes: (tapped: TappedMessage) => boolean): Promise<TappedMessage>;
  close(): Promise<void>;
}

/** Opens a tap on a free port before the server at `wsUrl`. */
export async function openSocketTap(wsUrl: string): Promise<SocketTap> {
  const taps = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: false });
  const paths: string[] = [];
  const messages: TappedMessage[] = [];
  const watchers = new Set<() => void>();

  function write(from: TappedMessage["from"], socket: number, text: string): void {
    messages.push({ from, socket, message: JSON.parse(text) as TappedMessage["message"] });
    for (const watch of watchers) watch();
  }

  taps.on("connection", (client: WebSocket, { url = "", headers }: IncomingMessage) => {
    const socket = paths.push(url) - 1;
    const key = headers["xi-api-key"];
    const server = new WebSocket(`${wsUrl}${url}`, {
      perMessageDeflate: false,
      ...(typeof key === "string" && { headers: { "xi-api-key": key } }),
    });
    const opened = new Promise<void>((resolve) => server.once("open", resolve));
    const forward = async (data: RawData): Promise<void> => {
      await opened;
      write("client", socket, String(data));
      server.send(String(data));
    };
    client.on("message", (data) => void forward(data));
    server.on("message", (data) => {
      write("server", socket, String(data));
      client.send(String(data));
    });
    server.on("error", () => client.terminate());
    client.on("close", () => server.close());
    server.on("close", (code, reason) => client.close(code, reason));
  });

  await once(taps, "listening");
  return {
    url: `http://127.0.0.1:${(taps.address() as AddressInfo).port}`,
    paths,
    messages,
    until(passes) {
      return new Promise((resolve) => {
        const watch = (): void => {
          const found = messages.find(passes);
          if (!found) return;
          watchers.delete(watch);
          resolve(found);
        };
        watchers.add(watch);
        watch();
      });
    },
    async close() {
      for (const client of taps.clients) client.terminate();
      await new Promise((resolve) => taps.close(resolve));
    },
  };
}
