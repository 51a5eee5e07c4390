import { type ErrorCode, fill, type Problem, type ProblemRow, problems } from "./problems.ts";
import { redact } from "./secrets.ts";

/**
 * Who or what brought an end about: `served` when all was said that was asked for, `client` for what
 * the client did or wanted, `limit` for what somebody has set, `network` for what lies between, and
 * `server` for a fault of ours.
 */
export type CauseKind = "served" | "client" | "limit" | "network" | "server";

/** What an end is that no problem tells: the client is told less, nothing at all, or is gone. */
export interface EndingRow {
  readonly kind: CauseKind;
  /** What ends in this way. */
  readonly subject: "connection" | "context" | "request";
  /** The problem in whose words the client is told, where it is told less than the record knows. */
  readonly toldAs?: ErrorCode;
  /** Of the Close frame, whoever sends it; 1006 where there is none (RFC 6455 section 7.1.5). */
  readonly closeCode?: number;
  readonly httpStatus?: number;
  readonly retryable: boolean;
  readonly sentence: string;
  readonly advice: string;
}

/**
 * Ends beside the problems, one row each. An id that has shipped is never used for anything else.
 */
export const endings = {
  still_open: {
    kind: "served",
    subject: "connection",
    retryable: true,
    sentence: "The connection is open.",
    advice: "Its timers are in GET /v1/connections/live.",
  },
  end_marker: {
    kind: "served",
    subject: "connection",
    closeCode: 1000,
    retryable: true,
    sentence:
      'The client sent the end marker {"text":""}; all of its text was spoken, and the server closed the socket.',
    advice:
      'Nothing is wrong, unless it was to keep the socket open: for that send {"text":" "}, with one space in it. For several turns on one socket use multi-stream-input, or open a socket for each turn.',
  },
  empty_text_as_keepalive: {
    kind: "client",
    subject: "connection",
    closeCode: 1000,
    retryable: true,
    sentence:
      'The client sent {"text":""} when there was nothing to speak; on stream-input that is the end marker, and no keep-alive.',
    advice: 'To keep a socket open send {"text":" "}, with one space in it.',
  },
  text_after_end: {
    kind: "client",
    subject: "connection",
    closeCode: 1000,
    retryable: true,
    sentence:
      'The client sent {messages} more messages after the end marker {"text":""}; their text was not spoken.',
    advice:
      'Send {"text":""} once, after the last text; use {"flush":true} to have text spoken at once, and {"text":" "} to keep the socket open.',
  },
  no_text: {
    kind: "client",
    subject: "connection",
    closeCode: 1000,
    retryable: true,
    sentence: "The first message had no text, which ends a stream-input socket.",
    advice: 'Begin with {"text":" "} and the settings, then send the text.',
  },
  close_socket: {
    kind: "served",
    subject: "connection",
    closeCode: 1000,
    retryable: true,
    sentence: "The client asked for the end with close_socket, and the server closed the socket.",
    advice: "Nothing is wrong.",
  },
  request_complete: {
    kind: "served",
    subject: "request",
    httpStatus: 200,
    retryable: true,
    sentence: "All of the text was spoken, and the client has taken all of the answer.",
    advice: "Nothing is wrong.",
  },
  request_abandoned: {
    kind: "client",
    subject: "request",
    retryable: true,
    sentence: "The client went before its answer was complete.",
    advice:
      "If it was no barge-in, look for a time-out of the client or of a proxy that is shorter than the answer takes.",
  },
  client_closed: {
    kind: "client",
    subject: "connection",
    closeCode: 1000,
    retryable: true,
    sentence: "The client closed the socket ({code}), and nothing was owed to it.",
    advice: "Nothing is wrong.",
  },
  client_closed_midway: {
    kind: "client",
    subject: "connection",
    closeCode: 1000,
    retryable: true,
    sentence: "The client closed the socket ({code}) while it was still to be spoken to.",
    advice:
      "For a barge-in this is as it should be, though close_context on multi-stream-input spares a new socket; otherwise look for what makes the client close.",
  },
  client_closed_with_code: {
    kind: "client",
    subject: "connection",
    retryable: true,
    sentence: "The client closed the socket with a code of its own, {code}.",
    advice: "Look the code up where the client is made; it is not one of the server's.",
  },
  client_frame_limit: {
    kind: "client",
    subject: "connection",
    closeCode: 1009,
    retryable: false,
    sentence:
      "The client closed the socket because a message of the server was larger than the client takes; the largest had {bytes} bytes.",
    advice:
      "Raise the client's limit (max_size of Python's websockets, maxPayload of ws), or ask for a format with fewer bytes.",
  },
  client_ping_timeout: {
    kind: "client",
    subject: "connection",
    closeCode: 1011,
    retryable: true,
    sentence:
      "The client's WebSocket library missed the answer to its ping and closed the socket (1011).",
    advice:
      "Keep the client's event loop free: audio, resampling and logging belong in a thread; or raise ping_timeout. The server answers every ping at once.",
  },
  client_lost: {
    kind: "network",
    subject: "connection",
    closeCode: 1006,
    retryable: true,
    sentence: "The connection was gone without a Close frame.",
    advice:
      "The client's process ended, its network was lost, or a proxy between dropped the connection: see which of them logs an end at this time, and raise the proxy's idle time-out.",
  },
  peer_silent: {
    kind: "network",
    subject: "connection",
    closeCode: 1006,
    retryable: true,
    sentence: "The client left {pings} pings in a row unanswered and was dropped.",
    advice:
      "Its network was lost, its machine slept, or its event loop was blocked for longer than {seconds} seconds; connect again.",
  },
  context_closed: {
    kind: "served",
    subject: "context",
    retryable: true,
    sentence: "The client closed the context, and all of its text was spoken.",
    advice: "Nothing is wrong.",
  },
  context_cancelled: {
    kind: "client",
    subject: "context",
    retryable: true,
    sentence: "The context was stopped before all of its text was spoken.",
    advice: "For a barge-in this is as it should be.",
  },
  context_idle: {
    kind: "limit",
    subject: "context",
    retryable: true,
    sentence: "No message named the context for its inactivity timeout of {seconds} seconds.",
    advice:
      'Send {"text":"","context_id":"..."} now and then, raise inactivity_timeout (180 at most), or close the context when its turn is over.',
  },
  context_unused: {
    kind: "client",
    subject: "context",
    retryable: true,
    sentence: "The context ended without ever having been given text.",
    advice: "Nothing is wrong.",
  },
  key_unknown: {
    kind: "client",
    subject: "connection",
    toldAs: "invalid_api_key",
    retryable: false,
    sentence: "The API key is none of this server's.",
    advice:
      "See that the key is this server's, whole and without blanks: syrinx keys list shows how each begins and ends.",
  },
  key_revoked: {
    kind: "client",
    subject: "connection",
    toldAs: "invalid_api_key",
    retryable: false,
    sentence: "The API key '{keyId}' was revoked before.",
    advice: "Use another key; one that was revoked stays so. syrinx keys create makes a new one.",
  },
  key_expired: {
    kind: "limit",
    subject: "connection",
    toldAs: "invalid_api_key",
    retryable: false,
    sentence: "The time of the API key '{keyId}' is over.",
    advice: "Give it more time with syrinx keys update {keyId} --expires, or use another key.",
  },
  key_replaced: {
    kind: "client",
    subject: "connection",
    toldAs: "invalid_api_key",
    retryable: false,
    sentence: "The secret is an older one of the API key '{keyId}', which was rotated.",
    advice: "Use the secret that syrinx keys rotate has shown.",
  },
  key_address: {
    kind: "limit",
    subject: "connection",
    toldAs: "invalid_api_key",
    retryable: false,
    sentence: "The API key '{keyId}' is not good from the client's address.",
    advice:
      "Allow the address with syrinx keys update {keyId} --addresses; behind a proxy, name that with --trust-proxy.",
  },
} as const;

/** The stable name of an end that no problem tells. */
export type EndingId = keyof typeof endings;

/** The stable name of a cause: of everything that ends a connection, a context or a request. */
export type CauseId = ErrorCode | EndingId;

/** Problems in whose words clients are told of causes that say more. */
type ToldInPlace = Extract<(typeof endings)[EndingId], { readonly toldAs: ErrorCode }>["toldAs"];

/** The name of a cause that a server knows of its own connections: it knows more than it tells. */
export type RecordedCauseId = Exclude<CauseId, ToldInPlace>;

/** What the catalogue says of one cause. */
export interface CauseRow extends Omit<EndingRow, "subject"> {
  readonly subject: EndingRow["subject"] | "any";
}

/** Problems that are nobody's fault but what somebody has set. */
const limits: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "quota_exceeded",
  "rate_limited",
  "too_many_concurrent_requests",
  "too_many_contexts",
  "too_many_connections",
  "server_busy",
  "input_timeout",
  "reader_stalled",
  "request_timeout",
  "token_time_over",
  "token_used_up",
  "host_not_allowed",
  "origin_not_allowed",
  "voice_not_allowed",
  "model_not_allowed",
  "missing_permission",
]);
const serverFaults: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "engine_failed",
  "internal_error",
  "records_unavailable",
  "shutting_down",
]);

/** The row of a cause. */
export function causeRow(id: CauseId): CauseRow {
  if (isEnding(id)) return endings[id];
  const { closeCode, httpStatus, retryable, sentence, advice }: ProblemRow = problems[id];
  const kind = serverFaults.has(id) ? "server" : limits.has(id) ? "limit" : "client";
  return { kind, subject: "any", closeCode, httpStatus, retryable, sentence, advice };
}

/** All causes there are. */
export const causeIds: readonly CauseId[] = [
  ...(Object.keys(endings) as EndingId[]),
  ...(Object.keys(problems) as ErrorCode[]),
];

const toldInPlace: ReadonlySet<string | undefined> = new Set(
  Object.values<EndingRow>(endings).map(({ toldAs }) => toldAs),
);

/** Those of them that a server knows of its own connections. */
export const recordedCauseIds: readonly RecordedCauseId[] = causeIds.filter(
  (id): id is RecordedCauseId => !toldInPlace.has(id),
);

/** Tells an end that no problem tells from one that a problem does. */
export function isEnding(id: CauseId): id is EndingId {
  return Object.hasOwn(endings, id);
}

/** One occurrence of a row of the catalogue. Its details never hold text, audio or keys. */
export interface Cause {
  readonly id: CauseId;
  readonly details: Problem["details"];
}

/** The cause of what a problem has ended. */
export function causeOf({ code, details, hidden }: Problem): Cause {
  // A key of which no more is said is unknown.
  return hidden ?? { id: code === "invalid_api_key" ? "key_unknown" : code, details };
}

/** The sentence of a cause with its details filled in. */
export function describeCause({ id, details }: Cause): string {
  return fill(causeRow(id).sentence, redactDetails(details));
}

/** What to change, with its details filled in. */
export function adviceOn({ id, details }: Cause): string {
  return fill(causeRow(id).advice, redactDetails(details));
}

/** Details as they may be shown and kept: what a client has sent may be a key in the wrong place. */
export const redactDetails = (details: Problem["details"]): Problem["details"] =>
  Object.fromEntries(
    Object.entries(details).map(([name, value]) => [
      name,
      typeof value === "string" ? redact(value) : value,
    ]),
  );
