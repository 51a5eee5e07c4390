import type { Cause } from "../protocol/causes.ts";
import type { ConnectionRecord, MessagePart, StoryEvent } from "../protocol/connections.ts";

/** A pause after which an end marker was no part of what was said before. */
const pauseMs = 1000;

/** What ended a connection, where its story says more than its last message. */
export function refineCause(record: ConnectionRecord): Cause {
  return record.cause.id === "end_marker" ? refineEnd(record) : record.cause;
}

/** All that a socket was to say was said. */
function refineEnd({ cause, events }: ConnectionRecord): Cause {
  const messages = events.filter(({ type, parts }) => type === "received" && !isPing(parts));
  const asks = (part: MessagePart): boolean => messages.some(({ parts }) => parts.includes(part));
  if (asks("close_socket")) return { id: "close_socket", details: {} };
  const endIndex = messages.findIndex(({ parts }) => parts.includes("end"));
  const end = messages[endIndex];
  if (!end) return cause;
  if (end.parts.includes("end_implied")) return { id: "no_text", details: {} };
  const late = messages.filter(({ parts }) => parts.includes("late_text")).length;
  if (late > 0) return { id: "text_after_end", details: { messages: late } };
  const before = messages[endIndex - 1];
  // A lone end marker is how some clients say that there is nothing to say.
  if (!before) return cause;
  const wasSaid = messages.some(({ parts }) => parts.includes("text"));
  const isApart = end.atMs - before.atMs >= pauseMs;
  return !wasSaid && isApart ? { id: "empty_text_as_keepalive", details: {} } : cause;
}

const isPing = (parts: StoryEvent["parts"]): boolean => parts.includes("ping");
