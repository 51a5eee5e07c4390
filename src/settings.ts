import { z } from "zod";
import { parseRanges } from "./addresses.ts";
import { type LogLevel, logLevels } from "./transport/log.ts";

/** The settings of one server. */
export interface Settings {
  readonly host: string;
  readonly port: number;
  readonly processes: number;
  readonly dataDir: string;
  readonly apiKey: string | undefined;
  readonly database: string | undefined;
  readonly history: "on" | "off";
  readonly historyDays: number;
  readonly historyMib: number;
  readonly connectionRecords: "on" | "off";
  readonly connectionDays: number;
  readonly connectionMib: number;
  readonly recordContent: "off" | "text" | "all";
  readonly recordContentMinutes: number;
  readonly auth: "on" | "off";
  readonly tlsCert: string | undefined;
  readonly tlsKey: string | undefined;
  readonly trustProxy: readonly string[] | undefined;
  readonly allowedHosts: readonly string[];
  readonly allowedOrigins: readonly string[];
  readonly maxConnectionsPerAddress: number;
  readonly logLevel: LogLevel;
  readonly metrics: "on" | "off" | "key";
  readonly pathPrefix: string | undefined;
  readonly maxConcurrency: number;
  readonly concurrencyQueueMs: number;
  readonly overload: "refuse" | "admit";
  readonly leadSeconds: number | "any";
  readonly scheduling: "deadline" | "arrival";
  readonly workers: number | undefined;
  readonly loadedModels: number;
  readonly espeak: "auto" | "off";
  readonly drainSeconds: number;
  readonly stallSeconds: number;
  readonly maxQueuedMib: number;
  readonly cacheMib: number;
  readonly defaultModel: string;
  readonly fallbackVoice: string | undefined;
  readonly alignmentBase: "auto" | "chunk" | "context";
  readonly compat: "kind" | "observed";
  readonly maxContexts: number;
  readonly closeGraceMs: number;
  readonly handshakeErrors: "frame" | "status";
  readonly wavesIdleSeconds: number;
  readonly wavesOlderIdleSeconds: number | undefined;
  readonly wavesTimeouts: "any" | "20-60";
  readonly wavesCompleteMs: number;
  readonly wavesRetiredModels: "serve" | "refuse";
}

export type SettingName = keyof Settings;

/** One setting: how it is named in each place, and what it means. */
export interface SettingRow {
  readonly env: readonly string[];
  /** Undefined for settings that do not belong on a command line. */
  readonly flag: string | undefined;
  readonly schema: z.ZodType;
  /** What a value must be, in words. */
  readonly expected: string;
  readonly fallback: string | number | undefined;
  readonly meaning: string;
}

const digits = z.string().regex(/^\d+$/).transform(Number);
const wholeNumber = (min: number, max: number): z.ZodType<number> =>
  z.union([z.number(), digits]).pipe(z.number().int().min(min).max(max));
const anyText = z.string().min(1);
/** Texts, as a list in a file and with commas elsewhere. */
const texts = z.union([
  z.array(z.string()),
  z.string().transform((text) =>
    text
      .split(",")
      .map((each) => each.trim())
      .filter((each) => each !== ""),
  ),
]);
const listOf = (pattern: RegExp): z.ZodType<readonly string[]> =>
  texts.pipe(z.array(z.string().regex(pattern)).min(1));
const hostPattern = /^(?:\*|(?:\*\.)?[\w-]+(?:\.[\w-]+)*|\[[\da-fA-F:.]+\])$/;
const originPattern =
  /^(?:\*|null|[a-z][a-z\d+.-]*:\/\/(?:\*\.)?[\w.-]+(?::\d+)?|[a-z][a-z\d+.-]*:\/\/\[[\da-fA-F:.]+\](?::\d+)?)$/i;

/** Every setting of the server. The schema, the flags and docs/settings.md are made from it. */
export const settingRows: Record<SettingName, SettingRow> = {
  host: {
    env: ["SYRINX_HOST"],
    flag: "host",
    schema: anyText,
    expected: "a host name or address",
    fallback: "127.0.0.1",
    meaning: "Address to listen on; 0.0.0.0 for all.",
  },
  port: {
    env: ["SYRINX_PORT", "PORT"],
    flag: "port",
    schema: wholeNumber(0, 65_535),
    expected: "a whole number from 0 to 65535",
    fallback: 8080,
    meaning: "Port to listen on; 0 picks a free one.",
  },
  processes: {
    env: ["SYRINX_PROCESSES"],
    flag: "processes",
    schema: wholeNumber(1, 256),
    expected: "a whole number from 1 to 256",
    fallback: 1,
    meaning:
      "Processes that answer on the port, with the same limits and records, and one more that looks after them; see docs/processes.md.",
  },
  dataDir: {
    env: ["SYRINX_DATA_DIR"],
    flag: "data-dir",
    schema: anyText,
    expected: "a folder",
    fallback: "./data",
    meaning:
      "Folder for what outlives the process: the database, if it is SQLite, and the voices that were added.",
  },
  apiKey: {
    env: ["SYRINX_API_KEY"],
    flag: undefined,
    schema: z.string().min(8),
    expected: "at least 8 characters",
    fallback: undefined,
    meaning:
      "A key with all rights. Without it the first start makes one, prints it once and keeps its hash.",
  },
  database: {
    env: ["SYRINX_DATABASE_URL"],
    flag: "database",
    schema: z.string().regex(/^(?:postgres(?:ql)?:\/\/.+|memory)$/),
    expected: "an address such as postgres://user:password@host/database, or memory",
    fallback: undefined,
    meaning:
      "Where keys, usage and history are kept: PostgreSQL at this address, or memory for no longer than the process. Without it: SQLite in the data folder. See docs/databases.md.",
  },
  history: {
    env: ["SYRINX_HISTORY"],
    flag: "history",
    schema: z.enum(["on", "off"]),
    expected: "on or off",
    fallback: "on",
    meaning:
      "on: what is spoken over the ElevenLabs protocol is kept, text and sound, for `/v1/history`, except for requests with enable_logging=false. off: nothing is kept, and there is no history to be read; usage is counted all the same.",
  },
  historyDays: {
    env: ["SYRINX_HISTORY_DAYS"],
    flag: "history-days",
    schema: wholeNumber(1, 36_500),
    expected: "a whole number from 1 to 36500",
    fallback: 30,
    meaning: "How long history is kept; what is older is deleted within ten minutes.",
  },
  historyMib: {
    env: ["SYRINX_HISTORY_MIB"],
    flag: "history-mib",
    schema: wholeNumber(1, 1_073_741_824),
    expected: "a whole number from 1 to 1073741824",
    fallback: 1024,
    meaning:
      "MiB that history may take, sound and texts together: 1024 are 18 hours of MP3 at 128 kbit/s. What is more is deleted within ten minutes, the oldest first.",
  },
  connectionRecords: {
    env: ["SYRINX_CONNECTION_RECORDS"],
    flag: "connection-records",
    schema: z.enum(["on", "off"]),
    expected: "on or off",
    fallback: "on",
    meaning:
      "on: what happened on each connection is kept, without text and sound, so that `/v1/connections` and `syrinx why` can say why it ended. off: nothing of it is kept, and open connections cannot be looked at.",
  },
  connectionDays: {
    env: ["SYRINX_CONNECTION_DAYS"],
    flag: "connection-days",
    schema: wholeNumber(1, 36_500),
    expected: "a whole number from 1 to 36500",
    fallback: 14,
    meaning:
      "How long records of connections are kept; what is older is deleted within ten minutes.",
  },
  connectionMib: {
    env: ["SYRINX_CONNECTION_MIB"],
    flag: "connection-mib",
    schema: wholeNumber(1, 1_073_741_824),
    expected: "a whole number from 1 to 1073741824",
    fallback: 256,
    meaning:
      "MiB that records of connections may take: 256 are some 50,000 connections. What is more is deleted within ten minutes, the oldest first.",
  },
  recordContent: {
    env: ["SYRINX_RECORD_CONTENT"],
    flag: "record-content",
    schema: z.enum(["off", "text", "all"]),
    expected: "off, text or all",
    fallback: "off",
    meaning:
      "Records of connections hold the messages themselves: text: all but their audio; all: their audio, too. Credentials in them are left out. Only for --record-content-minutes after the start.",
  },
  recordContentMinutes: {
    env: ["SYRINX_RECORD_CONTENT_MINUTES"],
    flag: "record-content-minutes",
    schema: wholeNumber(1, 10_080),
    expected: "a whole number from 1 to 10080",
    fallback: 60,
    meaning:
      "How long after the start messages are recorded, and how long after their connection began they are deleted again, within ten minutes.",
  },
  auth: {
    env: ["SYRINX_AUTH"],
    flag: "auth",
    schema: z.enum(["on", "off"]),
    expected: "on or off",
    fallback: "on",
    meaning: "off ignores every credential.",
  },
  tlsCert: {
    env: ["SYRINX_TLS_CERT"],
    flag: "tls-cert",
    schema: anyText,
    expected: "a PEM file",
    fallback: undefined,
    meaning:
      "Certificate file; with it and its key the server speaks https and wss. Both files are read again when they change.",
  },
  tlsKey: {
    env: ["SYRINX_TLS_KEY"],
    flag: "tls-key",
    schema: anyText,
    expected: "a PEM file",
    fallback: undefined,
    meaning: "Private key file of the certificate.",
  },
  trustProxy: {
    env: ["SYRINX_TRUST_PROXY"],
    flag: "trust-proxy",
    schema: texts.refine((ranges) => parseRanges(ranges) !== undefined),
    expected: "addresses or ranges such as 10.0.0.0/8, or loopback, with commas",
    fallback: undefined,
    meaning:
      "Proxies in front of the server: from them, and nobody else, X-Forwarded-For is believed. See docs/exposing.md.",
  },
  allowedHosts: {
    env: ["SYRINX_ALLOWED_HOSTS"],
    flag: "allowed-hosts",
    schema: listOf(hostPattern),
    expected: "host names without a port, such as speech.example.com or *.example.com, with commas",
    fallback: "*",
    meaning:
      "Names that the Host header may have; requests for others get 421. With it no web page can reach a server on a private address by a name of its own (DNS rebinding). `*`: any.",
  },
  allowedOrigins: {
    env: ["SYRINX_ALLOWED_ORIGINS"],
    flag: "allowed-origins",
    schema: listOf(originPattern),
    expected: "origins such as https://app.example.com or https://*.example.com, with commas",
    fallback: "*",
    meaning:
      "Origins whose web pages may use the server, over HTTP and by sockets; others get 403. Programs send no origin and are always let in. `*`: any, as the hosted service has it.",
  },
  maxConnectionsPerAddress: {
    env: ["SYRINX_MAX_CONNECTIONS_PER_ADDRESS"],
    flag: "max-connections-per-address",
    schema: wholeNumber(1, 1_000_000),
    expected: "a whole number from 1",
    fallback: 1000,
    meaning:
      "Connections that one address, or one /64 of IPv6, may have at the same time; behind a trusted proxy: its sockets and the requests that are being answered. This machine and the proxies do not count. Of several processes each counts its share.",
  },
  logLevel: {
    env: ["SYRINX_LOG_LEVEL"],
    flag: "log-level",
    schema: z.enum(logLevels),
    expected: logLevels.join(", "),
    fallback: "info",
    meaning: "JSON lines on a pipe, readable on a terminal, both on standard error.",
  },
  metrics: {
    env: ["SYRINX_METRICS"],
    flag: "metrics",
    schema: z.enum(["on", "off", "key"]),
    expected: "on, off or key",
    fallback: "on",
    meaning:
      "Who may read `/metrics`. on: everybody who reaches the port. key: who shows the API key. off: nobody. See docs/metrics.md.",
  },
  pathPrefix: {
    env: ["SYRINX_PATH_PREFIX"],
    flag: "path-prefix",
    schema: z.string().regex(/^(?:\/[\w.-]+)+$/),
    expected: "a path such as /speech",
    fallback: undefined,
    meaning: "Serves every route below this path as well.",
  },
  maxConcurrency: {
    env: ["SYRINX_MAX_CONCURRENCY"],
    flag: "max-concurrency",
    schema: wholeNumber(1, 1_000_000),
    expected: "a whole number from 1",
    fallback: 1000,
    meaning: "Streams that may speak at the same time; idle sockets do not count.",
  },
  concurrencyQueueMs: {
    env: ["SYRINX_CONCURRENCY_QUEUE_MS"],
    flag: "concurrency-queue-ms",
    schema: wholeNumber(0, 60_000),
    expected: "a whole number from 0 to 60000",
    fallback: 250,
    meaning:
      "How long a stream for which there is no room, of all or of its key's, waits for some before it is refused with 429 or the socket's error.",
  },
  overload: {
    env: ["SYRINX_OVERLOAD"],
    flag: "overload",
    schema: z.enum(["refuse", "admit"]),
    expected: "refuse or admit",
    fallback: "refuse",
    meaning:
      "refuse: the server learns how many listeners it can speak to without letting them run dry, and turns one more away with 429 or system_busy. admit: everybody is let in up to max-concurrency.",
  },
  leadSeconds: {
    env: ["SYRINX_LEAD_SECONDS"],
    flag: "lead-seconds",
    schema: z.union([wholeNumber(1, 86_400), z.literal("any")]),
    expected: "a whole number from 1 to 86400, or any",
    fallback: 10,
    meaning:
      "How much audio a listener may have in hand before a stream is held back for others. Whole files have no listener and are never held.",
  },
  scheduling: {
    env: ["SYRINX_SCHEDULING"],
    flag: "scheduling",
    schema: z.enum(["deadline", "arrival"]),
    expected: "deadline or arrival",
    fallback: "deadline",
    meaning:
      "What is synthesized first. deadline: for whoever runs dry first. arrival: first come, first served, for comparison.",
  },
  workers: {
    env: ["SYRINX_WORKERS"],
    flag: "workers",
    schema: wholeNumber(1, 1024),
    expected: "a whole number from 1 to 1024",
    fallback: undefined,
    meaning:
      "Threads that synthesize, and as many that encode, in each process; unless given, the cores are shared out among the processes.",
  },
  loadedModels: {
    env: ["SYRINX_LOADED_MODELS"],
    flag: "loaded-models",
    schema: wholeNumber(1, 1000),
    expected: "a whole number from 1 to 1000",
    fallback: 4,
    meaning:
      "Neural models that each process keeps in memory: the first ones from its start on, then those used last. Others are loaded when they are asked for.",
  },
  espeak: {
    env: ["SYRINX_ESPEAK"],
    flag: "espeak",
    schema: z.enum(["auto", "off"]),
    expected: "auto or off",
    fallback: "auto",
    meaning: "Voices of espeak-ng. auto: there are some if its package is installed. off: none.",
  },
  drainSeconds: {
    env: ["SYRINX_DRAIN_SECONDS"],
    flag: "drain-seconds",
    schema: wholeNumber(0, 3600),
    expected: "a whole number from 0 to 3600",
    fallback: 30,
    meaning: "How long running utterances may finish after SIGTERM or SIGINT.",
  },
  stallSeconds: {
    env: ["SYRINX_STALL_SECONDS"],
    flag: "stall-seconds",
    schema: wholeNumber(1, 3600),
    expected: "a whole number from 1 to 3600",
    fallback: 30,
    meaning:
      "How long a client may take nothing at all of what is sent to it; then its connection is closed. One that reads slowly is not closed, unless its system is so full that it makes no room for so long: below some 15 kB a second, that may look the same.",
  },
  maxQueuedMib: {
    env: ["SYRINX_MAX_QUEUED_MIB"],
    flag: "max-queued-mib",
    schema: wholeNumber(1, 1_048_576),
    expected: "a whole number from 1 to 1048576",
    fallback: 256,
    meaning:
      "MiB of audio that may wait for slow clients, of all connections together; while it is more, each may have one frame waiting. Of files over HTTP that are sent in one go, those that are done may take as much besides, those that are begun as much again, and one file more: beyond it one after another is made, and what waits half a minute for room is refused.",
  },
  cacheMib: {
    env: ["SYRINX_CACHE_MIB"],
    flag: "cache-mib",
    schema: wholeNumber(0, 1_048_576),
    expected: "a whole number from 0 to 1048576",
    fallback: 64,
    meaning:
      "MiB of speech, of all processes together, that are kept in memory in case that the same is asked for again: 64 are half an hour. 0 keeps none; requests with enable_logging=false are never kept.",
  },
  defaultModel: {
    env: ["SYRINX_DEFAULT_MODEL"],
    flag: "default-model",
    schema: anyText,
    expected: "a model id of GET /v1/models",
    fallback: "eleven_multilingual_v2",
    meaning: "Model of requests that name none.",
  },
  fallbackVoice: {
    env: ["SYRINX_FALLBACK_VOICE"],
    flag: "fallback-voice",
    schema: anyText,
    expected: "a voice of `syrinx voices`",
    fallback: undefined,
    meaning:
      "Voice that speaks when a request names one that does not exist; without it: an error.",
  },
  alignmentBase: {
    env: ["SYRINX_ALIGNMENT_BASE"],
    flag: "alignment-base",
    schema: z.enum(["auto", "chunk", "context"]),
    expected: "auto, chunk or context",
    fallback: "auto",
    meaning:
      "Where alignment times on sockets count from: each chunk, or the context's first audio.",
  },
  compat: {
    env: ["SYRINX_COMPAT"],
    flag: "compat",
    schema: z.enum(["kind", "observed"]),
    expected: "kind or observed",
    fallback: "kind",
    meaning:
      "kind: compatible and forgiving. observed: as the hosted service behaves, faults included; see docs/compatibility.md. Paths below /compat/kind and /compat/observed choose for one client.",
  },
  maxContexts: {
    env: ["SYRINX_MAX_CONTEXTS"],
    flag: "max-contexts",
    schema: wholeNumber(1, 1000),
    expected: "a whole number from 1 to 1000",
    fallback: 5,
    meaning:
      "Contexts that may speak at the same time on one multi-stream-input socket; those being closed do not count.",
  },
  closeGraceMs: {
    env: ["SYRINX_CLOSE_GRACE_MS"],
    flag: "close-grace-ms",
    schema: wholeNumber(0, 60_000),
    expected: "a whole number from 0 to 60000",
    fallback: 1500,
    meaning: "How long contexts may still be finished after close_socket.",
  },
  handshakeErrors: {
    env: ["SYRINX_HANDSHAKE_ERRORS"],
    flag: "handshake-errors",
    schema: z.enum(["frame", "status"]),
    expected: "frame or status",
    fallback: "frame",
    meaning:
      "How a socket with a bad key or an unknown voice is refused. frame: it is opened, told and closed, as by the hosted service. status: the upgrade is answered with 401 or 404, which stops clients that would try again for ever. While the server turns connections away because it is busy, bad keys are told so in the upgrade either way.",
  },
  wavesIdleSeconds: {
    env: ["SYRINX_WAVES_IDLE_SECONDS"],
    flag: "waves-idle-seconds",
    schema: wholeNumber(1, 86_400),
    expected: "a whole number from 1 to 86400",
    fallback: 60,
    meaning: "How long a client of a Waves socket may be silent when its URL has no timeout.",
  },
  wavesOlderIdleSeconds: {
    env: ["SYRINX_WAVES_OLDER_IDLE_SECONDS"],
    flag: "waves-older-idle-seconds",
    schema: wholeNumber(1, 86_400),
    expected: "a whole number from 1 to 86400",
    fallback: undefined,
    meaning:
      "The same on routes of Waves models that the vendor has retired, whose clients may expect 20.",
  },
  wavesTimeouts: {
    env: ["SYRINX_WAVES_TIMEOUTS"],
    flag: "waves-timeouts",
    schema: z.enum(["any", "20-60"]),
    expected: "any or 20-60",
    fallback: "any",
    meaning:
      "Which timeout a Waves socket may ask for. any: every positive number of seconds. 20-60: as in older documentation, values are moved into 20 to 60, and 20 holds when there is none.",
  },
  wavesCompleteMs: {
    env: ["SYRINX_WAVES_COMPLETE_MS"],
    flag: "waves-complete-ms",
    schema: wholeNumber(0, 10_000),
    expected: "a whole number from 0 to 10000",
    fallback: 250,
    meaning:
      "How long after its audio a Waves client that sends neither continue nor flush is told complete, if it sends no more text in the meantime.",
  },
  wavesRetiredModels: {
    env: ["SYRINX_WAVES_RETIRED_MODELS"],
    flag: "waves-retired-models",
    schema: z.enum(["serve", "refuse"]),
    expected: "serve or refuse",
    fallback: "serve",
    meaning:
      "refuse: requests for Waves models that the vendor has retired, in the path or in the body, are answered with 410, as the vendor does.",
  },
};

/** A setting that stops the start; the message is one line that names it. */
export class SettingError extends Error {
  override readonly name = "SettingError";
}

/** Where settings come from, lowest rank first after the defaults. */
export interface SettingSources {
  /** Parsed `syrinx.config.json`, by setting name. */
  readonly file?: unknown;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** By setting name. */
  readonly flags?: Readonly<Partial<Record<SettingName, string>>>;
}

const names = Object.keys(settingRows) as SettingName[];

/** @throws {SettingError} for the first unknown or bad setting */
export function readSettings(sources: SettingSources = {}): Settings {
  const file = readFileSettings(sources.file);
  const env = sources.env ?? {};
  refuseUnknownVariables(env);
  const entries = names.map((name) => {
    const row = settingRows[name];
    const candidates: [unknown, string][] = [
      [sources.flags?.[name], `--${row.flag}`],
      ...row.env.map((variable): [unknown, string] => [env[variable] || undefined, variable]),
      [file[name], `"${name}" in the configuration file`],
      [row.fallback, "the default"],
    ];
    const [value, origin = ""] = candidates.find(([candidate]) => candidate !== undefined) ?? [];
    if (value === undefined) return [name, undefined];
    const parsed = row.schema.safeParse(value);
    if (!parsed.success) throw new SettingError(`${origin} must be ${row.expected}.`);
    return [name, parsed.data];
  });
  const settings = Object.fromEntries(entries) as Settings;
  if ((settings.tlsCert === undefined) !== (settings.tlsKey === undefined)) {
    throw new SettingError("--tls-cert and --tls-key go together: give both or neither.");
  }
  if (settings.database === "memory" && settings.processes > 1) {
    throw new SettingError("--database memory is of one process: leave it out, or --processes.");
  }
  return settings;
}

function readFileSettings(file: unknown): Readonly<Record<string, unknown>> {
  if (file === undefined) return {};
  if (typeof file !== "object" || file === null || Array.isArray(file)) {
    throw new SettingError("The configuration file must hold one JSON object.");
  }
  const unknown = Object.keys(file).find((name) => !Object.hasOwn(settingRows, name));
  if (unknown !== undefined) {
    throw new SettingError(
      `"${unknown}" in the configuration file is no setting; there are: ${names.join(", ")}.`,
    );
  }
  return file as Record<string, unknown>;
}

function refuseUnknownVariables(env: Readonly<Record<string, string | undefined>>): void {
  const known = new Set(names.flatMap((name) => settingRows[name].env));
  const unknown = Object.keys(env).find((name) => name.startsWith("SYRINX_") && !known.has(name));
  if (unknown !== undefined) {
    throw new SettingError(`${unknown} is no setting; see docs/settings.md for those there are.`);
  }
}
