import { availableParallelism } from "node:os";
import type { SharedLimits } from "./accounts/account-parts.ts";
import { noAddresses, parseRanges } from "./addresses.ts";
import { createEncoderThreads } from "./audio/encoder-threads.ts";
import { createCatalogue } from "./catalogue.ts";
import { type Clock, systemClock } from "./clock.ts";
import { type Profile, profiles } from "./dialect/elevenlabs/compatibility.ts";
import { createElevenLabsDialect } from "./dialect/elevenlabs/elevenlabs.ts";
import { createWavesDialect, wavesBasePaths, wavesModelIds } from "./dialect/waves/waves.ts";
import { createDirectory } from "./engine/directory.ts";
import { createSpeechCache } from "./engine/stages/cache.ts";
import { createRouter, type Engine } from "./engine/synthesizer.ts";
import { readVoiceFolders, voicesPath } from "./engine/voice-folders.ts";
import { createEngines, type EngineParts } from "./engines.ts";
import type { Dialect } from "./protocol/dialect.ts";
import type { VoiceChanges, VoiceFault } from "./protocol/engines.ts";
import type { Observer } from "./protocol/observer.ts";
import type { Voice } from "./protocol/voice.ts";
import { Admission } from "./session/admission.ts";
import { openAccounts } from "./open-accounts.ts";
import { openRecords, type Records } from "./open-records.ts";
import type { ServerKey } from "./server-key.ts";
import { SettingError, type Settings } from "./settings.ts";
import { createConnectionDesk, type OpenConnections } from "./explain/desk.ts";
import { wantContent } from "./explain/content.ts";
import { Recorder } from "./explain/recorder.ts";
import type { ConnectionRecord, OpenConnection } from "./protocol/connections.ts";
import { noConnections } from "./store/no-connections.ts";
import { noHistory } from "./store/no-history.ts";
import { pruningOf, RecordKeeper } from "./store/record-keeper.ts";
import { joinObservers } from "./telemetry/join-observers.ts";
import { createMetrics, type Metrics } from "./telemetry/metrics.ts";
import { joinSnapshots, type MetricsSnapshot } from "./telemetry/prometheus.ts";
import { createTraces } from "./telemetry/traces.ts";
import { TimerQueue } from "./timer-queue.ts";
import { ByteBudget } from "./transport/byte-budget.ts";
import { type Listener, listen } from "./transport/http.ts";
import { type HttpLimits, httpLimits } from "./transport/http-servers.ts";
import { createLogger, type Logger } from "./transport/log.ts";
import { createRecorder } from "./transport/recorder.ts";
import { type Sending, type SendingStatus, statusOf } from "./transport/sending.ts";
import {
  type MetricsPage,
  SessionRegistry,
  type SpeechService,
} from "./transport/speech-service.ts";
import { StallWatch } from "./transport/stall-watch.ts";
import { WholeFiles } from "./transport/whole-files.ts";
import { faultOfTls, readTlsFiles, type TlsSource } from "./transport/tls-files.ts";
import { version } from "./version.ts";

/** What a server is built from instead of the usual parts; tests and embedders give some. */
export interface ServerParts {
  readonly clock?: Clock;
  /** Unix time in ms. */
  readonly wallClock?: () => number;
  /** Processor time this process has used, in ms. */
  readonly cpuMs?: () => number;
  readonly logger?: Logger;
  /** What is kept; opened, and closed again, by the server itself when absent. */
  readonly records?: Records;
  /** What all processes of a server share; its own when absent. */
  readonly limits?: SharedLimits;
  /** Known already, so that it is neither looked for nor made. */
  readonly key?: ServerKey;
  /** Since when there is this server, if it is not new. */
  readonly startedAtUnix?: number;
  /** Of all processes of a server of which this is one. */
  readonly readMetrics?: () => Promise<readonly MetricsSnapshot[]>;
  /** In all of them. */
  readonly refreshVoices?: () => Promise<VoiceChanges>;
  /** Open ones, of all of them. */
  readonly connections?: OpenConnections;
  /** The first voice of the first engine is the default. Voice folders may add more. */
  readonly engines?: readonly Engine[];
  /** Where voice folders find the keys of other servers. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Is told of the server's work, beside its metrics and traces. */
  readonly observer?: Observer;
  /** Other than the usual ones. */
  readonly httpLimits?: Partial<HttpLimits>;
}

/** A server that is ready. */
export interface SyrinxServer {
  /** Where it is reached, such as `http://127.0.0.1:8080`. */
  readonly url: string;
  readonly voices: readonly Voice[];
  /** The key, if this start made it: it is shown once. */
  readonly newKey: string | undefined;
  /** Sessions that are open. */
  readonly sessions: number;
  /** What this process has counted. */
  readMetrics(): Promise<MetricsSnapshot>;
  /** Looks for voices that have come or gone, in this process. */
  refreshVoices(): Promise<VoiceChanges>;
  /** Connections that are open in this process. */
  openConnections(): readonly OpenConnection[];
  /** One of them, as far as its story has come. */
  findOpenConnection(id: string): ConnectionRecord | undefined;
  /** What waits for clients to read it. */
  readonly sending: SendingStatus;
  /**
   * Takes no new work, lets running utterances finish for `drainSeconds`, closes every socket
   * with 1001 and frees everything.
   */
  close(): Promise<void>;
}

/** How long a client may take to hear the end and answer it. */
const closeMs = 1000;

/** Builds the parts, puts them together and listens. @throws {SettingError} for a bad setting */
export async function createServer(
  settings: Settings,
  parts: ServerParts = {},
): Promise<SyrinxServer> {
  const clock = parts.clock ?? systemClock;
  const wallClock = parts.wallClock ?? Date.now;
  const logger = parts.logger ?? createLogger(settings.logLevel);
  const tls = await readTls(settings);
  const onFault = (err: unknown): void => logger.error({ err }, "the records could not be kept");
  const recordsParts = { clock, wallClock, onFault };
  const opened = parts.records ?? (await openRecords(settings, recordsParts));
  const keeper = new RecordKeeper(pruningOf(opened.stores, settings), recordsParts);
  const records: Records = {
    ...opened,
    async close() {
      await keeper.close();
      if (!parts.records) await opened.close();
    },
  };
  try {
    return await build(settings, { ...parts, clock, wallClock, logger }, records, tls);
  } catch (error) {
    await records.close();
    throw error;
  }
}

async function build(
  settings: Settings,
  parts: ServerParts & Required<Pick<ServerParts, "clock" | "wallClock" | "logger">>,
  records: Records,
  tls: TlsSource | undefined,
): Promise<SyrinxServer> {
  const { clock, wallClock, logger } = parts;
  const keepsHistory = settings.history === "on";
  const keepsConnections = settings.connectionRecords === "on";
  const stores = {
    ...records.stores,
    ...(!keepsHistory && { history: noHistory }),
    ...(!keepsConnections && { connections: noConnections }),
  };
  const recorder = keepsConnections
    ? new Recorder({
        clock,
        wallClock,
        store: stores.connections,
        content: wantContent(settings.recordContent, settings.recordContentMinutes * 60_000, clock),
      })
    : undefined;
  const openConnections = parts.connections ?? {
    live: async () => recorder?.live() ?? [],
    find: async (id) => recorder?.find(id),
  };
  const sessions = new SessionRegistry();
  const accounts = await openAccounts(settings, {
    clock,
    wallClock,
    logger,
    stores,
    limits: parts.limits,
    key: parts.key,
    onKeyEnded: (keyId) => sessions.expel(keyId, { code: "api_key_revoked", details: {} }),
  });

  // Others of the server have the same share.
  const cores = availableParallelism() / settings.processes;
  const threads = settings.workers ?? Math.max(1, Math.floor(cores));

  const maxQueuedBytes = (settings.maxQueuedMib * 1024 * 1024) / settings.processes;
  const sending: Sending = {
    budget: new ByteBudget(maxQueuedBytes),
    stalls: new StallWatch(settings.stallSeconds * 1000, clock),
    files: new WholeFiles(maxQueuedBytes, clock),
  };
  const cache = createSpeechCache((settings.cacheMib * 1024 * 1024) / settings.processes);
  const metrics = createMetrics(version, {
    cacheBytes: () => cache.sizeBytes,
    queuedBytes: () => sending.budget.queuedBytes,
    fileBytes: () => sending.files.heldBytes,
    load: () => admission.load,
    engines: () => directory.status(),
  });
  const observer = joinObservers([
    metrics.observer,
    createTraces(version),
    ...(recorder ? [recorder] : []),
    ...(parts.observer ? [parts.observer] : []),
  ]);

  const logFault = ({ name, reason }: VoiceFault): void =>
    logger.warn({ voice: name, reason }, "voice cannot be used");
  const engineParts: EngineParts = {
    clock,
    threads,
    env: parts.env ?? process.env,
    onWorkerReplaced: (engine, reason) => {
      logger.warn({ reason }, `${engine} worker replaced`);
      observer.engineRestarted(engine);
    },
    onFault: logFault,
    onNoStart: (engine, reason) =>
      logger.error({ reason }, `${engine} is installed and cannot be started`),
    onUpstreamFailure: (upstream, { code, details }) => {
      logger.warn({ upstream, code, status: details.status }, "upstream failed");
      observer.upstreamFailed(upstream, code);
    },
    onFailover: (voice, isMidway) => observer.failedOver(voice, isMidway ? "midway" : "before"),
  };
  const engines = await createEngines(settings, engineParts, parts.engines);
  const encoders = createEncoderThreads({
    clock,
    size: threads,
    scheduling: settings.scheduling,
    onDeath: (reason) => {
      logger.warn({ reason }, "encoder thread died");
      observer.encoderRestarted();
    },
  });
  const closeThreads = async (): Promise<void> => {
    accounts.close();
    await Promise.all([...engines.map((engine) => engine.close()), encoders.close()]);
  };
  const admission = new Admission({
    clock,
    cores,
    cpuMs: parts.cpuMs ?? processCpuMs,
    refuses: settings.overload === "refuse",
  });
  const catalogue = createCatalogue(engines.flatMap((engine) => engine.voices));
  const directory = createDirectory(
    engines,
    (voices) => catalogue.replaceVoices(voices),
    () => readVoiceFolders(voicesPath(settings.dataDir)),
  );

  const start = async (): Promise<Listener> => {
    const { faults } = await directory.refresh();
    faults.forEach(logFault);
    checkNames(settings, catalogue);
    await Promise.all([...engines.map((engine) => engine.ready()), encoders.ready()]);
    const createElevenLabs = (profile: Profile): Dialect =>
      createElevenLabsDialect({
        profile,
        catalogue,
        engines: {
          status: () => directory.status(),
          refresh: parts.refreshVoices ?? (() => directory.refresh()),
        },
        settings: {
          defaultModelId: settings.defaultModel,
          fallbackVoice: settings.fallbackVoice,
          alignmentBase: settings.alignmentBase,
          maxContexts: settings.maxContexts,
          closeGraceMs: settings.closeGraceMs,
          keepsHistory,
        },
        stores,
        keys: accounts.desk,
        connections: createConnectionDesk(stores.connections, openConnections),
        keyModelIds: [...catalogue.models.map(({ id }) => id), ...wavesModelIds],
        wallClock,
        startedAtUnix: parts.startedAtUnix ?? Math.floor(wallClock() / 1000),
      });
    const waves = createWavesDialect({
      catalogue,
      settings: {
        fallbackVoice: settings.fallbackVoice,
        idleSeconds: settings.wavesIdleSeconds,
        olderIdleSeconds: settings.wavesOlderIdleSeconds ?? settings.wavesIdleSeconds,
        timeouts: settings.wavesTimeouts,
        completeMs: settings.wavesCompleteMs,
        retiredModels: settings.wavesRetiredModels,
      },
    });
    const service: SpeechService = {
      mounts: [
        { basePath: "", dialect: createElevenLabs(settings.compat) },
        ...profiles.map((profile) => ({
          basePath: `/compat/${profile}`,
          dialect: createElevenLabs(profile),
        })),
        ...wavesBasePaths.map((basePath) => ({ basePath, dialect: waves })),
      ],
      parts: {
        clock,
        timers: new TimerQueue(clock),
        synthesizer:
          settings.cacheMib > 0 ? cache.wrap(createRouter(engines)) : createRouter(engines),
        encoders,
        admission,
        leadMs:
          settings.leadSeconds === "any" ? Number.POSITIVE_INFINITY : settings.leadSeconds * 1000,
        concurrencyQueueMs: settings.concurrencyQueueMs,
        admit: (credential, address) => accounts.admit(credential, address),
        resolveDictionaries: (locators) => stores.dictionaries.resolve(locators),
      },
      logger,
      observer,
      metrics: createPage(metrics, settings, parts.readMetrics),
      sending,
      sessions,
      pathPrefix: settings.pathPrefix ?? "",
      handshakeErrors: settings.handshakeErrors,
      wallClock,
      history: stores.history,
      recoders: encoders,
      record: createRecorder(stores, logger),
    };
    metrics.expect(
      engines.map(({ name }) => name),
      service.mounts.map(({ dialect }) => dialect.name),
    );
    return listen(service, {
      host: settings.host,
      port: settings.port,
      tls,
      limits: { ...httpLimits, ...parts.httpLimits },
      proxies: parseRanges(settings.trustProxy ?? []) ?? noAddresses,
      allowed: { hosts: settings.allowedHosts, origins: settings.allowedOrigins },
      maxConnectionsPerAddress: Math.ceil(settings.maxConnectionsPerAddress / settings.processes),
    });
  };
  const listener = await start().catch(async (error: unknown) => {
    await closeThreads();
    throw error;
  });

  return {
    url: listener.url,
    get voices() {
      return catalogue.voices;
    },
    newKey: accounts.newKey,
    get sessions() {
      return sessions.size;
    },
    readMetrics: () => metrics.registry.getMetricsAsJSON(),
    refreshVoices: () => directory.refresh(),
    openConnections: () => recorder?.live() ?? [],
    findOpenConnection: (id) => recorder?.find(id),
    get sending() {
      return statusOf(sending);
    },
    async close() {
      const drainMs = settings.drainSeconds * 1000;
      const cancelCutOff = clock.schedule(drainMs, () => sessions.cutOff());
      const cancelDrop = clock.schedule(drainMs + closeMs, () => sessions.dropAll());
      await sessions.drain(drainMs);
      cancelCutOff();
      cancelDrop();
      await listener.close();
      sending.stalls.stop();
      await closeThreads();
      await records.close();
    },
  };
}

function createPage(
  { registry }: Metrics,
  { metrics: access }: Settings,
  readAll: ServerParts["readMetrics"],
): MetricsPage | undefined {
  if (access === "off") return undefined;
  const render = async (): Promise<string> =>
    (readAll ? joinSnapshots(await readAll()) : registry).metrics();
  return { contentType: registry.contentType, needsKey: access === "key", render };
}

function processCpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function checkNames(settings: Settings, catalogue: ReturnType<typeof createCatalogue>): void {
  const { fallbackVoice, defaultModel } = settings;
  if (fallbackVoice !== undefined && !catalogue.findVoice(fallbackVoice)) {
    const slugs = catalogue.voices.map(({ slug }) => slug).join(", ");
    throw new SettingError(`The fallback voice must be one of: ${slugs}.`);
  }
  if (!catalogue.findModel(defaultModel)) {
    const ids = catalogue.models.map(({ id }) => id).join(", ");
    throw new SettingError(`The default model must be one of: ${ids}.`);
  }
}

async function readTls({ tlsCert, tlsKey }: Settings): Promise<TlsSource | undefined> {
  if (tlsCert === undefined || tlsKey === undefined) return undefined;
  const paths = { cert: tlsCert, key: tlsKey };
  const files = await readTlsFiles(paths).catch((error: unknown) => {
    const path = error instanceof Error && "path" in error ? String(error.path) : tlsCert;
    throw new SettingError(`The TLS file ${path} cannot be read.`);
  });
  const fault = faultOfTls(files);
  if (fault === undefined) return { paths, files };
  throw new SettingError(
    `--tls-cert and --tls-key must be a PEM certificate and its key: ${fault}.`,
  );
}
