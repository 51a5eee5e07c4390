import { adviceOn, causeRow, describeCause } from "../protocol/causes.ts";
import type { ConnectionRecord, Explanation, StoryEvent } from "../protocol/connections.ts";

/** Says why a connection ended, and what in its story shows it. */
export function explain(record: ConnectionRecord): Explanation {
  const { cause } = record;
  return {
    cause: cause.id,
    sentence: describeCause(cause),
    advice: adviceOn(cause),
    evidence: [beginning(record), ...evidenceOf(record), ending(record)],
    retryable: causeRow(cause.id).retryable,
  };
}

/** A time since the connection began. */
export const seconds = (ms: number): string => `${(ms / 1000).toFixed(3)} s`;

function beginning(record: ConnectionRecord): string {
  const { transport, method, url, credential, userAgent } = record;
  // What is below HTTP has neither.
  if (method === "") return "what came could not be read as a request";
  const shown = { key: "a key", token: "a single-use token", none: "no credential" }[credential];
  const agent = userAgent === "" ? "" : `, by ${userAgent}`;
  return `${transport === "socket" ? "WebSocket" : method} ${url} with ${shown}${agent}`;
}

function ending({ cause, endedBy, closeCode, closeReason, durationMs }: ConnectionRecord): string {
  if (cause.id === "still_open") return `open for ${seconds(durationMs)}`;
  const code = closeCode === undefined ? "" : ` with ${closeCode}`;
  const reason = closeReason === "" ? "" : `: ${closeReason}`;
  const who = {
    server: "the server ended it",
    client: "the client ended it",
    network: "it was gone without a Close frame,",
  }[endedBy];
  return `${seconds(durationMs)} ${who}${code}${reason}`;
}

/** Something that shows a cause, and since when. */
interface Evidence {
  readonly atMs: number;
  readonly line: string;
}

/** What shows a cause, besides how the connection began and ended, in order. */
function evidenceOf({ events }: ConnectionRecord): string[] {
  const found = [
    ...lastMessage(events),
    ...timerEvidence(events),
    ...lateEnd(events),
    ...contextEnds(events),
    ...lastSent(events),
    ...refusals(events),
    ...stalls(events),
  ];
  return found.toSorted((one, other) => one.atMs - other.atMs).map(({ line }) => line);
}

const shown = ({ atMs }: StoryEvent, what: string): Evidence => ({
  atMs,
  line: `${seconds(atMs)} ${what}`,
});

/** What a timer waited for, what began it anew, and what did not. */
function timerEvidence(events: readonly StoryEvent[]): Evidence[] {
  const fired = events.findLast(({ type }) => type === "timer_fired");
  if (!fired) return [];
  const [name, resetBy] = (fired.word ?? "").split(" ");
  const { limitMs = 0, lastResetAtMs = 0 } = fired.values;
  const whose = fired.context === undefined ? "" : ` of the context '${fired.context}'`;
  const since = `${Math.round(limitMs / 100) / 10} s since ${nameOfReset(resetBy, fired)}`;
  const ignored = ignoredSince(events, lastResetAtMs, fired);
  const line = `${ignored} in this time, which does not reset it`;
  return [
    shown(fired, `the ${name} timer${whose} ran out: ${since} at ${seconds(lastResetAtMs)}`),
    ...(ignored === "" ? [] : [{ atMs: fired.atMs, line }]),
  ];
}

/** A context begins when it is opened, and not with its connection. */
const nameOfReset = (resetBy: string | undefined, { context }: StoryEvent): string =>
  resetBy === "open" && context !== undefined
    ? "the context was opened"
    : (resetNames[resetBy ?? ""] ?? "its beginning");

const resetNames: Readonly<Record<string, string>> = {
  open: "the connection was opened",
  message: "the client's last message",
  speech: "the last speech was sent",
  ping: "the client's last ping",
  sent: "the last message to the client",
  read: "the client last took something",
  repeat: "the first ping that was not answered",
};

function ignoredSince(events: readonly StoryEvent[], sinceMs: number, fired: StoryEvent): string {
  const since = events.slice(0, events.indexOf(fired)).filter(({ atMs }) => atMs > sinceMs);
  const pings = since.filter(({ parts }) => parts.includes("ping")).length;
  const sent = since.filter(({ type }) => type === "sent").length;
  const others = since.filter(
    ({ type, parts, context }) =>
      type === "received" && !parts.includes("ping") && context !== fired.context,
  ).length;
  const whose = fired.context === undefined ? "of the client" : "for other contexts";
  return [
    counted(pings, "ping", "of the client"),
    counted(others, "message", whose),
    counted(sent, "message", "of the server"),
  ]
    .filter((part) => part !== "")
    .join(", ");
}

const counted = (count: number, what: string, whose: string): string =>
  count === 0 ? "" : `${count} ${what}${count === 1 ? "" : "s"} ${whose}`;

function lastMessage(events: readonly StoryEvent[]): Evidence[] {
  // Of what is refused at once there is no story.
  if (events.length === 0) return [];
  const last = events.findLast(({ type, parts }) => type === "received" && !parts.includes("ping"));
  if (!last) return [{ atMs: 0, line: "the client sent no message" }];
  return [shown(last, `the client's last message: ${describeMessage(last)}`)];
}

/** What a message of the client was. */
export function describeMessage({ parts, values, context }: StoryEvent): string {
  const { sizeBytes = 0, characters = 0 } = values;
  const what = parts.length === 0 ? "nothing" : parts.join(", ");
  const size = sizeBytes > 0 ? `${sizeBytes} bytes` : "of unknown size";
  const text = characters > 0 ? `, ${characters} characters` : "";
  return `${what}${forContext(context)} (${size}${text})`;
}

const forContext = (context: string | undefined): string =>
  context === undefined || context === "" ? "" : ` for '${context}'`;

/** A pause after which an end marker may be no part of what was said before. */
const longPauseMs = 1000;

/** An end marker that came when nothing was left to be spoken: it may have been a keep-alive. */
function lateEnd(events: readonly StoryEvent[]): Evidence[] {
  const endIndex = events.findLastIndex(({ parts }) => parts.includes("end"));
  const end = events[endIndex];
  const text = events.slice(0, endIndex).findLast(({ parts }) => parts.includes("text"));
  if (!end || !text || end.atMs - text.atMs < longPauseMs) return [];
  const before = events.slice(0, endIndex);
  const state = before.findLast(({ type }) => type === "speaking" || type === "paused");
  const isSpoken = state?.type !== "speaking";
  if (!isSpoken || events.slice(endIndex).some(({ type }) => type === "utterance")) return [];
  const pause = seconds(end.atMs - text.atMs);
  return [shown(end, `that was ${pause} after its last text, when nothing was left to be spoken`)];
}

function lastSent(events: readonly StoryEvent[]): Evidence[] {
  const last = events.findLast(({ type }) => type === "sent");
  if (!last) return [];
  return [shown(last, `the server's last message: ${last.word}${forContext(last.context)}`)];
}

/** Of each kind. */
const maxShown = 5;

function contextEnds(events: readonly StoryEvent[]): Evidence[] {
  // One without a name is all that there is on its connection, and ends with it.
  const ended = events.filter(({ type, context }) => type === "context_ended" && context);
  return ended.slice(-maxShown).map((event) => {
    const { word, context, values } = event;
    const { characters = 0 } = values;
    const spoken = characters === 0 ? "" : `, ${characters} characters`;
    return shown(event, `the context '${context}' ended: ${word}${spoken}`);
  });
}

function refusals(events: readonly StoryEvent[]): Evidence[] {
  const refused = events.filter(({ type }) => type === "refused");
  return refused
    .slice(-maxShown)
    .map((event) => shown(event, `refused${forContext(event.context)}: ${event.word}`));
}

function stalls(events: readonly StoryEvent[]): Evidence[] {
  const last = events.findLast(({ type }) => type === "held" || type === "released");
  return last?.type === "held" ? [shown(last, "the client stopped taking what was sent")] : [];
}
