import cluster from "node:cluster";
import { SpeechError } from "../protocol/problems.ts";
import { createServer, type SyrinxServer } from "../server.ts";
import { createLogger } from "../transport/log.ts";
import { connect } from "./bridge.ts";
import type { PrimaryOffer, StartOrder, WorkerOffer } from "./offers.ts";

const { worker } = cluster;
if (!worker) throw new Error("This module is started by the primary process");

// A signal to the whole group is the primary's to act on.
for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => {});

/** What is left when all is said may take so long, such as traces on their way; the primary waits a little longer. */
const lingerMs = 4000;

let server: Promise<SyrinxServer> | undefined;
let isClosing = false;
let isClosed = false;

const offer = {
  server: {
    async start(order) {
      server = start(order);
      const { url, voices } = await server;
      return { url, voices };
    },
    async readMetrics() {
      if (!server) throw new SpeechError("shutting_down");
      return (await server).readMetrics();
    },
    async refreshVoices() {
      if (!server) throw new SpeechError("shutting_down");
      return (await server).refreshVoices();
    },
    async openConnections() {
      return (await server)?.openConnections() ?? [];
    },
    async findOpenConnection(id) {
      return (await server)?.findOpenConnection(id);
    },
    async close() {
      isClosing = true;
      await (await server)?.close();
      isClosed = true;
      setImmediate(endByItself);
    },
  },
} satisfies WorkerOffer;

const primary = connect(worker, offer) as PrimaryOffer;

worker.once("disconnect", () => {
  // Else Node ends this process at once, in the middle of what it says.
  worker.exitedAfterDisconnect = true;
  if (isClosed) return;
  // A primary that goes while all drain was told to hurry.
  if (isClosing || !server) process.exit();
  offer.server.close().catch(() => process.exit(1));
});

await primary.primary.hear();

/** Ends as any other process does: whoever waits for `beforeExit`, as exporters of traces do, is told. */
function endByItself(): void {
  if (process.connected) process.disconnect();
  setTimeout(() => process.exit(), lingerMs).unref();
}

function start({ settings, key, startedAtUnix }: StartOrder): Promise<SyrinxServer> {
  return createServer(settings, {
    logger: createLogger(settings.logLevel, process.stderr, process.pid),
    limits: primary.limits,
    startedAtUnix,
    readMetrics: () => primary.metrics.readAll(),
    refreshVoices: () => primary.voices.refreshAll(),
    connections: primary.connections,
    ...(key && { key }),
  });
}
