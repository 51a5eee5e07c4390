import { once } from "node:events";
import { WebSocketServer } from "ws";
import { serveBench } from "./measured-process.js";

// `ws` and nothing else. A message {"frames":n,"frameBytes":b} is answered by n ready-made text
// frames of b bytes, each handed over when the socket has room; {"close":c} closes the socket with
// that code, and other messages are ignored.
const sockets = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: false });
const maxQueuedBytes = 192 * 1024;
const asText = { binary: false };

sockets.on("connection", (socket) => {
  socket.on("message", (data) => void answer(socket, JSON.parse(String(data))));
});

async function answer(socket, { frames = 0, frameBytes = 0, close }) {
  if (close !== undefined) return socket.close(close);
  // Other memory each time, as it is with frames that say something.
  const ready = Array.from({ length: 64 }, () => Buffer.alloc(frameBytes, "x"));
  for (let sent = 0; sent < frames; sent += 1) {
    const frame = ready[sent % ready.length];
    if (socket.bufferedAmount < maxQueuedBytes) socket.send(frame, asText);
    else await new Promise((resolve) => socket.send(frame, asText, resolve));
  }
}
await once(sockets, "listening");
serveBench(`http://127.0.0.1:${sockets.address().port}`, async () => {
  for (const socket of sockets.clients) socket.terminate();
  sockets.close();
});
