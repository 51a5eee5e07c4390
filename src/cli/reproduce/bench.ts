import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openRecords, type Records } from "../../open-records.ts";
import type { Stores } from "../../protocol/stores.ts";
import { createServer, type SyrinxServer } from "../../server.ts";
import { readSettings, type SettingName } from "../../settings.ts";
import { createLogger } from "../../transport/log.ts";
import { createCertificate } from "./certificate.ts";
import { createHeldVoices, type HeldVoices } from "./held-voices.ts";
import { type Answer, type Asked, request } from "./http-client.ts";
import { until } from "./patience.ts";
import { openRaw, type RawClient } from "./raw-client.ts";
import { SkippingClock } from "./skipping-clock.ts";
import { type ClientHabits, openSocket, type SocketClient } from "./socket-client.ts";

/** How the server of a reproduction differs from a usual one. */
export interface BenchOptions {
  readonly flags?: Partial<Record<SettingName, string>>;
  /** Whether it speaks https and wss, with a certificate of its own. */
  readonly isEncrypted?: boolean;
  /** Stores that take the place of some of its own. */
  readonly replaceStores?: (records: Records) => Partial<Stores>;
}

/** A server for one reproduction, whose time can be skipped, and the clients to try it. */
export interface Bench {
  readonly clock: SkippingClock;
  readonly voices: HeldVoices;
  readonly server: SyrinxServer;
  /** Lets its owner do everything. */
  readonly key: string;
  /** What clients saw so far, one line each. */
  readonly seen: readonly string[];
  /** Names the connection that was made last, to both sides. */
  readonly lastConnectionId: string;
  /** Opens a socket; with the server's own key in the header unless `headers` are given. */
  readonly open: (path: string, habits?: ClientHabits) => Promise<SocketClient>;
  readonly connect: () => Promise<RawClient>;
  /** Asks as a client does; what it is answered was seen. */
  readonly ask: (path: string, asked?: Asked) => Promise<void>;
  /** Asks as whoever looks after the server. */
  readonly look: (path: string, asked?: Asked) => Promise<Answer>;
  /** Lets time pass, step by step, until something has come of it. */
  readonly passUntil: (what: string, isSo: () => boolean, stepMs?: number) => Promise<void>;
  /** Ends the server as SIGTERM would, and starts a usual one on the same records. */
  readonly restart: () => Promise<void>;
  readonly close: () => Promise<void>;
}

const usual = {
  host: "127.0.0.1",
  port: "0",
  database: "memory",
  history: "off",
  // What is said twice is to be made twice.
  cacheMib: "0",
  logLevel: "silent",
  espeak: "off",
  workers: "1",
  // A slow machine must not be taken for a busy one.
  overload: "admit",
  leadSeconds: "any",
  drainSeconds: "5",
} as const satisfies Partial<Record<SettingName, string>>;

/** Of what was seen at once. */
const shownLength = 400;

/** Starts a server on a free port, whose records end with the bench. */
export async function openBench(options: BenchOptions = {}): Promise<Bench> {
  const dataDir = await mkdtemp(join(tmpdir(), "syrinx-why-"));
  const clock = new SkippingClock();
  const startedAtMs = Date.now();
  const wallClock = (): number => startedAtMs + clock.now();
  const key = `sk_${randomBytes(32).toString("hex")}`;
  const voices = createHeldVoices();
  const records = await openRecords(
    { database: "memory", dataDir },
    { clock, wallClock, onFault: () => {} },
  );
  const seen: string[] = [];
  const onSeen = (line: string): void => void seen.push(shorten(line));
  let lastConnectionId = "";
  const sockets: SocketClient[] = [];

  const start = async ({
    flags,
    isEncrypted = false,
    replaceStores,
  }: BenchOptions): Promise<SyrinxServer> => {
    const tls = isEncrypted ? await writeCertificate(dataDir) : {};
    const settings = readSettings({
      env: { SYRINX_API_KEY: key },
      flags: { ...usual, dataDir, ...tls, ...flags },
    });
    return createServer(settings, {
      clock,
      wallClock,
      // What this machine does besides costs the voices nothing.
      cpuMs: () => 0,
      logger: createLogger("silent"),
      engines: [voices.engine],
      records: { ...records, stores: { ...records.stores, ...replaceStores?.(records) } },
    });
  };
  let server = await start(options);
  const addressOf = (path: string): string => new URL(path, server.url).href;

  return {
    clock,
    voices,
    key,
    seen,
    get server() {
      return server;
    },
    get lastConnectionId() {
      return lastConnectionId;
    },
    async open(path, habits = {}) {
      const url = addressOf(path).replace(/^http/, "ws");
      const socket = await openSocket(url, { headers: { "xi-api-key": key }, ...habits }, onSeen);
      sockets.push(socket);
      lastConnectionId = socket.connectionId;
      return socket;
    },
    connect: () => openRaw(server.url, onSeen),
    async ask(path, asked = {}) {
      const answer = await request(addressOf(path), { key, ...asked }).catch(onNoAnswer);
      if (!answer) return;
      const { status, connectionId, isAudio, text } = answer;
      lastConnectionId = connectionId;
      onSeen(`HTTP ${status}${isAudio ? " with audio" : `: ${text}`}`);
    },
    look: (path, asked = {}) => request(addressOf(path), { key, ...asked }),
    async passUntil(what, isSo, stepMs = 1000) {
      await until(what, isSo, () => clock.skip(stepMs));
    },
    async restart() {
      await server.close();
      server = await start({});
    },
    async close() {
      voices.release();
      for (const socket of sockets) socket.vanish();
      await server.close();
      await records.close();
      clock.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };

  function onNoAnswer(error: unknown): undefined {
    onSeen(`no answer: ${reasonOf(error)}`);
    return undefined;
  }
}

async function writeCertificate(folder: string): Promise<Partial<Record<SettingName, string>>> {
  const { cert, key } = createCertificate();
  const files = { tlsCert: join(folder, "cert.pem"), tlsKey: join(folder, "key.pem") };
  await writeFile(files.tlsCert, cert);
  await writeFile(files.tlsKey, key, { mode: 0o600 });
  return files;
}

const shorten = (line: string): string =>
  line.length > shownLength ? `${line.slice(0, shownLength)}…` : line;

/** The reason lies below what `fetch` says. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? error.cause : error;
  const code = "code" in cause ? ` (${String(cause.code)})` : "";
  return `${cause.message}${code}`;
}
