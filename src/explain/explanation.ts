import { adviceOn, causeRow, describeCause } from "../protocol/causes.ts";
import type { ConnectionRecord, Explanation, StoryEvent } from "../protocol/connections.ts";

/** Says why a connection ended, and what in its story shows it. */
export function explain(record: ConnectionRecord): Explanation {
  const { cause } = record;
  return {
    cause: cause.id,
    sentence: describeCause(cause),
    advice: adviceOn(cause),
    evidence: [beginning(record), ...evidenceOf(record), ending(record)].filter(isSaid),
    retryable: causeRow(cause.id).retryable,
  };
}

const isSaid = (line: string | undefined): line is string => line !== undefined;

/** A time since the connection began. */
export const seconds = (ms: number): string => `${(ms / 1000).toFixed(3)} s`;

function beginning({ transport, method, url, credential, userAgent }: ConnectionRecord): string {
  const shown = { key: "a key", token: "a single-use token", none: "no credential" }[credential];
  const agent = userAgent === "" ? "" : `, by ${userAgent}`;
  return `${transport === "socket" ? "WebSocket" : method} ${url} with ${shown}${agent}`;
}

function ending({ cause, endedBy, closeCode, closeReason, durationMs }: ConnectionRecord): string {
  if (cause.id === "still_open") return `open for ${seconds(durationMs)}`;
  const code = closeCode === undefined ? "" : ` with ${closeCode}`;
  const reason = closeReason === "" ? "" : `: ${closeReason}`;
  const who = { server: "the server", client: "the client", network: "nobody" }[endedBy];
  return `${seconds(durationMs)} ${who} ended it${code}${reason}`;
}

/** What shows a cause, besides how the connection began and ended. */
function evidenceOf(record: ConnectionRecord): (string | undefined)[] {
  const { events } = record;
  const fired = events.findLast(({ type }) => type === "timer_fired");
  return [
    lastMessage(events),
    ...(fired ? timerEvidence(events, fired) : []),
    lastSent(events),
    ...refusals(events),
    stalls(events),
  ];
}

/** What a timer waited for, what began it anew, and what did not. */
function timerEvidence(events: readonly StoryEvent[], fired: StoryEvent): string[] {
  const [name, resetBy] = (fired.word ?? "").split(" ");
  const { limitMs = 0, lastResetAtMs = 0 } = fired.values;
  const whose = fired.context === undefined ? "" : ` of the context '${fired.context}'`;
  const ignored = ignoredSince(events, lastResetAtMs, fired);
  return [
    `${seconds(fired.atMs)} the ${name} timer${whose} ran out: ${limitMs / 1000} s since ${resetNames[resetBy ?? ""] ?? "its beginning"} at ${seconds(lastResetAtMs)}`,
    ...(ignored === "" ? [] : [`${ignored} came or went in this time, which do not reset it`]),
  ];
}

const resetNames: Readonly<Record<string, string>> = {
  open: "the connection was opened",
  message: "the client's last message",
  speech: "the last speech was sent",
  ping: "the client's last ping",
};

function ignoredSince(events: readonly StoryEvent[], sinceMs: number, fired: StoryEvent): string {
  const since = events.slice(0, events.indexOf(fired)).filter(({ atMs }) => atMs > sinceMs);
  const pings = since.filter(({ parts }) => parts.includes("ping")).length;
  const sent = since.filter(({ type }) => type === "sent").length;
  const others = since.filter(
    ({ type, parts, context }) =>
      type === "received" && !parts.includes("ping") && context !== fired.context,
  ).length;
  return [
    pings > 0 ? `${pings} pings of the client` : "",
    others > 0 ? `${others} messages for other contexts` : "",
    sent > 0 ? `${sent} messages of the server` : "",
  ]
    .filter((part) => part !== "")
    .join(", ");
}

function lastMessage(events: readonly StoryEvent[]): string | undefined {
  const last = events.findLast(({ type, parts }) => type === "received" && !parts.includes("ping"));
  if (!last) return "the client sent no message";
  return `${seconds(last.atMs)} the client's last message: ${describeMessage(last)}`;
}

/** What a message of the client was. */
export function describeMessage({ parts, values, context }: StoryEvent): string {
  const { sizeBytes = 0, characters = 0 } = values;
  const what = parts.length === 0 ? "nothing" : parts.join(", ");
  const text = characters > 0 ? `, ${characters} characters` : "";
  const whose = context === undefined || context === "" ? "" : ` for '${context}'`;
  return `${what}${whose} (${sizeBytes} bytes${text})`;
}

function lastSent(events: readonly StoryEvent[]): string | undefined {
  const last = events.findLast(({ type }) => type === "sent");
  if (!last) return undefined;
  const whose = last.context === undefined || last.context === "" ? "" : ` for '${last.context}'`;
  return `${seconds(last.atMs)} the server's last message: ${last.word}${whose}`;
}

const shownRefusals = 5;

function refusals(events: readonly StoryEvent[]): string[] {
  const refused = events.filter(({ type }) => type === "refused");
  return refused.slice(-shownRefusals).map(({ atMs, word, context }) => {
    const whose = context === undefined || context === "" ? "" : ` for '${context}'`;
    return `${seconds(atMs)} refused${whose}: ${word}`;
  });
}

function stalls(events: readonly StoryEvent[]): string | undefined {
  const last = events.findLast(({ type }) => type === "held" || type === "released");
  if (last?.type !== "held") return undefined;
  return `${seconds(last.atMs)} the client stopped taking what was sent`;
}
