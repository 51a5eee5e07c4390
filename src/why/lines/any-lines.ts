import { closed, type LinePattern, refused } from "./line-event.ts";

/** Codes that are sent or reported for closings (RFC 6455 section 7.4, and what vendors use). */
const code = String.raw`(1(?:00\d|01[0-5])|300[08]|4[0-5]\d\d)`;
/** A number with a unit is no code. */
const noUnit = String.raw`\b(?!\s?(?:ms|s|sec|seconds|bytes|chars|characters|Hz)\b|[.,]?\d)`;
const closing = String.raw`\b(?:(?:on_?)?clos(?:e|ed|ing|ure)|CloseEvent|disconnect(?:ed|ion|ing)?|on_?disconnect|ConnectionClosed\w*)\b`;

/** How programs of one's own print a closing: `closed (1008) words`, `code=1008 reason=…`, an event. */
export const anyLines: readonly LinePattern[] = [
  {
    pattern: new RegExp(
      String.raw`(?:${closing}|\bcloseCode\b)[^]{0,240}?\b(?:close_?)?code["']?\s*[:=]?\s*["']?${code}${noUnit}([^]*)`,
      "i",
    ),
    read: ({ input, 1: number, 2: rest = "" }) =>
      closed(number, reasonIn(input, rest), byWhom(input)),
  },
  {
    pattern: new RegExp(
      String.raw`\b(?:close_?)?code["']?\s*[:=]\s*["']?${code}${noUnit}([^]*)`,
      "i",
    ),
    read: ({ input, 1: number, 2: rest = "" }) =>
      /\breason\b/i.test(rest) || new RegExp(closing, "i").test(input)
        ? closed(number, reasonIn(input, rest), byWhom(input))
        : undefined,
  },
  {
    pattern: new RegExp(String.raw`${closing}[^\d\n]{0,60}?\b${code}${noUnit}([^]*)`, "i"),
    read: ({ input, 1: number, 2: rest = "" }) =>
      closed(number, reasonIn(input, rest), byWhom(input)),
  },
  {
    pattern:
      /\b(?:HTTP(?:\/\d(?:\.\d)?)?|status(?:[_ ]?code)?|response)["']?[\s:=]{1,3}["']?([45]\d\d)\b([^]*)/i,
    read: ({ input, 1: status }) =>
      /web ?socket|handshake|upgrade|wss?:\/\/|text-to-speech|tts|elevenlabs|convai|waves|smallest/i.test(
        input,
      )
        ? refused(status, input.slice(0, 600))
        : undefined,
  },
  {
    pattern: /\b([45]\d\d) (?:Client|Server) Error: ([^]*)/,
    read: ({ 0: line, 1: status }) => refused(status, line),
  },
  {
    pattern: /\b(?:connect(?:ing)?|opening|dial(?:l?ing)?)\b[^]{0,60}?\b(wss?:\/\/[^\s'"<>)\]]+)/i,
    read: ([, url = ""]) => ({ type: "connecting", url }),
  },
  {
    pattern:
      /\b(?:connected|opened|open)\b[^]{0,60}?(?:\bwss?:\/\/|\/v\d\/|\/waves\/)|(?:\bwss?:\/\/|\/v\d\/|\/waves\/)\S+\s+(?:connected|opened|open)\b/i,
    read: () => ({ type: "open" }),
  },
  {
    pattern:
      /\b(?:connecting to (?:elevenlabs|11labs|eleven labs|smallest|waves|the tts)|opening (?:a )?(?:tts )?web ?socket)\b/i,
    read: () => ({ type: "connecting", url: "" }),
  },
  {
    pattern:
      /\b(?:web ?socket|socket|ws|tts|connection)\b[^]{0,40}?\b(?:is open|opened|connected|established|onopen)\b(?!\s*(?:=|:)\s*false)/i,
    read: ({ input }) =>
      /\b(?:not|never|cannot|disconnected|before the connection)\b/i.test(input)
        ? undefined
        : { type: "open" },
  },
  {
    pattern: /\bconnected to (?:the )?(?:eleven ?labs|11labs|conversational|smallest|waves|tts)/i,
    read: () => ({ type: "open" }),
  },
  {
    pattern: /\bconnection closed by (?:the )?(?:server|remote|peer)\b/i,
    read: () => closed(undefined, "", "server"),
  },
  {
    pattern: /\b(?:web ?socket|socket|ws)\b[^\n]{0,24}\b(?:closed|disconnected)\b/i,
    read: ({ input }) =>
      /\b(?:already|before|unless|if|not)\b/i.test(input) ? undefined : closed(undefined),
  },
];

const named =
  /\b(?:close_?)?reason["']?\s*[:=]\s*(?:(["'`])((?:\\.|(?!\1)[^\\])*)\1|(?!\w+=)([^"'`}\s][^}]*))/i;

function reasonIn(line: string, rest: string): string {
  const match = named.exec(rest) ?? named.exec(line);
  if (match) return match[2] ?? match[3] ?? "";
  return rest.replace(/^[\s\-–—:,()[\]"'.]+/, "").replace(/^reason\s*[:=]?\s*/i, "");
}

function byWhom(line: string): "client" | "server" | "unknown" {
  if (/\b(?:by (?:the )?(?:server|remote|peer)|server closed|remote)\b/i.test(line))
    return "server";
  if (/\b(?:by (?:the )?(?:client|user|us)|user ended)\b|\.close\(/i.test(line)) return "client";
  return "unknown";
}
