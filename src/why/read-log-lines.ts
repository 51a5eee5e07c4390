import { ConnectionSplitter } from "./connection-splitter.ts";
import type { LineEvent } from "./lines/line-event.ts";
import { readLineEvent } from "./lines/read-line.ts";
import { type LogLine, type LogRecord, readLogRecords } from "./log-records.ts";
import { addressIn, frameworkOf, isForeign, vendorOf } from "./marks.ts";
import { addressWithoutKeys, quote, withoutKeys, withoutSpeech } from "./redact.ts";
import type { Trace, TraceEvent } from "./trace.ts";

/** What may be worth quoting although it tells nothing of a socket. */
const worthKeeping =
  /^\s*["']?(?:message|msg|status|error|code|reason)["']?\s*:|\bcurl: |<html|<title|<center|error|warn|fail|exception|detail|\bbody\b|clos|time[d-]? ?out|exceed|limit|quota|credit|invalid|not allowed|denied|forbidden|unauthori|reject|refus|disconnect|reconnect|retry|socket|\btts\b|synthesi|eleven|smallest|waves|\bllm\b|\btool\b|agent|silence|turn|no audio|SIGTERM|SIGKILL|shutdown|shutting|keep-?alive|context|payload|max_size|upgrade|nginx|cloudflare|proxy|restart|kill|unusual|missing|variable|override|mcp|plan|subscription|permission|model|voice/i;

/** The headers and states that `websockets` logs at level DEBUG. */
const handshakeNoise =
  /(?:^|[\s:])(?:[<>] [A-Za-z][\w-]*: |[=%x] (?:connection is|sent|received|half-closing|closing|EOF)|[<>] EOF)/;

const maxMessageChars = 2000;
const maxLogEvents = 4000;

/** Reads any log that has lines, whoever wrote it. */
export function readLogLines(log: string): Trace[] {
  const framework = frameworkOf(log);
  const logVendor = vendorOf(log);
  const splitter = new ConnectionSplitter();
  let firstMs: number | undefined;
  let logEvents = 0;
  for (const record of readLogRecords(log)) {
    if (isForeign(textOf(record), logVendor)) continue;
    firstMs ??= record.atMs;
    const atMs = record.atMs === undefined ? undefined : record.atMs - (firstMs ?? 0);
    for (const event of eventsOf(record, atMs)) {
      if (event.type === "log") logEvents += 1;
      if (event.type !== "log" || logEvents <= maxLogEvents) splitter.add(event);
    }
    for (const { text } of record.lines) splitter.noteAddress(addressOf(text));
  }
  return splitter.connections().map(({ events, url }) => ({
    vendor: (url ? vendorOf(url) : undefined) ?? logVendor,
    framework,
    url,
    events,
  }));
}

const textOf = ({ lines }: LogRecord): string =>
  lines
    .map(({ text }) => text)
    .join(" ")
    .slice(0, 20_000);

const addressOf = (line: string): string | undefined => {
  const address = line.includes("://") ? addressIn(line) : undefined;
  return address && addressWithoutKeys(address);
};

function eventsOf(record: LogRecord, atMs: number | undefined): TraceEvent[] {
  const events: TraceEvent[] = [];
  for (const line of record.lines) {
    const event = readLineEvent(line.text);
    if (event) events.push(placed(event, line, atMs));
    // What a closing's line says besides may be the reason of it.
    const isMessage = event?.type === "sent" || event?.type === "received";
    if (!isMessage && worthKeeping.test(line.text) && !handshakeNoise.test(line.text)) {
      events.push(placed(words(line.text), line, atMs));
    }
  }
  const [first] = record.lines;
  if (first && record.lines.length > 1 && events.every(({ type }) => type === "log")) {
    // What is printed over several lines, such as an object: { code: 1008, reason: '…' }.
    const text = textOf(record);
    const whole = readLineEvent(
      text.length > 4000 ? text.slice(0, 2000) + text.slice(-2000) : text,
    );
    if (whole) events.push(placed(whole, first, atMs));
  }
  return events;
}

const words = (text: string): LineEvent => ({
  type: "log",
  level: /\b(?:DEBUG|INFO|WARN(?:ING)?|ERROR|CRITICAL|FATAL)\b/.exec(text.slice(0, 80))?.[0],
  message: withoutSpeech(withoutKeys(text.slice(0, maxMessageChars))),
});

const placed = (event: LineEvent, line: LogLine, atMs: number | undefined): TraceEvent => ({
  ...event,
  atMs,
  evidence: { line: line.number, text: quote(line.shown) },
});
