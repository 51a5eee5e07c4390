import cluster, { type Worker } from "node:cluster";
import type { ConnectionRecord, OpenConnection } from "../protocol/connections.ts";
import type { VoiceChanges } from "../protocol/engines.ts";
import { SpeechError } from "../protocol/problems.ts";
import { SettingError } from "../settings.ts";
import type { MetricsSnapshot } from "../telemetry/prometheus.ts";
import { connect } from "./bridge.ts";
import type { PrimaryOffer, Started, StartOrder, WorkerOffer } from "./offers.ts";

/** A process that serves, seen from the primary. */
export class ServerProcess {
  /** Resolves when it listens. @throws what keeps it from listening; then it ends, too */
  readonly started: Promise<Started>;
  /** Resolves with how it ended. */
  readonly ended: Promise<string>;
  readonly #worker: Worker;
  readonly #server: WorkerOffer["server"];
  /** Resolves when it hears what it is asked, or never will. */
  readonly #isUp: Promise<unknown>;
  #isListening = false;

  constructor(order: StartOrder, shared: Omit<PrimaryOffer, "primary">) {
    const worker = cluster.fork();
    this.#worker = worker;
    this.ended = new Promise((resolve) => {
      worker.once("exit", (code, signal) => resolve(signal ?? `exit code ${code}`));
      worker.on("error", (error) => {
        worker.process.kill("SIGKILL");
        resolve(error.message);
      });
    });
    let hear = (): void => {};
    const isHearing = new Promise<void>((resolve) => {
      hear = resolve;
    });
    const primary: PrimaryOffer["primary"] = { hear: async () => hear() };
    this.#server = (connect(worker, { ...shared, primary }) as WorkerOffer).server;
    this.#isUp = Promise.race([isHearing, this.ended]);
    this.started = this.#start(order);
  }

  get pid(): number | undefined {
    return this.#worker.process.pid;
  }

  get isListening(): boolean {
    return this.#isListening;
  }

  readMetrics(): Promise<MetricsSnapshot> {
    return this.#server.readMetrics();
  }

  refreshVoices(): Promise<VoiceChanges> {
    return this.#server.refreshVoices();
  }

  openConnections(): Promise<readonly OpenConnection[]> {
    return this.#server.openConnections();
  }

  findOpenConnection(id: string): Promise<ConnectionRecord | undefined> {
    return this.#server.findOpenConnection(id);
  }

  /** Lets it drain and end. */
  async close(): Promise<void> {
    await this.#isUp;
    // One that dies meanwhile gives no answer.
    await this.#server.close().catch(() => {});
    await this.ended;
  }

  /** Ends it at once. */
  async kill(): Promise<void> {
    this.#worker.process.kill("SIGKILL");
    await this.ended;
  }

  async #start(order: StartOrder): Promise<Started> {
    await this.#isUp;
    try {
      const started = await this.#server.start(order);
      this.#isListening = true;
      return started;
    } catch (error) {
      void this.kill();
      throw explain(error, await this.ended);
    }
  }
}

function explain(error: unknown, how: string): unknown {
  if (error instanceof SpeechError && error.problem.code === "shutting_down") {
    return new Error(`A server process ended while it started: ${how}.`);
  }
  const isSetting = error instanceof Error && error.name === "SettingError";
  return isSetting ? new SettingError(error.message) : error;
}
