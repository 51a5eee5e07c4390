import { once } from "node:events";
import { WebSocket } from "ws";

/** Opens `stream-input` on a server without authentication and begins the stream. */
export async function openStream(url: string, voice: string, query: string): Promise<WebSocket> {
  const address = url.replace(/^http/, "ws");
  const socket = new WebSocket(`${address}/v1/text-to-speech/${voice}/stream-input?${query}`, {
    perMessageDeflate: false,
  });
  await once(socket, "open");
  socket.send('{"text":" "}');
  return socket;
}

/** What a stream gave until it ended. */
export interface Heard {
  frames: number;
  frameBytes: number;
  audioBytes: number;
}

const audioStart = '{"audio":"';

/** Bytes of audio in a frame; 0 if it holds none. */
export function audioBytesOf(frame: Buffer): number {
  if (frame.subarray(0, audioStart.length).toString() !== audioStart) return 0;
  const base64End = frame.indexOf(0x22, audioStart.length);
  const padding = frame[base64End - 2] === 0x3d ? 2 : frame[base64End - 1] === 0x3d ? 1 : 0;
  return ((base64End - audioStart.length) / 4) * 3 - padding;
}

/** Counts frames and audio without parsing them: the client must not be what is measured. */
export async function hear(socket: WebSocket): Promise<Heard> {
  const heard: Heard = { frames: 0, frameBytes: 0, audioBytes: 0 };
  socket.on("message", (data: Buffer) => {
    const audioBytes = audioBytesOf(data);
    if (audioBytes === 0) return;
    heard.frames += 1;
    heard.frameBytes += data.length;
    heard.audioBytes += audioBytes;
  });
  const [code] = (await once(socket, "close")) as [number];
  if (code !== 1000) throw new Error(`A stream ended with ${code}`);
  return heard;
}
