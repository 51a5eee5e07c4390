import { createReadStream } from "node:fs";
import { type FileHandle, open, stat } from "node:fs/promises";
import { extname } from "node:path";
import { once } from "node:events";
import { SingleBar } from "cli-progress";
import { wavHeader, wavHeaderBytes } from "../audio/wav.ts";
import { createServer } from "../server.ts";
import { readSettings } from "../settings.ts";
import { type ClientSocket, openClientSocket } from "../transport/ws-client.ts";
import { CommandError, UsageError } from "./errors.ts";
import { readVoiceSettings } from "./known-voices.ts";

/** What `syrinx speak` was asked to do. */
export interface SpeakOptions {
  /** The text itself, or `-` for standard input. */
  readonly text: string | undefined;
  readonly file: string | undefined;
  readonly voice: string;
  readonly model: string | undefined;
  readonly format: string | undefined;
  /** A file, or `-` for standard output. */
  readonly out: string | undefined;
  /** Without it the command runs a server of its own. */
  readonly server: string | undefined;
  readonly apiKey: string | undefined;
}

const formatOfExtension: Readonly<Record<string, string>> = {
  ".mp3": "mp3_44100_128",
  ".wav": "wav_24000",
  ".ogg": "opus_48000_64",
  ".opus": "opus_48000_64",
  ".pcm": "pcm_24000",
};

function formatOf(file: string): string {
  const format = formatOfExtension[extname(file).toLowerCase()];
  if (format !== undefined) return format;
  const known = Object.keys(formatOfExtension).join(", ");
  throw new UsageError(
    `Say what ${file} is to hold: --format mp3_44100_128, or end it in ${known}.`,
  );
}

/** Speaks a text into a file or to standard output, through the WebSocket of a server. */
export async function speak(options: SpeakOptions): Promise<void> {
  const source = await openSource(options);
  const out = options.out ?? (process.stdout.isTTY ? undefined : "-");
  if (out === undefined) {
    throw new UsageError("Say where the audio goes: --out hello.wav, or --out - for a pipe.");
  }
  const format = options.format ?? (out === "-" ? "mp3_44100_128" : formatOf(out));
  const embedded = options.server === undefined ? await startEmbedded() : undefined;
  try {
    const socket = await connect(embedded?.url ?? options.server ?? "", options, format);
    const progress = createProgress(source.sizeBytes);
    const sink = createSink(out, format);
    try {
      const sending = sendText(socket, source.pieces);
      await receiveAudio(socket, sink, progress);
      await sending;
    } finally {
      progress.stop();
      await sink.close();
    }
    if (sink.isEmpty) throw new CommandError("The text holds nothing that can be spoken.");
  } finally {
    await embedded?.close();
  }
}

interface TextSource {
  readonly pieces: AsyncIterable<string> | Iterable<string>;
  readonly sizeBytes: number | undefined;
}

const pieceBytes = 4096;

async function openSource({ text, file }: SpeakOptions): Promise<TextSource> {
  if ((text === undefined) === (file === undefined)) {
    throw new UsageError('Give a text or --file, one of the two: syrinx speak "Hello" --out a.wav');
  }
  if (file !== undefined && file !== "-") {
    const stats = await stat(file).catch(() => undefined);
    if (!stats?.isFile())
      throw new CommandError(`The file ${file} cannot be read: name a text file.`);
    const pieces = createReadStream(file, { encoding: "utf8", highWaterMark: pieceBytes });
    return { pieces, sizeBytes: stats.size };
  }
  if (file === "-" || text === "-") {
    process.stdin.setEncoding("utf8");
    return { pieces: process.stdin as AsyncIterable<string>, sizeBytes: undefined };
  }
  return { pieces: [text ?? ""], sizeBytes: Buffer.byteLength(text ?? "") };
}

async function startEmbedded(): ReturnType<typeof createServer> {
  const { dataDir } = await readVoiceSettings(undefined);
  const flags = {
    host: "127.0.0.1",
    port: "0",
    auth: "off",
    database: "memory",
    // A whole book would be kept in memory.
    history: "off",
    logLevel: "silent",
    dataDir,
  };
  return createServer(readSettings({ flags }));
}

async function connect(
  server: string,
  { voice, model, apiKey }: SpeakOptions,
  format: string,
): Promise<ClientSocket> {
  const url = URL.canParse(server) ? new URL(server) : undefined;
  if (!url || !/^(?:https?|wss?):$/.test(url.protocol)) {
    throw new UsageError(`--server must be an address such as http://127.0.0.1:8080.`);
  }
  url.protocol = url.protocol.replace("http", "ws");
  url.pathname = `${url.pathname.replace(/\/(?:v1\/?)?$/, "")}/v1/text-to-speech/${encodeURIComponent(voice)}/stream-input`;
  // A socket carries samples without a header; a WAV file's header is written here.
  url.searchParams.set("output_format", format.replace(/^wav_/, "pcm_"));
  url.searchParams.set("inactivity_timeout", "180");
  // Nobody listens while a file is made: it need not be made in the time that it lasts.
  url.searchParams.set("ext", "1");
  url.searchParams.set("playback", "file");
  if (model !== undefined) url.searchParams.set("model_id", model);
  try {
    return await openClientSocket(url.href, apiKey === undefined ? {} : { "xi-api-key": apiKey });
  } catch (error) {
    throw new CommandError(explainConnection(url, error));
  }
}

function explainConnection(url: URL, error: unknown): string {
  const message = error instanceof Error ? error.message || String(error.cause ?? error.name) : "";
  const detail = /"message":"((?:[^"\\]|\\.)*)"/.exec(message)?.[1];
  if (detail) return detail;
  const hint = hints.find(([pattern]) => pattern.test(message))?.[1] ?? message;
  return `The server at ${url.host} cannot be reached: ${hint}.`;
}

/** What lies behind messages that do not say what to do. */
const hints: readonly (readonly [RegExp, string])[] = [
  [
    /self-signed|unable to verify|local issuer/i,
    "its certificate is not known here; name it with NODE_EXTRA_CA_CERTS=cert.pem",
  ],
  [/EPROTO|wrong version number/, "it does not speak TLS; use http:// instead of https://"],
];

async function sendText(socket: ClientSocket, pieces: TextSource["pieces"]): Promise<void> {
  await socket.send(JSON.stringify({ text: " " }));
  for await (const text of pieces) if (text !== "") await socket.send(JSON.stringify({ text }));
  await socket.send(JSON.stringify({ text: "" }));
}

async function receiveAudio(socket: ClientSocket, sink: Sink, progress: Progress): Promise<void> {
  let failure: string | undefined;
  try {
    for await (const message of socket.messages) {
      const frame = JSON.parse(message) as {
        /** Of frames that are neither audio nor errors. */
        readonly type?: string;
        readonly message?: string;
        readonly error?: string;
        readonly audio?: unknown;
        readonly alignment?: { readonly chars: readonly string[] } | null;
      };
      if (frame.message !== undefined && frame.type === undefined) {
        failure = `${frame.message}${advice[frame.error ?? ""] ?? ""}`;
      }
      if (frame.alignment) progress.add(Buffer.byteLength(frame.alignment.chars.join("")));
      if (typeof frame.audio === "string") await sink.write(Buffer.from(frame.audio, "base64"));
    }
  } catch (error) {
    if (error instanceof CommandError) throw error;
    throw new CommandError(failure ?? (error instanceof Error ? error.message : String(error)));
  }
}

/** What a user of the command line can do about errors whose message does not say. */
const advice: Readonly<Record<string, string>> = {
  voice_id_does_not_exist: " The voices there are: syrinx voices.",
  authentication_required: " Set SYRINX_API_KEY to the server's key.",
  invalid_api_key: ": set SYRINX_API_KEY to the server's key.",
};

/** Where the audio goes. Nothing is opened, or an older file lost, before the first audio. */
interface Sink {
  readonly isEmpty: boolean;
  write(bytes: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

function createSink(out: string, format: string): Sink {
  const wavRateHz = format.startsWith("wav_") ? Number(format.slice("wav_".length)) : undefined;
  let file: FileHandle | undefined;
  let length = 0;
  const writeAll = async (bytes: Uint8Array): Promise<void> => {
    if (file) await file.write(bytes);
    else if (!process.stdout.write(bytes)) {
      await Promise.race([once(process.stdout, "drain"), once(process.stdout, "close")]);
    }
  };
  const begin = async (): Promise<void> => {
    if (out !== "-") {
      file = await open(out, "w").catch(() => {
        throw new CommandError(`The file ${out} cannot be written: choose another --out.`);
      });
    }
    if (wavRateHz !== undefined) await writeAll(wavHeader(wavRateHz));
  };
  return {
    get isEmpty() {
      return length === 0;
    },
    async write(bytes) {
      if (length === 0) await begin();
      length += bytes.length;
      await writeAll(bytes);
    },
    async close() {
      if (wavRateHz !== undefined) {
        await file?.write(wavHeader(wavRateHz, length), 0, wavHeaderBytes, 0);
      }
      await file?.close();
    },
  };
}

interface Progress {
  add(bytes: number): void;
  stop(): void;
}

/** A bar on a terminal, nothing on a pipe. */
function createProgress(totalBytes: number | undefined): Progress {
  if (!process.stderr.isTTY || totalBytes === undefined) return { add: () => {}, stop: () => {} };
  const bar = new SingleBar({ format: "speaking [{bar}] {percentage} % | {eta_formatted} left" });
  bar.start(totalBytes, 0);
  let done = 0;
  return {
    add(bytes) {
      done = Math.min(totalBytes, done + bytes);
      bar.update(done);
    },
    stop: () => bar.stop(),
  };
}
