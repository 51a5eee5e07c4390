import type { SharedLimits } from "../accounts/account-parts.ts";
import type { ConnectionRecord, OpenConnection } from "../protocol/connections.ts";
import type { VoiceChanges } from "../protocol/engines.ts";
import type { Voice } from "../protocol/voice.ts";
import type { Settings } from "../settings.ts";
import type { MetricsSnapshot } from "../telemetry/prometheus.ts";
import type { ServerKey } from "../server-key.ts";

/** What the primary process has for each of the others. */
export interface PrimaryOffer {
  readonly limits: SharedLimits;
  readonly metrics: {
    /** Of every process that serves. */
    readAll(): Promise<readonly MetricsSnapshot[]>;
  };
  readonly voices: {
    /** In every process that serves. */
    refreshAll(): Promise<VoiceChanges>;
  };
  readonly connections: {
    /** Those that are open in every process that serves. */
    live(): Promise<readonly OpenConnection[]>;
    find(id: string): Promise<ConnectionRecord | undefined>;
  };
  readonly primary: {
    /** Tells that the process hears: Node drops what it is sent before. */
    hear(): Promise<void>;
  };
}

/** What is the same in every process of a server. */
export interface StartOrder {
  /** The port is one that all can listen on. */
  readonly settings: Settings;
  /** Undefined without authentication. */
  readonly key: ServerKey | undefined;
  readonly startedAtUnix: number;
}

/** What a process that serves tells when it listens. */
export interface Started {
  readonly url: string;
  readonly voices: readonly Voice[];
}

/** What each process that serves has for the primary. */
export interface WorkerOffer {
  readonly server: {
    /** @throws what `createServer` throws */
    start(order: StartOrder): Promise<Started>;
    readMetrics(): Promise<MetricsSnapshot>;
    refreshVoices(): Promise<VoiceChanges>;
    openConnections(): Promise<readonly OpenConnection[]>;
    findOpenConnection(id: string): Promise<ConnectionRecord | undefined>;
    /** Drains the server, after which the process ends. */
    close(): Promise<void>;
  };
}
