import { causeRow } from "../../protocol/causes.ts";
import type {
  ConnectionCounts,
  ConnectionRecord,
  ConnectionSummary,
  Explanation,
  OpenConnection,
  RunningTimer,
  StoryEvent,
} from "../../protocol/connections.ts";

/** A connection that has ended, in short. */
export function formatSummary(summary: ConnectionSummary): Readonly<Record<string, unknown>> {
  const { kind, retryable } = causeRow(summary.cause.id);
  const isOpen = summary.cause.id === "still_open";
  return {
    connection_id: summary.id,
    transport: summary.transport,
    protocol: summary.dialect,
    method: summary.method,
    url: summary.url,
    user_agent: summary.userAgent,
    credential: summary.credential,
    key_id: summary.keyId ?? null,
    voice_id: summary.voiceId ?? null,
    model_id: summary.modelId ?? null,
    opened_at_unix: summary.openedAtMs / 1000,
    duration_s: summary.durationMs / 1000,
    cause: summary.cause.id,
    kind: isOpen ? null : kind,
    retryable,
    ended_by: isOpen ? null : summary.endedBy,
    close_code: summary.closeCode ?? null,
    close_reason: summary.closeReason,
    counts: formatCounts(summary.counts),
  };
}

/** The same with why it ended. */
export function formatStory(
  record: ConnectionRecord,
  { sentence, advice, evidence }: Explanation,
): unknown {
  return { ...formatSummary(record), explanation: sentence, evidence, advice };
}

/** What happened, in order. */
export function formatEvents({ id, events, counts }: ConnectionRecord): unknown {
  return {
    connection_id: id,
    events: events.map(formatEvent),
    events_left_out: counts.eventsLeftOut,
  };
}

function formatEvent({ atMs, type, context, word, parts, values, content }: StoryEvent): unknown {
  return {
    at_s: inSeconds(atMs),
    type,
    ...(context !== undefined && { context_id: context === "" ? null : context }),
    ...(word !== undefined && { what: word }),
    ...(type === "received" && { parts }),
    ...inSnakeCase(values),
    ...(content !== undefined && { content }),
  };
}

/** A connection that is open, with all that may end it. */
export function formatOpenConnection(open: OpenConnection): unknown {
  return {
    connection_id: open.id,
    transport: open.transport,
    protocol: open.dialect,
    route: open.route,
    key_id: open.keyId ?? null,
    opened_at_unix: open.openedAtMs / 1000,
    open_s: inSeconds(open.openMs),
    counts: formatCounts(open.counts),
    queued_bytes: open.queuedBytes,
    timers: open.timers.map(formatTimer),
  };
}

function formatTimer(timer: RunningTimer): unknown {
  return {
    name: timer.name,
    owner: timer.context === undefined ? "connection" : "context",
    ...(timer.context !== undefined && { context_id: timer.context || null }),
    limit_s: inSeconds(timer.limitMs),
    last_reset_s: inSeconds(timer.lastResetAt),
    last_reset_by: timer.lastResetBy,
    left_s: inSeconds(timer.leftMs),
    held: timer.isHeld,
  };
}

/** To the millisecond. */
const inSeconds = (ms: number): number => Math.round(ms) / 1000;

const formatCounts = (counts: ConnectionCounts): unknown => inSnakeCase({ ...counts });

const inSnakeCase = (values: Readonly<Record<string, number>>): Record<string, number> =>
  Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      value,
    ]),
  );
