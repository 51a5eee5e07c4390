import { readMessage, type Side, sideOf } from "../message-facts.ts";
import { withoutKeys } from "../redact.ts";
import { anyLines } from "./any-lines.ts";
import { browserLines, wsLines } from "./javascript-lines.ts";
import type { LineEvent, LinePattern } from "./line-event.ts";
import { networkLines } from "./network-lines.ts";
import { aiohttpLines, livekitLines, websocketsLines } from "./python-lines.ts";

/** The most telling first: what a library prints before what programs of one's own may print. */
const patterns: readonly LinePattern[] = [
  ...websocketsLines,
  ...aiohttpLines,
  ...livekitLines,
  ...wsLines,
  ...browserLines,
  ...networkLines,
  ...anyLines,
];

/** A line without any of these is about something else. */
const mayTell =
  /clos|TEXT|BINARY|(?:received|sent) \d{4}|response|failed|hang up|socket|connect|handshak|HTTP|status|code|refus|resol|ENOTFOUND|EAI_|ETIMEDOUT|UNREACH|cert|SSL|TLS|PING|PONG|timed out|OPEN|getaddrinfo|servname|disconnect|ERR_|WinError|Parse Error|HPE_|InvalidStatus|Name does|route to host|version number|record layer|packet length|valid HTTP|bad status|Hostname|Error: |x509|no such host|gaierror|EPROTO|TLS handshake|timeout/i;

/** Finds what one line of a log tells of a connection; undefined if nothing. */
export function readLineEvent(line: string): LineEvent | undefined {
  const message = readWireMessage(line) ?? readMention(line);
  if (message) return message;
  if (!mayTell.test(line)) return undefined;
  for (const { pattern, read } of patterns) {
    const match = pattern.exec(line);
    const event = match && read(match);
    if (event) return withSafeWords(event);
  }
  return undefined;
}

function withSafeWords(event: LineEvent): LineEvent {
  if (event.type === "close") return { ...event, reason: withoutKeys(event.reason) };
  if (event.type === "handshake_failed") return { ...event, message: withoutKeys(event.message) };
  return event.type === "connecting" ? { ...event, url: withoutKeys(event.url) } : event;
}

const receivedMark =
  /(?:[<←⬇↓]|\b(?:recv|received|receive|receiving|got|incoming|rx|onmessage|message from|said|server sent|response|S\s*(?:->|→)\s*C)\b)[^<>→←]{0,60}$/i;
const sentMark =
  /(?:[>→⬆↑]|\b(?:sent|send|sending|outgoing|tx|request|C\s*(?:->|→)\s*S)\b)[^<>→←]{0,60}$/i;

/** Longer messages are audio. */
const maxDataChars = 4000;

/** Finds a message of the wire that a line shows, by its members, or by what stands before it. */
function readWireMessage(line: string): LineEvent | undefined {
  const start = line.indexOf("{");
  if (start === -1) return undefined;
  const end = line.lastIndexOf("}");
  const shown = line.slice(start, end > start ? end + 1 : line.length);
  const data = unescaped(shown).slice(0, maxDataChars);
  const side = sideOf(data) ?? sideByMark(line.slice(Math.max(0, start - 80), start), data);
  if (side === undefined) return undefined;
  return {
    type: side === "client" ? "sent" : "received",
    data: withoutKeys(data),
    sizeBytes: sizeOf(line),
  };
}

/** For messages whose members do not tell: they have to be of these protocols, and marked as sent or received. */
function sideByMark(before: string, data: string): Side | undefined {
  const { text, type, status, error } = readMessage(data);
  if (text === undefined && type === undefined && status === undefined && error === undefined) {
    return undefined;
  }
  if (receivedMark.test(before)) return "server";
  return sentMark.test(before) ? "client" : undefined;
}

/** JSON within a text of JSON, as in logs of JSON lines. */
const unescaped = (data: string): string =>
  data.startsWith(String.raw`{\"`) ? data.replaceAll(String.raw`\"`, '"') : data;

const sizeOf = (line: string): number | undefined => {
  const size = /\[(\d{1,9}) bytes\]\s*$/.exec(line)?.[1];
  return size === undefined ? undefined : Number(size);
};

const receivedAudio =
  /(?:<-+|<<+|[←⬇]|\b(?:recv|received|got|tts))\s+audio\b|\bReceived audio\b|\baudio chunk (?:received|of)\b/i;
const receivedSome = /(?:<-+|<<+|←|\brecv)\s+(?:binary\s+)?\d+\b|\bws message\b/;
const sentText = /(?:->|>>+|→|\bsen[dt]|\bsending)\s+text(?:_chunk)?\b|\bGenerating TTS:? \[/i;

/** A message that a line mentions without showing it. */
function readMention(line: string): LineEvent | undefined {
  if (sentText.test(line)) return { type: "sent", data: undefined, sizeBytes: undefined };
  if (receivedAudio.test(line)) {
    return { type: "received", data: '{"audio":"…"}', sizeBytes: undefined };
  }
  return receivedSome.test(line)
    ? { type: "received", data: undefined, sizeBytes: undefined }
    : undefined;
}
