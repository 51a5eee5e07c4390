import { isMeasurable } from "../load/decode.ts";
import type { Pace } from "../load/scenario.ts";
import type { SocketUse, Target } from "../load/wire.ts";
import { UsageError } from "./errors.ts";

/** What `syrinx bench` was asked to do, as it was written on the command line. */
export interface BenchOptions {
  /** Without any the command starts a server of its own. */
  readonly url?: readonly string[];
  /** One for all servers, or one for each. */
  readonly apiKey?: readonly string[];
  readonly streams: string;
  readonly pace: string;
  readonly socket?: string;
  readonly voice: string;
  readonly model?: string;
  readonly format: string;
  /** In seconds. */
  readonly duration?: string;
  readonly rounds: string;
  /** One turn in each line. */
  readonly textFile?: string;
  /** Further parameters of the sockets' addresses, each `name=value`. */
  readonly query?: readonly string[];
  readonly report?: string;
  /** A file, or `-` for standard output. */
  readonly json?: string;
}

/** The same, checked. */
export interface BenchSetup {
  /** Empty for a server of the command's own. */
  readonly urls: readonly string[];
  readonly pace: Pace;
  readonly socketUse: SocketUse;
  readonly streams: number;
  readonly rounds: number;
  /** Absent when each stream speaks one turn. */
  readonly durationSeconds?: number;
  /** What is asked of the server at this address. */
  readonly targetAt: (url: string, index: number) => Target;
  readonly target: Omit<Target, "url" | "apiKey">;
}

const paces: Readonly<Record<Pace, { socketUse: SocketUse; durationSeconds?: number }>> = {
  // A voice agent keeps its socket for a conversation; a burst is of clients that just came.
  paced: { socketUse: "multi", durationSeconds: 60 },
  "all-at-once": { socketUse: "single" },
};
const socketUses: readonly SocketUse[] = ["single", "multi"];
const longestSeconds = 24 * 60 * 60;

/** @throws {UsageError} for what cannot be done, in one line */
export function readSetup(options: BenchOptions, envKey: string | undefined): BenchSetup {
  const urls = (options.url ?? []).map(checkUrl);
  const keys = options.apiKey ?? (envKey === undefined ? [] : [envKey]);
  if (keys.length > 1 && keys.length !== urls.length) {
    throw new UsageError("Give one --api-key for all servers, or one for each --url in its order.");
  }
  const pace = oneOf("--pace", options.pace, Object.keys(paces) as Pace[]);
  const { socketUse: usual, durationSeconds: usualSeconds } = paces[pace];
  const durationSeconds =
    options.duration === undefined
      ? usualSeconds
      : number("--duration", options.duration, 1, longestSeconds);
  if (!isMeasurable(options.format)) {
    throw new UsageError(
      `--format must be one that sockets carry, such as mp3_44100_128, pcm_24000, opus_48000_64, ulaw_8000; it is ${options.format}.`,
    );
  }
  const target = {
    voice: options.voice,
    format: options.format,
    ...(options.model !== undefined && { model: options.model }),
    ...(options.query && { query: Object.fromEntries(options.query.map(readParameter)) }),
  };
  return {
    urls,
    pace,
    socketUse: options.socket === undefined ? usual : oneOf("--socket", options.socket, socketUses),
    streams: whole("--streams", options.streams, 10_000),
    rounds: whole("--rounds", options.rounds, 1000),
    ...(durationSeconds !== undefined && { durationSeconds }),
    targetAt: (url, index) => {
      const apiKey = keys[index] ?? keys[0];
      return { ...target, url, ...(apiKey !== undefined && { apiKey }) };
    },
    target,
  };
}

function checkUrl(url: string): string {
  if (URL.canParse(url) && /^(?:https?|wss?):$/.test(new URL(url).protocol)) return url;
  throw new UsageError("--url must be an address such as http://127.0.0.1:8080.");
}

function oneOf<Value extends string>(flag: string, value: string, all: readonly Value[]): Value {
  const found = all.find((each) => each === value);
  if (found !== undefined) return found;
  throw new UsageError(`${flag} must be ${all.join(" or ")}; it is ${value}.`);
}

function number(flag: string, value: string, from: number, to: number): number {
  const read = /^\d+(?:\.\d+)?$/.test(value) ? Number(value) : Number.NaN;
  if (read >= from && read <= to) return read;
  throw new UsageError(`${flag} must be a number from ${from} to ${to}; it is ${value}.`);
}

function whole(flag: string, value: string, to: number): number {
  const read = number(flag, value, 1, to);
  if (Number.isInteger(read)) return read;
  throw new UsageError(`${flag} must be a whole number; it is ${value}.`);
}

function readParameter(parameter: string): [string, string] {
  const at = parameter.indexOf("=");
  if (at > 0) return [parameter.slice(0, at), parameter.slice(at + 1)];
  throw new UsageError("--query must be name=value, such as auto_mode=true.");
}

/** What servers are called in reports: their addresses, without what may be secret in them. */
export function nameTargets(urls: readonly string[]): string[] {
  if (urls.length === 0) return ["a server of its own"];
  const names = urls.map((url) => {
    const { protocol, host, pathname } = new URL(url);
    return `${protocol}//${host}${pathname === "/" ? "" : pathname}`;
  });
  return names.map((name, index) =>
    names.indexOf(name) === names.lastIndexOf(name)
      ? name
      : `${name} (${names.slice(0, index + 1).filter((other) => other === name).length})`,
  );
}
