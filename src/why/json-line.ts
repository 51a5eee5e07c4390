import { readTimeValue } from "./line-time.ts";
import { sideOf } from "./message-facts.ts";
import { isObject, parseObject } from "./parse-object.ts";

/** A line of a JSON log as one would write it for people. */
export interface FlatLine {
  readonly text: string;
  readonly atMs: number | undefined;
}

const timeMembers = ["time", "timestamp", "ts", "@timestamp", "asctime", "date", "datetime", "t"];
const messageMembers = ["msg", "message", "event", "ev", "log", "text", "body"];
const loggerMembers = [
  ...timeMembers,
  ...["level", "levelname", "severity", "log", "logger", "lvl", "ev"],
];
/** Members of the loggers themselves, which say nothing of what happened. */
const noise: ReadonlySet<string> = new Set([
  ...timeMembers,
  ...messageMembers,
  ...["pid", "tid", "hostname", "process", "thread", "threadName", "processName", "lineno", "v"],
  ...["job_id", "jobId", "room_id", "roomId", "room", "worker_id", "stream", "level", "levelname"],
]);

const maxMembers = 60;
const maxMemberChars = 4000;

/**
 * Reads a line that is one JSON object, such as of pino or python-json-logger; a message of the wire
 * that stands alone in its line is none of a logger's.
 */
export function flattenJsonLine(line: string): FlatLine | undefined {
  if (!line.startsWith("{")) return undefined;
  const object = parseObject(line);
  if (!object) return undefined;
  const isLoggers = loggerMembers.some((name) => object[name] !== undefined);
  if (!isLoggers && sideOf(line) !== undefined) return undefined;
  const atMs = timeMembers
    .map((name) => readTimeValue(object[name]))
    .find((ms) => ms !== undefined);
  const message = messageMembers
    .map((name) => object[name])
    .find((value) => typeof value === "string");
  const words = [levelOf(object), (message ?? "").trimEnd(), ...membersOf(object)];
  const text = words.filter((word) => word !== "").join(" ");
  return { text: text.replaceAll(/\s*\n\s*/g, " "), atMs };
}

/** What Docker's log driver has put around a line. */
export function unwrapDockerLine(line: string): FlatLine | undefined {
  if (!line.startsWith('{"log":')) return undefined;
  const { log, stream, time } = parseObject(line) ?? {};
  if (typeof log !== "string" || typeof stream !== "string") return undefined;
  return { text: log.trimEnd(), atMs: readTimeValue(time) };
}

const pinoLevels: Readonly<Record<number, string>> = {
  10: "TRACE",
  20: "DEBUG",
  30: "INFO",
  40: "WARN",
  50: "ERROR",
  60: "FATAL",
};

function levelOf(object: Readonly<Record<string, unknown>>): string {
  const level = object["level"] ?? object["levelname"] ?? object["severity"];
  if (typeof level === "number") return pinoLevels[level] ?? "";
  return typeof level === "string" ? level.toUpperCase() : "";
}

/** The other members, as `name=value`; those of errors and the like are looked into. */
function membersOf(object: Readonly<Record<string, unknown>>, prefix = "", depth = 0): string[] {
  const words: string[] = [];
  for (const [name, value] of Object.entries(object).slice(0, maxMembers)) {
    if (depth === 0 && noise.has(name)) continue;
    if (typeof value === "string") words.push(`${prefix}${name}=${value.slice(0, maxMemberChars)}`);
    else if (typeof value === "number" || typeof value === "boolean") {
      words.push(`${prefix}${name}=${value}`);
    } else if (isObject(value)) {
      words.push(
        depth < 2
          ? membersOf(value, `${prefix}${name}.`, depth + 1).join(" ")
          : JSON.stringify(value).slice(0, maxMemberChars),
      );
    }
  }
  return words;
}
