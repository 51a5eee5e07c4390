import { withoutKeys } from "../redact.ts";
import { closed, type LinePattern, refused } from "./line-event.ts";

/** How the library `websockets` puts a closing into words, and its log at level DEBUG. */
export const websocketsLines: readonly LinePattern[] = [
  {
    pattern:
      /\b(received|sent) (\d{4}) \([^)]{0,60}\)\s?([^]*?);\s?(?:then (?:sent|received) \d{4}|no close frame (?:received|sent))/,
    read: ([, how, code, reason]) => closed(code, reason, how === "received" ? "server" : "client"),
  },
  {
    pattern: /\bno close frame received or sent\b/,
    read: () => closed("1006"),
  },
  {
    pattern: /\bcode = (\d{4}) \([^)]{0,60}\), (?:reason = ([^]*)|no reason)/,
    read: ([, code, reason]) => closed(code, reason, code === "1006" ? "unknown" : "server"),
  },
  {
    pattern: /(?:^|[\s:])([<>]) CLOSE (\d{4}) \([^)]{0,60}\)\s?([^]*?)(?:\s?\[\d+ bytes\])?\s*$/,
    read: ([, arrow, code, reason]) => closed(code, reason, arrow === "<" ? "server" : "client"),
  },
  {
    // What is cut out of a long message may be what it could be known by.
    pattern: /(?:^|[\s:])([<>]) (?:TEXT|BINARY|CONT) '?([^]*?)'?(?: \[[^\]]*bytes\])?\s*$/,
    read: ([, arrow, data = ""]) => ({
      type: arrow === "<" ? "received" : "sent",
      data: data.startsWith("{") ? withoutKeys(data) : undefined,
      sizeBytes: undefined,
    }),
  },
  {
    pattern: /(?:^|[\s:])([<>]) (PING|PONG)\b/,
    read: ([, arrow, kind]) => ({
      type: kind === "PING" ? "ping" : "pong",
      by: arrow === "<" ? "server" : "client",
    }),
  },
  {
    pattern: /(?:^|[\s:])> GET (\S+) HTTP\/1\.1/,
    read: ([, url = ""]) => ({ type: "connecting", url }),
  },
  {
    pattern: /(?:^|[\s:])< HTTP\/1\.1 (\d{3}) ?(.*)/,
    read: ([, status, words]) => (status === "101" ? { type: "open" } : refused(status, words)),
  },
  { pattern: /(?:^|[\s:])= connection is OPEN\b/, read: () => ({ type: "open" }) },
  {
    pattern: /\bserver rejected WebSocket connection: HTTP (\d{3})/,
    read: ([line, status]) => refused(status, line),
  },
  {
    pattern: /\bInvalidStatus(?:Code)?\b[^\d]{0,40}(\d{3})\b/,
    read: ([line, status]) => refused(status, line),
  },
];

/** How aiohttp tells of its client sockets. */
export const aiohttpLines: readonly LinePattern[] = [
  {
    pattern: /WSMsgType\.CLOSE(?:: 8)?>?,\s*data=(\d+|None),\s*extra=(?:(['"])([^]*?)\2|None)/,
    read: ([, code, , reason]) => closed(code, reason, "server"),
  },
  {
    pattern: /WSMessageClose\(data=(\d+|None),\s*extra=(?:(['"])([^]*?)\2|None)/,
    read: ([, code, , reason]) => closed(code, reason, "server"),
  },
  {
    pattern: /WSMessage(?:Clos(?:ed|ing))?\(type=<WSMsgType\.CLOS(?:ED|ING): 25[67]>/,
    read: () => closed(undefined),
  },
  {
    pattern: /WSServerHandshakeError\b\D{0,40}(\d{3})(?:,\s*message=(["'])([^]*?)\2)?([^]*)/,
    read: ([, status, , message = "", more = ""]) => refused(status, `${message} ${more}`),
  },
  {
    pattern: /WSMsgType\.PING/,
    read: () => ({ type: "ping", by: "server" }),
  },
];

/** What LiveKit's agents say of their voices, in Python and in Node. */
export const livekitLines: readonly LinePattern[] = [
  {
    pattern:
      /\b(?:clos(?:ed|ing)|disconnected)\b[^]{0,200}?\bstatus_?[cC]ode['"]?\s*[=:]\s*(-?\d+)/,
    read: ({ input, 1: code = "" }) =>
      /^[1-5]\d\d$/.test(code) ? refused(code, input) : closed(code, bodyOf(input), "server"),
  },
  {
    pattern: /\bAPIStatusError\b[^]{0,300}?\bstatus_?[cC]ode['"]?\s*[=:]\s*(-?\d+)/,
    read: ({ input, 1: code = "" }) =>
      /^[1-5]\d\d$/.test(code) ? refused(code, input) : closed(code, bodyOf(input), "server"),
  },
  {
    pattern: /\bweb ?socket (?:connection )?closed unexpectedly\b(?![^]*\b\d{4}\b)/i,
    read: () => closed(undefined, "", "server"),
  },
];

/** What the exception carries of the server's words. */
const bodyOf = (line: string): string => {
  const body = /\bbody=(?:(["'])([^]*?)\1|([^,)]+))/.exec(line);
  const words = body?.[2] ?? body?.[3] ?? "";
  return words === "None" ? "" : words;
};
