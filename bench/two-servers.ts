import { hear, openStream } from "./client.ts";
import type { Round } from "./figure.ts";
import { paragraph } from "./throughput.ts";

const rounds = Number(process.env["ROUNDS"] ?? 7);
/** Until everything is compiled. */
const warmUps = 1;

/** Measures one server beside another: whoever comes first in one round comes second in the next. */
export async function inTurns<Side>(
  one: Side,
  bound: Side,
  measure: (side: Side) => Promise<number>,
): Promise<readonly Round[]> {
  const measured: Round[] = [];
  for (let round = -warmUps; round < rounds; round += 1) {
    const isFirst = round % 2 === 0;
    const first = await measure(isFirst ? one : bound);
    const second = await measure(isFirst ? bound : one);
    const figures = isFirst
      ? { measured: first, bound: second }
      : { measured: second, bound: first };
    if (round >= 0) measured.push(figures);
  }
  return measured;
}

export const streams = 16;
const bytesPerSecond = 48_000;

/** Audio seconds per second of streams of 60 words at once, `flite-slt`, `pcm_24000`. */
export async function speakTogether(url: string, query = ""): Promise<number> {
  const speak = async (): Promise<number> => {
    const socket = await openStream(url, "flite-slt", `output_format=pcm_24000${query}`);
    const hearing = hear(socket);
    socket.send(JSON.stringify({ text: paragraph }));
    socket.send('{"text":""}');
    return (await hearing).audioBytes / bytesPerSecond;
  };
  const startedAt = performance.now();
  const seconds = await Promise.all(Array.from({ length: streams }, speak));
  const elapsedMs = performance.now() - startedAt;
  return (seconds.reduce((sum, each) => sum + each, 0) / elapsedMs) * 1000;
}
