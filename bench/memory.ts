import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { WebSocket } from "ws";
import { hear, openStream } from "./client.ts";
import type { Figure } from "./figure.ts";
import { type ServerProcess, startServerProcess } from "./processes.ts";

const mebibyte = 1024 * 1024;
const bookWords = 100_000;
const idleStreams = 5000;

/** Growth of the server while it speaks a book as fast as the client takes it. */
export async function measureBook(): Promise<Figure> {
  const folder = new URL("../test/data/", import.meta.url);
  const name = (await readdir(folder)).find((file) => file.endsWith(".txt")) ?? "";
  const prose = await readFile(new URL(name, folder), "utf8");
  const words = prose.split(/\s+/).length;
  const server = await startServerProcess("syrinx-process.js");
  const query = "output_format=pcm_16000";
  const first = await openStream(server.url, "flite-kal16", query);
  const hearingFirst = hear(first);
  first.send(JSON.stringify({ text: prose.slice(0, 1000) }));
  first.send('{"text":""}');
  await hearingFirst;
  const socket = await openStream(server.url, "flite-kal16", query);
  const hearing = hear(socket);
  const before = await server.rssBytes();
  let peak = before;
  let isDone = false;
  const watching = watch(
    server,
    () => isDone,
    (rssBytes) => {
      peak = Math.max(peak, rssBytes);
    },
  );
  for (let spoken = 0; spoken < bookWords; spoken += words) {
    await new Promise((resolve) => socket.send(JSON.stringify({ text: `${prose}\n` }), resolve));
  }
  socket.send('{"text":""}');
  const { audioBytes } = await hearing;
  isDone = true;
  await watching;
  await server.stop();
  return {
    name: `memory while speaking ${bookWords} words (${Math.round(audioBytes / 32_000 / 60)} min of audio)`,
    unit: "MiB",
    measured: peak / mebibyte,
    bound: before / mebibyte,
    boundName: "the process after its first paragraph",
    compare: "difference",
    target: 30,
    better: "lower",
  };
}

async function watch(
  server: ServerProcess,
  isDone: () => boolean,
  onRss: (rssBytes: number) => void,
): Promise<void> {
  while (!isDone()) {
    onRss(await server.rssBytes());
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

/** Memory of an open stream that says nothing, beside an idle `ws` socket. */
export async function measureIdle(): Promise<Figure> {
  const perStream = async (
    script: string,
    args: readonly string[],
    open: (url: string) => Promise<WebSocket>,
  ): Promise<number> => {
    const server = await startServerProcess(script, args);
    const sockets = [await open(server.url)];
    const before = await server.rssBytes();
    for (let count = 0; count < idleStreams; count += 100) {
      sockets.push(...(await Promise.all(Array.from({ length: 100 }, () => open(server.url)))));
    }
    const after = await server.rssBytes();
    for (const socket of sockets) socket.terminate();
    await server.stop();
    return (after - before) / idleStreams / 1024;
  };
  const bound = await perStream("bare-socket-process.js", [], async (url) => {
    const socket = new WebSocket(url.replace(/^http/, "ws"), { perMessageDeflate: false });
    await once(socket, "open");
    return socket;
  });
  const measured = await perStream("syrinx-process.js", ["tone"], (url) =>
    openStream(url, "tone", "inactivity_timeout=180"),
  );
  return {
    name: `memory per idle open stream, ${idleStreams} of them`,
    unit: "KiB",
    measured,
    bound,
    boundName: "an idle ws socket",
    compare: "absolute",
    target: 12,
    better: "lower",
  };
}
