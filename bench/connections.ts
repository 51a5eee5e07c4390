import { once } from "node:events";
import { WebSocket } from "ws";
import { type Figure, figureOfRounds, type Round } from "./figure.ts";
import { type ServerProcess, startServerProcess } from "./processes.ts";

const rounds = 9;
/** Until everything is compiled. */
const warmUps = 2;
const connections = 1500;
const atOnce = 50;
const apiKey = "sk_bench_0123456789abcdef0123456789abcdef";
const path = "/v1/text-to-speech/tone/stream-input";
/** A whole conversation in which nothing is said; a bad key would end it with 1008. */
const messages = [JSON.stringify({ text: " ", xi_api_key: apiKey }), '{"text":""}'];
/** The same to `ws` alone. */
const bareMessages = [messages[0] ?? "", '{"close":1000}'];

/**
 * Connections that are opened, show their key in the first message and are closed by the server
 * after the second, for each second of the server's CPU; with the records of connections that are
 * kept by default, and without.
 */
export async function measureConnections(): Promise<Figure[]> {
  const start = (...flags: readonly string[]): Promise<ServerProcess> =>
    startServerProcess("syrinx-process.js", ["tone", "auth=on", ...flags], {
      SYRINX_API_KEY: apiKey,
    });
  const recording = await start();
  const silent = await start("connectionRecords=off");
  const bare = await startServerProcess("bare-socket-process.js");
  const withRecords: Round[] = [];
  const withoutRecords: Round[] = [];
  for (let round = -warmUps; round < rounds; round += 1) {
    const recorded = await connectAll(recording, path, messages);
    const bound = await connectAll(bare, "/", bareMessages);
    const unrecorded = await connectAll(silent, path, messages);
    if (round < 0) continue;
    withRecords.push({ measured: recorded, bound });
    withoutRecords.push({ measured: unrecorded, bound });
  }
  await Promise.all([recording.stop(), silent.stop(), bare.stop()]);
  return [
    figureOf("connections per second and core, with a key check", withRecords),
    figureOf("connections per second and core, with a key check, nothing recorded", withoutRecords),
  ];
}

const figureOf = (name: string, measured: readonly Round[]): Figure =>
  figureOfRounds(
    {
      name,
      unit: "/s",
      boundName: "ws alone, which reads as much",
      compare: "ratio",
      target: 0.5,
      better: "higher",
    },
    measured,
  );

async function connectAll(
  server: ServerProcess,
  route: string,
  said: readonly string[],
): Promise<number> {
  const url = `${server.url.replace(/^http/, "ws")}${route}`;
  const cpuBefore = await server.cpuMs();
  let left = connections;
  const connectOneByOne = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await connectOnce(url, said);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, connectOneByOne));
  const cpuMs = (await server.cpuMs()) - cpuBefore;
  return (connections / cpuMs) * 1000;
}

async function connectOnce(url: string, said: readonly string[]): Promise<void> {
  const socket = new WebSocket(url, { perMessageDeflate: false });
  await once(socket, "open");
  for (const message of said) socket.send(message);
  const [code] = (await once(socket, "close")) as [number];
  if (code !== 1000) throw new Error(`A connection ended with ${code}`);
}
