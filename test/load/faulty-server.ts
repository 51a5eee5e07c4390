import { createServer, type IncomingMessage } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";
import { alignmentOf, finalFrame, pcm8000 } from "../support/scripted-server.ts";

/** What is wrong with the server; the voice in the address chooses. */
const faults: Readonly<Record<string, (socket: WebSocket, text: string) => void>> = {
  "closes-early": (socket, text) => {
    say(socket, { audio: pcm8000(50), alignment: alignmentOf(text) });
    socket.close(1011, "The engine is gone.");
  },
  vanishes: (socket) => socket.terminate(),
  stalls: (socket, text) => {
    say(socket, { audio: pcm8000(10), alignment: alignmentOf(text) });
    setTimeout(() => {
      say(socket, { audio: pcm8000(10) }, finalFrame());
      socket.close(1000);
    }, 300);
  },
  fine: (socket, text) => finish(socket, text),
  loses: (socket, text) => finish(socket, text.replace("brown ", "")),
  repeats: (socket, text) => finish(socket, text.replace("brown ", "brown brown ")),
  mute: (socket) => finish(socket, undefined),
  "no-alignment": (socket) => {
    say(socket, { audio: pcm8000(50), alignment: null }, finalFrame());
    socket.close(1000);
  },
  "wrong-format": (socket, text) => {
    const audio = Buffer.from("this is no MP3 at all").toString("base64");
    say(socket, { audio, alignment: alignmentOf(text) }, finalFrame());
    socket.close(1000);
  },
  binary: (socket) => socket.send(Buffer.from([1, 2, 3])),
  "error-frame": (socket) => {
    say(socket, { message: "Quota used up.", error: "quota_exceeded", code: 1008 });
    socket.close(1008, "Quota used up.");
  },
};

const refusals: Readonly<Record<string, readonly [status: number, body: string]>> = {
  "http-401": [401, '{"detail":{"status":"invalid_api_key","message":"Invalid API key"}}'],
  "http-429": [429, '{"detail":{"code":"too_many_concurrent_requests","message":"Busy."}}'],
  "http-500": [500, "<h1>Oops</h1>"],
};

const say = (socket: WebSocket, ...frames: readonly object[]): void => {
  for (const frame of frames) socket.send(JSON.stringify(frame));
};

function finish(socket: WebSocket, spoken: string | undefined): void {
  if (spoken !== undefined) say(socket, { audio: pcm8000(50), alignment: alignmentOf(spoken) });
  say(socket, finalFrame());
  socket.close(1000);
}

export interface FaultyServer {
  readonly url: string;
  /** Sockets that were ever opened. */
  readonly connections: number;
  close(): Promise<void>;
}

/** A real server whose voices are its faults. What is no voice of it is answered as any web server does. */
export async function startFaultyServer(): Promise<FaultyServer> {
  const http = createServer((_request, response) => response.end("<html>hello</html>"));
  const sockets = new WebSocketServer({ noServer: true });
  let connections = 0;
  http.on("upgrade", (request: IncomingMessage, stream, head) => {
    const voice = request.url?.split("/")[3] ?? "";
    const refusal = refusals[voice];
    if (refusal) {
      const [status, body] = refusal;
      stream.end(`HTTP/1.1 ${status} No\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
      return;
    }
    sockets.handleUpgrade(request, stream, head, (socket) => {
      connections += 1;
      let text = "";
      socket.on("message", (data) => {
        const message = JSON.parse(String(data)) as { text: string };
        if (message.text === "") faults[voice]?.(socket, text.trim());
        text += message.text;
      });
    });
  });
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    get connections() {
      return connections;
    },
    async close() {
      for (const socket of sockets.clients) socket.terminate();
      http.close();
      await once(http, "close");
    },
  };
}
