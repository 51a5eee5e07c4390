import { type LineEvent, refused } from "./lines/line-event.ts";
import { isForeignUrl, vendorOf } from "./marks.ts";
import { readMessage } from "./message-facts.ts";
import { addressWithoutKeys, quote, withoutKeys } from "./redact.ts";
import type { Trace, TraceEvent } from "./trace.ts";

type Json = Readonly<Record<string, unknown>>;

const objectOf = (value: unknown): Json =>
  typeof value === "object" && value !== null ? (value as Json) : {};
const listOf = (value: unknown): readonly Json[] =>
  Array.isArray(value) ? value.map(objectOf) : [];
const textOf = (value: unknown): string => (typeof value === "string" ? value : "");
const numberOf = (value: unknown): number | undefined =>
  typeof value === "number" && Number.isFinite(value) ? value : undefined;

/** Whether a JSON document is what browsers and proxies save of requests. */
export const isHar = (document: Json): boolean =>
  Array.isArray(objectOf(document["log"])["entries"]);

/** Reads the sockets of a HAR file with their messages, and what was asked over HTTP and refused. */
export function readHar(document: Json): Trace[] {
  return listOf(objectOf(document["log"])["entries"]).flatMap((entry) => readEntry(entry) ?? []);
}

const maxDataChars = 4000;

function readEntry(entry: Json): Trace | undefined {
  const request = objectOf(entry["request"]);
  const response = objectOf(entry["response"]);
  const url = textOf(request["url"]);
  const messages = entry["_webSocketMessages"];
  const isSocket =
    messages !== undefined || entry["_resourceType"] === "websocket" || /^wss?:/.test(url);
  const vendor = vendorOf(url);
  const status = numberOf(response["status"]);
  if (isForeignUrl(url) || (!isSocket && (vendor === undefined || (status ?? 0) < 400)))
    return undefined;

  const startMs = Date.parse(textOf(entry["startedDateTime"]));
  const at = (ms: number | undefined): number | undefined =>
    ms === undefined || Number.isNaN(startMs) ? undefined : Math.max(0, ms - startMs);
  const safeUrl = addressWithoutKeys(url);
  const events: TraceEvent[] = [
    placed({ type: "connecting", url: safeUrl }, 0, `${textOf(request["method"])} ${safeUrl}`),
  ];
  const failure = failureOf(entry, response, status);
  if (failure) {
    const words = `${status ?? 0} ${textOf(response["statusText"])} ${failure}`;
    events.push(placed(refused(String(status ?? ""), failure), 0, words));
  } else if (status === 101) {
    events.push(placed({ type: "open" }, 0, "101 Switching Protocols"));
  }
  for (const message of listOf(messages)) {
    const event = readFrame(message);
    if (event)
      events.push(placed(event, at(secondsToMs(message["time"])), showFrame(event, message)));
  }
  const end = endOf(entry, startMs, events);
  if (end) events.push(end);
  return { vendor: vendor ?? vendorOfMessages(events), framework: "har", url: safeUrl, events };
}

const secondsToMs = (value: unknown): number | undefined => {
  const seconds = numberOf(value);
  return seconds === undefined ? undefined : seconds * 1000;
};

function failureOf(entry: Json, response: Json, status: number | undefined): string | undefined {
  const error = textOf(response["_error"]) || textOf(entry["_error"]);
  if (error !== "") return error;
  if (status === 101 || status === undefined || (status === 0 && !error)) return undefined;
  const body = textOf(objectOf(response["content"])["text"]);
  const server = listOf(response["headers"])
    .filter(({ name }) => /^(?:server|via|cf-ray)$/i.test(textOf(name)))
    .map(({ name, value }) => `${textOf(name)}: ${textOf(value)}`);
  return (
    [...server, body.slice(0, 1000)].join(" ").trim() || textOf(response["statusText"]) || "refused"
  );
}

function readFrame(message: Json): LineEvent | undefined {
  const { type, opcode, data } = message;
  const text = textOf(data);
  switch (opcode) {
    case 8:
      return readCloseFrame(text, type === "send" ? "client" : "server");
    case 9:
    case 10:
      return { type: opcode === 9 ? "ping" : "pong", by: type === "send" ? "client" : "server" };
    default:
      return {
        type: type === "send" ? "sent" : "received",
        data: withoutKeys(text.replaceAll(/[A-Za-z0-9+/=]{200,}/g, "…").slice(0, maxDataChars)),
        sizeBytes: text.length,
      };
  }
}

/** A Close frame's payload as a text, or in base64: two bytes of code, then the reason. */
function readCloseFrame(data: string, by: "client" | "server"): LineEvent {
  const spelled = /^(\d{4})\b\s*([^]*)/.exec(data);
  if (spelled) return { type: "close", code: Number(spelled[1]), reason: spelled[2] ?? "", by };
  try {
    const bytes = Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
    const code = (bytes[0] ?? 0) * 256 + (bytes[1] ?? 0);
    const reason = new TextDecoder().decode(bytes.subarray(2));
    return { type: "close", code: code >= 1000 && code < 5000 ? code : undefined, reason, by };
  } catch {
    return { type: "close", code: undefined, reason: data.slice(0, 123), by };
  }
}

const placed = (event: LineEvent, atMs: number | undefined, shown: string): TraceEvent => ({
  ...event,
  atMs,
  evidence: { line: undefined, text: quote(shown) },
});

const showFrame = (event: LineEvent, message: Json): string =>
  `${event.type === "sent" ? ">" : "<"} ${event.type === "close" ? `CLOSE ${event.code ?? ""} ${event.reason}` : textOf(message["data"]).slice(0, 600)}`;

/** Browsers save no Close frame, but how long the connection lasted. */
function endOf(
  entry: Json,
  startMs: number,
  events: readonly TraceEvent[],
): TraceEvent | undefined {
  const lastedMs = numberOf(entry["time"]);
  const last = events.at(-1);
  if (lastedMs === undefined || Number.isNaN(startMs) || !last) return undefined;
  const isSocket = events.some(({ type }) => type === "sent" || type === "received");
  if (!isSocket || last.type === "close" || lastedMs < (last.atMs ?? 0)) return undefined;
  const shown = `the connection ended ${(lastedMs / 1000).toFixed(1)} s after it began`;
  return placed({ type: "close", code: undefined, reason: "", by: "unknown" }, lastedMs, shown);
}

function vendorOfMessages(events: readonly TraceEvent[]): Trace["vendor"] {
  for (const event of events) {
    if (event.type !== "received" || event.data === undefined) continue;
    const { type, status, hasAudio, isFinal } = readMessage(event.data);
    if (status !== undefined) return "waves";
    if (type !== undefined) return "elevenlabs-agents";
    if (hasAudio || isFinal) return "elevenlabs";
  }
  return undefined;
}
