import { readdir, readFile } from "node:fs/promises";
import { hear, openStream } from "./client.ts";
import type { Figure } from "./figure.ts";
import { type ServerProcess, startServerProcess } from "./processes.ts";

const mebibyte = 1024 * 1024;
const bookWords = 100_000;

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
