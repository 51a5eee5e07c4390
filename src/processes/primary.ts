import cluster from "node:cluster";
import { createRequire } from "node:module";
import { type CountedLeases, LeaseTable } from "../accounts/leases.ts";
import { RequestRates } from "../accounts/request-rates.ts";
import { type Clock, systemClock } from "../clock.ts";
import { openRecords } from "../open-records.ts";
import type { VoiceChanges } from "../protocol/engines.ts";
import { SpeechError } from "../protocol/problems.ts";
import type { SyrinxServer } from "../server.ts";
import { openKey, type ServerKey } from "../server-key.ts";
import type { Settings } from "../settings.ts";
import { GatheredMetrics } from "../telemetry/gathered-metrics.ts";
import type { MetricsSnapshot } from "../telemetry/prometheus.ts";
import { createLogger, type Logger } from "../transport/log.ts";
import { probePort } from "./probe-port.ts";
import type { PrimaryOffer, Started, StartOrder } from "./offers.ts";
import { RestartDelay } from "./restart-delay.ts";
import { ServerProcess } from "./server-process.ts";

/** A server of several processes that all listen. */
export type ServerProcesses = Pick<SyrinxServer, "url" | "voices" | "newKey" | "close">;

/** How long after its drain a process may still be there before it is killed. */
const closeGraceMs = 5000;
/** How long a process is waited for that is asked what it knows; scrapers wait for ten seconds. */
const soonMs = 2000;

/**
 * Starts `settings.processes` processes that serve on one port. This one serves nothing: it hands
 * connections to each in turn and keeps what all share.
 * @throws {SettingError} for a bad setting
 */
export async function createServerProcesses(settings: Settings): Promise<ServerProcesses> {
  const key = settings.auth === "on" ? await openKeyOnce(settings) : undefined;
  const startedAtUnix = Math.floor(Date.now() / 1000);
  const startOn = async (port: number): Promise<ServerProcesses> => {
    const primary = new Primary({
      settings: { ...settings, port, apiKey: undefined },
      key,
      startedAtUnix,
    });
    const { url, voices } = await primary.start();
    return { url, voices, newKey: key?.newKey, close: () => primary.close() };
  };
  // Known from now on: a process that is started when no other is left has to find the same one.
  const probe = (): Promise<number> => probePort(settings.host, settings.port);
  return startOn(await probe()).catch(async (error: unknown) => {
    const wasTaken = error instanceof Error && "code" in error && error.code === "EADDRINUSE";
    if (!wasTaken || settings.port !== 0) throw error;
    return startOn(await probe());
  });
}

/** Makes the tables and the first key before others look for them, and lets go of the database. */
async function openKeyOnce(settings: Settings): Promise<ServerKey> {
  const onFault = (): void => {};
  const parts = { clock: systemClock, wallClock: Date.now, onFault };
  const records = await openRecords(settings, parts);
  try {
    return await openKey(settings, records.stores.keys);
  } finally {
    await records.close();
  }
}

/** Keeps the processes that serve, and what they share. */
class Primary {
  readonly #order: StartOrder;
  readonly #clock: Clock = systemClock;
  readonly #logger: Logger;
  readonly #leases: LeaseTable;
  readonly #rates: RequestRates;
  readonly #metrics = new GatheredMetrics();
  readonly #shared: Omit<PrimaryOffer, "limits" | "primary">;
  readonly #processes = new Set<ServerProcess>();
  readonly #restartDelay = new RestartDelay();
  /** While no other process is left, nothing else keeps this one from ending. */
  readonly #alive = new MessageChannel().port1;
  #state: "starting" | "serving" | "closing" = "starting";

  constructor(order: StartOrder) {
    this.#order = order;
    this.#logger = createLogger(order.settings.logLevel, process.stderr, process.pid);
    const { maxConcurrency: limit, concurrencyQueueMs: patienceMs } = order.settings;
    this.#leases = new LeaseTable({ limit, patienceMs, clock: this.#clock });
    this.#rates = new RequestRates(this.#clock);
    const metrics = { readAll: () => this.#readMetrics() };
    const voices = { refreshAll: () => this.#refreshVoices() };
    const connections: PrimaryOffer["connections"] = {
      live: async () => (await this.#askSoon((process) => process.openConnections())).flat(),
      find: async (id) => {
        const found = await this.#askSoon((process) => process.findOpenConnection(id));
        return found.find((record) => record !== undefined);
      },
    };
    this.#shared = { metrics, voices, connections };
  }

  /** Resolves when all processes listen. @throws what keeps the first that does not */
  async start(): Promise<Started> {
    cluster.schedulingPolicy = cluster.SCHED_RR;
    // The flags of this process are theirs as well.
    cluster.setupPrimary({
      exec: createRequire(import.meta.url).resolve("#server-process"),
      args: [],
      serialization: "advanced",
    });
    this.#alive.ref();
    const first = this.#startProcess();
    const others = Array.from({ length: this.#order.settings.processes - 1 }, () =>
      this.#startProcess(),
    );
    try {
      const started = await first.started;
      await Promise.all(others.map((other) => other.started));
      this.#state = "serving";
      return started;
    } catch (error) {
      await this.#end((process) => process.kill());
      throw error;
    }
  }

  /** Drains all processes; those that do not end then are killed. */
  async close(): Promise<void> {
    const withinMs = this.#order.settings.drainSeconds * 1000 + closeGraceMs;
    const cancel = this.#clock.schedule(withinMs, () => {
      for (const process of this.#processes) void process.kill();
    });
    await this.#end((process) => process.close());
    cancel();
  }

  async #readMetrics(): Promise<MetricsSnapshot[]> {
    await this.#askSoon(async (process) =>
      this.#metrics.note(process, await process.readMetrics()),
    );
    return this.#metrics.all();
  }

  /** All look into the same folders, so that one can speak for all. */
  async #refreshVoices(): Promise<VoiceChanges> {
    const [changes] = await this.#askListening((process) => process.refreshVoices());
    if (!changes) throw new SpeechError("shutting_down");
    return changes;
  }

  /** The same, where one that hangs must not keep anybody from the answers of the others. */
  #askSoon<Answer>(ask: (process: ServerProcess) => Promise<Answer>): Promise<Answer[]> {
    return this.#askListening(
      (process) =>
        new Promise((resolve, reject) => {
          const giveUp = (): void => reject(new SpeechError("shutting_down"));
          const cancel = this.#clock.schedule(soonMs, giveUp);
          void ask(process).then(resolve, reject).finally(cancel);
        }),
    );
  }

  /** The answers of those that serve; one that ends meanwhile has none. */
  async #askListening<Answer>(ask: (process: ServerProcess) => Promise<Answer>): Promise<Answer[]> {
    const listening = [...this.#processes].filter((process) => process.isListening);
    const answers = await Promise.allSettled(listening.map(ask));
    return answers.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
  }

  async #end(how: (process: ServerProcess) => Promise<void>): Promise<void> {
    this.#state = "closing";
    await Promise.all([...this.#processes].map(how));
    this.#alive.close();
  }

  #startProcess(): ServerProcess {
    const startedAt = this.#clock.now();
    const leases = this.#leases.open();
    const limits: PrimaryOffer["limits"] = {
      acquire: (wish) => leases.acquire(wish),
      release: (keyId) => leases.release(keyId),
      takeRequest: async (keyId, perSecond) => this.#rates.take(keyId, perSecond),
    };
    const process = new ServerProcess(this.#order, { ...this.#shared, limits });
    this.#processes.add(process);
    void this.#watch(process, leases, startedAt);
    return process;
  }

  /** Tells of its start and its end, and sees to it that another takes its place. */
  async #watch(process: ServerProcess, leases: CountedLeases, startedAt: number): Promise<void> {
    const { pid } = process;
    const fault = await process.started.then(
      () => this.#logger.info({ process: pid }, "server process is ready"),
      ({ message }: Error) => message,
    );
    const reason = fault ?? (await process.ended);
    this.#processes.delete(process);
    this.#metrics.forget(process);
    leases.close();
    if (this.#state !== "serving") return;
    const delayMs = this.#restartDelay.after(this.#clock.now() - startedAt);
    this.#logger.error({ process: pid, reason, delayMs }, "server process ended");
    this.#clock.schedule(delayMs, () => {
      if (this.#state === "serving") this.#startProcess();
    });
  }
}
