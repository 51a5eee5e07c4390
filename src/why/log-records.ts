import { flattenJsonLine, unwrapDockerLine } from "./json-line.ts";
import { createTimeline, readLineTime } from "./line-time.ts";

/** One line of a log, without what terminals and containers add to it. */
export interface LogLine {
  /** Counted from 1. */
  readonly number: number;
  /** As it stands in the log, without colours, audio and control characters; JSON written out. */
  readonly shown: string;
  /** Without prefixes and time. */
  readonly text: string;
}

/** What was logged at once: a line, and those that belong to it, such as those of a traceback. */
export interface LogRecord {
  readonly atMs: number | undefined;
  readonly lines: readonly LogLine[];
}

interface TimedLogLine extends LogLine {
  readonly atMs: number | undefined;
}

/** Longer lines hold audio, which nobody needs here. */
const maxLineChars = 16_384;
const maxRawLineChars = 262_144;
const maxRecordLines = 400;

const escapeSequence = /\p{Cc}\[[\d;?]*[A-Za-z]/gu;
/** Colours whose escape character was lost on the way, as in texts that were pasted. */
const lostColour = /\[\d{1,3}(?:;\d{1,3}){0,4}m|\[m/g;
const control = /[^\P{Cc}\t]/gu;
const audio = /[A-Za-z0-9+/=_-]{200,}/g;

const prefixes: readonly RegExp[] = [
  // docker compose: agent-1  | text
  /^[A-Za-z][\w.-]*\s+\|\s(?=\S|$)/,
  // kubectl logs --prefix: [pod/agent-0/agent] text
  /^\[pod\/[^\]]*\]\s/,
  // a quotation in a mail or an issue
  /^(?:>\s)+(?=\d{4}-)/,
  // concurrently: [1] agent | text
  /^\[\d+\]\s+[A-Za-z][\w.-]*\s+\|\s/,
];
const afterTime: readonly RegExp[] = [
  // the container runtime interface: 2026-… stdout F text
  /^\s?(?:stdout|stderr) [FP] /,
  // Fly and Heroku: 2026-… app[web.1] ams [info] text
  /^\s?app\[[^\]]*\]:?\s(?:\w{3}\s\[\w+\]\s?)?/,
  // syslog: Jan  2 12:00:00 host agent[12]: text
  /^\s[\w.-]+\s[\w./-]+\[\d+\]:\s/,
];

const continues =
  /^(?:\s{2,}|\t)\S|^\s?(?:Traceback \(most recent|During handling of|The above exception|File "|\^+\s*$|[~^]+\s*$|[}\])]+[,;]?\s*$)|^\s*$/;
/** The last line of a traceback, which begins like any other. */
const exceptionLine =
  /^\s?(?:[\w$]+\.)*[A-Z]\w*(?:Error|Exception|Closed\w*|Timeout\w*|Status\w*|Exit|Interrupt|Rejected|Failure)\b/;

/** Reads a log line by line and puts together what belongs together. */
export function* readLogRecords(log: string): Generator<LogRecord> {
  const overMidnight = createTimeline();
  let lines: LogLine[] = [];
  let atMs: number | undefined;
  for (const [number, raw] of numberedLines(log)) {
    const line = readLine(number, raw);
    const isMore =
      lines.length > 0 &&
      lines.length < maxRecordLines &&
      (continues.test(line.text) ||
        (exceptionLine.test(line.text) && lines.length > 1) ||
        (line.atMs === undefined && exceptionLine.test(line.text) && atMs !== undefined));
    if (!isMore) {
      if (lines.length > 0) yield { atMs, lines };
      lines = [];
      atMs = overMidnight(line.atMs);
    }
    if (line.text.trim() !== "") lines.push(line);
  }
  if (lines.length > 0) yield { atMs, lines };
}

function* numberedLines(log: string): Generator<readonly [number, string]> {
  let number = 1;
  for (let from = 0; from < log.length; number += 1) {
    const end = log.indexOf("\n", from);
    const to = end === -1 ? log.length : end;
    yield [number, log.slice(from, Math.min(to, from + maxRawLineChars))];
    from = to + 1;
  }
}

function readLine(number: number, raw: string): TimedLogLine {
  const clean = raw
    .replaceAll(escapeSequence, "")
    .replaceAll(lostColour, "")
    .replaceAll(control, "")
    .replaceAll(audio, "…")
    .slice(0, maxLineChars);
  let text = clean;
  for (const prefix of prefixes) text = text.replace(prefix, "");
  const docker = unwrapDockerLine(text);
  if (docker) text = docker.text;
  const json = flattenJsonLine(text);
  if (json) return { number, shown: json.text, text: json.text, atMs: docker?.atMs ?? json.atMs };
  const timed = readLineTime(text);
  const atMs = docker?.atMs ?? timed.atMs;
  text = timed.rest;
  for (const prefix of afterTime) text = text.replace(prefix, "");
  const inner = flattenJsonLine(text.trimStart());
  if (inner) return { number, shown: inner.text, text: inner.text, atMs: atMs ?? inner.atMs };
  return { number, shown: docker?.text ?? clean, text: withoutSecondTime(text), atMs };
}

/** An application's own time after that of its container. */
const withoutSecondTime = (text: string): string => {
  const trimmed = text.startsWith(" ") ? text.slice(1) : text;
  const again = readLineTime(trimmed);
  return again.atMs === undefined ? text : again.rest;
};
