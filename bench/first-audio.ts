import { neutralSettings } from "../src/protocol/voice.ts";
import { once } from "node:events";
import { systemClock } from "../src/clock.ts";
import { createFliteEngine, fliteVoices } from "../src/engine/flite/flite.ts";
import { openStream } from "./client.ts";
import { median } from "../src/load/percentile.ts";
import type { Figure } from "./figure.ts";
import { startServerProcess } from "./processes.ts";

const text = "Hello my good friend.";
const rounds = 60;

/** From sending a clause of four words to its first frame, beside the engine alone. */
export async function measureFirstAudio(): Promise<Figure[]> {
  const server = await startServerProcess("syrinx-process.js");
  const engine = await createFliteEngine({ clock: systemClock, workers: 2 });
  await engine.ready();
  const figures: Figure[] = [];
  for (const [slug, target] of [
    ["flite-kal16", 1.5],
    ["flite-slt", 1.15],
  ] as const) {
    const voice = fliteVoices.find((each) => each.slug === slug);
    if (!voice) throw new Error(`There is no voice ${slug}`);
    const served: number[] = [];
    const alone: number[] = [];
    // The two take turns, so that whatever else the machine does hits both.
    for (let round = 0; round < rounds; round += 1) {
      served.push(await serveOnce(server.url, slug));
      const startedAt = performance.now();
      const utterance = { text, voice, settings: neutralSettings, markup: "none" } as const;
      for await (const _ of engine.synthesize(utterance, new AbortController().signal)) break;
      alone.push(performance.now() - startedAt);
    }
    figures.push({
      name: `first audio, 4 words, ${slug}, pcm_24000`,
      unit: "ms",
      measured: median(served),
      bound: median(alone),
      boundName: "engine alone in a warm worker",
      compare: "ratio",
      target,
      better: "lower",
    });
  }
  await engine.close();
  await server.stop();
  return figures;
}

/** Ms from four words to their first audio, on a socket that is open. */
export async function serveOnce(
  url: string,
  voice: string,
  format: string = "pcm_24000",
): Promise<number> {
  const socket = await openStream(url, voice, `output_format=${format}`);
  // The answer to a ping shows that the stream is open and nothing else is on its way.
  socket.ping();
  await once(socket, "pong");
  const startedAt = performance.now();
  socket.send(JSON.stringify({ text, flush: true }));
  await once(socket, "message");
  const elapsedMs = performance.now() - startedAt;
  socket.terminate();
  return elapsedMs;
}
