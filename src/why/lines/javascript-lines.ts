import { closed, type LinePattern, refused } from "./line-event.ts";

/** What Node's `ws` says. */
export const wsLines: readonly LinePattern[] = [
  {
    pattern: /\bUnexpected server response: (\d{3})\b/,
    read: ([line, status]) => refused(status, line),
  },
  {
    pattern: /\bWebSocket was closed before the connection was established\b/,
    read: ([line]) => refused(undefined, line),
  },
  {
    pattern: /\bReceived network error or non-101 status code\b/,
    read: ([line]) => refused(undefined, line),
  },
  {
    pattern: /\bsocket hang up\b/,
    read: ([line]) => refused(undefined, line),
  },
];

/** What browsers print to their consoles. */
export const browserLines: readonly LinePattern[] = [
  {
    pattern: /\bUnexpected response code: (\d{3})\b/,
    read: ([line, status]) => refused(status, line),
  },
  {
    pattern: /\bWebSocket connection to '([^']*)' failed:?\s*([^]*)/,
    read: ([, , why = ""]) =>
      /closed before/.test(why) ? closed("1006") : refused(undefined, why),
  },
  {
    pattern: /\bcan['’]t establish a connection to the server at (\S+)/,
    read: ([line]) => refused(undefined, line),
  },
  {
    pattern: /\bThe connection to (wss?:\S+) was interrupted while the page was loading/,
    read: () => closed("1006"),
  },
];
