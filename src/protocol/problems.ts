/** What the catalogue says about one thing that can go wrong. */
export interface ProblemRow {
  /** Answer status when the problem ends an HTTP request or a refused upgrade. */
  readonly httpStatus: number;
  /** Close code when the problem ends a socket: a registered one (RFC 6455 section 7.4.1). */
  readonly closeCode: number;
  /** Whether the same request can succeed later without being changed. */
  readonly retryable: boolean;
  /** What happened and why; `{name}` is filled from the problem's details. */
  readonly sentence: string;
  /** What the caller can change. */
  readonly advice: string;
}

/**
 * Everything that can go wrong, one row each. HTTP answers, error frames, closes and
 * docs/errors.md are made from it. A code that has shipped is never used for anything else.
 */
export const problems = {
  authentication_required: {
    httpStatus: 401,
    closeCode: 1008,
    retryable: false,
    sentence: "No credential was sent, and this server asks for one.",
    advice:
      "Send the key as the xi-api-key header, as Authorization: Bearer, in the query, or in the first message; or start the server with --auth off.",
  },
  invalid_api_key: {
    httpStatus: 401,
    closeCode: 1008,
    retryable: false,
    sentence: "The API key is not one of this server's.",
    advice:
      "Use a key of syrinx keys create, the one printed at the server's first start, or the one set as SYRINX_API_KEY; the server's log says at level debug why a key is refused.",
  },
  invalid_token: {
    httpStatus: 401,
    closeCode: 1008,
    retryable: false,
    sentence: "The single-use token is unknown, expired or already used.",
    advice: "Mint a new token for every connection; a token is valid for 15 minutes.",
  },
  api_key_revoked: {
    httpStatus: 401,
    closeCode: 1008,
    retryable: false,
    sentence: "The API key that opened this connection was revoked, or its time is over.",
    advice:
      "Connect with another key; whoever runs the server can make one with syrinx keys create.",
  },
  token_time_over: {
    httpStatus: 401,
    closeCode: 1008,
    retryable: false,
    sentence: "The time is over for which the single-use token allowed this connection.",
    advice:
      "Mint a new token for another connection, with a higher max_seconds if it is to last longer.",
  },
  token_used_up: {
    httpStatus: 401,
    closeCode: 1008,
    retryable: false,
    sentence:
      "The text exceeds the {limit} characters for which the single-use token is good; what was refused was not charged.",
    advice: "Mint a new token, with a higher max_characters if more is to be spoken.",
  },
  missing_permission: {
    httpStatus: 401,
    closeCode: 1008,
    retryable: false,
    sentence: "The API key is missing the permission {scope} to do this.",
    advice: "Use a key with the scope {scope}: syrinx keys create --scopes {scope}.",
  },
  voice_not_allowed: {
    httpStatus: 403,
    closeCode: 1008,
    retryable: false,
    sentence: "The credential may not be used with the voice '{voiceId}'.",
    advice: "Use a voice that the key or token allows, or have it allow this one.",
  },
  model_not_allowed: {
    httpStatus: 403,
    closeCode: 1008,
    retryable: false,
    sentence: "The credential may not be used with the model '{modelId}'.",
    advice: "Use a model that the key or token allows, or have it allow this one.",
  },
  quota_exceeded: {
    httpStatus: 401,
    closeCode: 1008,
    retryable: false,
    sentence:
      "This request exceeds the key's quota of {limit} characters: {remaining} are left, while {required} are required for it.",
    advice: "Wait until the quota begins anew ({reset}), or have the key's quota raised.",
  },
  rate_limited: {
    httpStatus: 429,
    closeCode: 1013,
    retryable: true,
    sentence: "The API key may make {limit} requests a second, and has made them.",
    advice: "Try again after the time that retry-after names, and use one socket for many turns.",
  },
  records_unavailable: {
    httpStatus: 503,
    closeCode: 1013,
    retryable: true,
    sentence: "The server cannot reach its database, so it cannot tell what the key may still use.",
    advice: "Try again; whoever runs the server finds the reason in its log.",
  },
  key_not_found: {
    httpStatus: 404,
    closeCode: 1008,
    retryable: false,
    sentence: "An API key with id '{id}' was not found.",
    advice: "List the keys with GET /v1/admin/keys or syrinx keys list.",
  },
  key_revoked_for_good: {
    httpStatus: 409,
    closeCode: 1008,
    retryable: false,
    sentence: "The API key '{id}' was revoked, which is for good.",
    advice: "Make a new one with POST /v1/admin/keys or syrinx keys create.",
  },
  key_of_settings: {
    httpStatus: 409,
    closeCode: 1008,
    retryable: false,
    sentence: "The API key '{id}' is the one of the server's settings, which is kept nowhere.",
    advice: "Change SYRINX_API_KEY where the server is started, and start it again.",
  },
  voice_not_found: {
    httpStatus: 404,
    closeCode: 1008,
    retryable: false,
    sentence: "A voice with voice_id '{voiceId}' was not found.",
    advice: "List the voices with GET /v1/voices, or set a fallback voice with --fallback-voice.",
  },
  engine_not_installed: {
    httpStatus: 404,
    closeCode: 1008,
    retryable: false,
    sentence: "The voice '{voiceId}' needs a package that is not installed on this server.",
    advice: "Type {install} where the server is installed, and start it again.",
  },
  model_not_found: {
    httpStatus: 400,
    closeCode: 1008,
    retryable: false,
    sentence: "A model with model_id '{modelId}' was not found.",
    advice: "List the accepted models with GET /v1/models.",
  },
  model_retired: {
    httpStatus: 410,
    closeCode: 1008,
    retryable: false,
    sentence: "The model '{modelId}' has been retired, and this server is set to refuse it.",
    advice: "Use {recommended}, or set the server to serve models that have been retired.",
  },
  unsupported_model: {
    httpStatus: 400,
    closeCode: 1008,
    retryable: false,
    sentence: "Model '{modelId}' is not supported on the text-to-speech websocket endpoint.",
    advice: "Use the HTTP endpoints with this model, or another model on the socket.",
  },
  unsupported_parameter: {
    httpStatus: 400,
    closeCode: 1008,
    retryable: false,
    sentence: "Model '{modelId}' does not support the parameter '{parameter}'.",
    advice: "Leave the parameter out, or use another model.",
  },
  invalid_output_format: {
    httpStatus: 403,
    closeCode: 1008,
    retryable: false,
    sentence: "Invalid output format '{format}'. Must be one of: {allowed}",
    advice: "Choose a format from the list; wav formats exist on the whole-file endpoints only.",
  },
  invalid_parameter: {
    httpStatus: 400,
    closeCode: 1008,
    retryable: false,
    sentence: "The parameter '{parameter}' must be {expected}.",
    advice: "Correct it, or leave it out where it has a default.",
  },
  invalid_message: {
    httpStatus: 400,
    closeCode: 1008,
    retryable: false,
    sentence: "The message could not be read: {reason}.",
    advice: "Send one JSON object per text frame, with the member types the protocol asks for.",
  },
  invalid_body: {
    httpStatus: 422,
    closeCode: 1008,
    retryable: false,
    sentence: "The request body could not be read: {reason}.",
    advice: "Send a JSON object with the member types the endpoint asks for.",
  },
  protocol_error: {
    httpStatus: 400,
    closeCode: 1002,
    retryable: false,
    sentence: "The client's WebSocket frames are not as RFC 6455 has them: {reason}.",
    advice:
      "Use a WebSocket library, in its newest release; a proxy in between must not change frames.",
  },
  message_too_big: {
    httpStatus: 413,
    closeCode: 1009,
    retryable: false,
    sentence: "The message is larger than {limit} bytes.",
    advice: "Send less at once; messages of a stream are joined exactly as sent.",
  },
  text_empty: {
    httpStatus: 400,
    closeCode: 1008,
    retryable: false,
    sentence: "The text is empty: there is nothing to speak.",
    advice: "Send at least one character that is not white space.",
  },
  text_too_long: {
    httpStatus: 400,
    closeCode: 1008,
    retryable: false,
    sentence:
      "This request's text has {length} characters and exceeds the limit of {limit} characters of model '{modelId}'.",
    advice: "Cut the text, or stream it through the WebSocket, which has no such limit.",
  },
  input_timeout: {
    httpStatus: 408,
    closeCode: 1008,
    retryable: true,
    sentence: "No message arrived within the inactivity timeout of {seconds} seconds.",
    advice:
      'Send {"text":" "} now and then, raise inactivity_timeout (180 at most), or send the end marker {"text":""} when done.',
  },
  reader_stalled: {
    httpStatus: 408,
    closeCode: 1008,
    retryable: true,
    sentence: "The client took nothing of what was sent to it for {seconds} seconds.",
    advice:
      "Read from the connection all the time, also while nothing is played, or raise --stall-seconds.",
  },
  too_many_concurrent_requests: {
    httpStatus: 429,
    closeCode: 1008,
    retryable: true,
    sentence: "Too many concurrent requests: at most {limit} streams may speak at the same time.",
    advice:
      "Try again after a moment, or have the limit raised: that of the key, or --max-concurrency.",
  },
  server_busy: {
    httpStatus: 429,
    closeCode: 1013,
    retryable: true,
    sentence:
      "The server speaks to as many listeners as it can without letting them run dry; there may be room in {retryAfterSeconds} seconds.",
    advice:
      "Try again after that time; add processors or a faster voice if it happens often, or let everybody in with --overload admit.",
  },
  too_many_contexts: {
    httpStatus: 429,
    closeCode: 1008,
    retryable: true,
    sentence:
      "The context was not opened: at most {limit} contexts of one connection may be open at the same time.",
    advice: "Close one with close_context first, open another connection, or raise --max-contexts.",
  },
  settings_changed: {
    httpStatus: 400,
    closeCode: 1008,
    retryable: false,
    sentence: "A context was given other voice_settings than it began with.",
    advice:
      "Give voice_settings with a context's first message and leave them as they are; in the profile kind they may change.",
  },
  tls_on_plain_port: {
    httpStatus: 400,
    closeCode: 1008,
    retryable: false,
    sentence: "The client speaks TLS (https or wss), and this port is plain HTTP.",
    advice:
      "Use http:// or ws:// here; or start the server with --tls-cert and --tls-key, or put a proxy that ends TLS in front of it.",
  },
  plain_on_tls_port: {
    httpStatus: 400,
    closeCode: 1008,
    retryable: false,
    sentence: "The client speaks plain HTTP (http or ws), and this port is encrypted.",
    advice: "Use https:// or wss:// here.",
  },
  malformed_request: {
    httpStatus: 400,
    closeCode: 1008,
    retryable: false,
    sentence: "The request is not valid HTTP.",
    advice: "Check the address, and that http and https, ws and wss are not mixed up.",
  },
  headers_too_large: {
    httpStatus: 431,
    closeCode: 1008,
    retryable: false,
    sentence: "The address and headers of the request are larger than 16 KiB.",
    advice: "Send text in the body or as messages, and no large headers.",
  },
  request_timeout: {
    httpStatus: 408,
    closeCode: 1008,
    retryable: true,
    sentence: "The request was not complete after {seconds} seconds.",
    advice: "Send headers at once, and a body in one go or at a steady pace.",
  },
  host_not_allowed: {
    httpStatus: 421,
    closeCode: 1008,
    retryable: false,
    sentence: "This server does not answer to the name in the Host header.",
    advice:
      "Use one of the names the server is set to, or add this one with --allowed-hosts; a proxy in front has to pass the Host header on.",
  },
  origin_not_allowed: {
    httpStatus: 403,
    closeCode: 1008,
    retryable: false,
    sentence: "Web pages of this origin may not use this server.",
    advice: "Add the page's origin with --allowed-origins.",
  },
  too_many_connections: {
    httpStatus: 429,
    closeCode: 1008,
    retryable: true,
    sentence: "One address may have {limit} connections at the same time.",
    advice:
      "Close connections that are not needed, or raise --max-connections-per-address; for a proxy in front, name it with --trust-proxy.",
  },
  invalid_handshake: {
    httpStatus: 400,
    closeCode: 1008,
    retryable: false,
    sentence: "The WebSocket handshake is not as it must be: {reason}.",
    advice: "Open the socket with a WebSocket library; a proxy in front has to pass upgrades on.",
  },
  not_found: {
    httpStatus: 404,
    closeCode: 1008,
    retryable: false,
    sentence: "There is no such address here.",
    advice: "Check the path; the routes are listed in the README.",
  },
  method_not_allowed: {
    httpStatus: 405,
    closeCode: 1008,
    retryable: false,
    sentence: "Method Not Allowed",
    advice: "Use one of the methods in the Allow header.",
  },
  upgrade_required: {
    httpStatus: 426,
    closeCode: 1008,
    retryable: false,
    sentence: "This address is a WebSocket endpoint and was asked over plain HTTP.",
    advice: "Open it as a WebSocket: ws:// or wss:// instead of http:// or https://.",
  },
  upgrade_not_possible: {
    httpStatus: 400,
    closeCode: 1008,
    retryable: false,
    sentence: "This address is an HTTP endpoint and was asked for a WebSocket.",
    advice: "Use stream-input for a WebSocket, or send a plain HTTP request.",
  },
  unsupported_media_type: {
    httpStatus: 415,
    closeCode: 1008,
    retryable: false,
    sentence: "The body's content type is not application/json.",
    advice: "Send JSON with content-type: application/json.",
  },
  form_expected: {
    httpStatus: 415,
    closeCode: 1008,
    retryable: false,
    sentence: "The body is not a form.",
    advice: "Send it with content-type: multipart/form-data.",
  },
  connection_not_found: {
    httpStatus: 404,
    closeCode: 1008,
    retryable: false,
    sentence: "A connection with id '{id}' was not found.",
    advice:
      "Its id is the x-trace-id of its answer; list the connections with GET /v1/connections. The oldest ones are dropped, those of other keys need the scope admin, and --connection-records off keeps none.",
  },
  history_item_not_found: {
    httpStatus: 404,
    closeCode: 1008,
    retryable: false,
    sentence: "A history item with id '{id}' was not found.",
    advice:
      "List the items with GET /v1/history; the oldest ones are dropped, and requests with enable_logging=false leave none.",
  },
  pronunciation_dictionary_not_found: {
    httpStatus: 404,
    closeCode: 1008,
    retryable: false,
    sentence: "A pronunciation dictionary with id '{id}' was not found.",
    advice: "List the dictionaries with GET /v1/pronunciation-dictionaries.",
  },
  pronunciation_dictionary_version_not_found: {
    httpStatus: 404,
    closeCode: 1008,
    retryable: false,
    sentence: "The pronunciation dictionary '{id}' has no version with id '{versionId}'.",
    advice: "Use the version_id that was answered when the version was made.",
  },
  invalid_lexicon: {
    httpStatus: 400,
    closeCode: 1008,
    retryable: false,
    sentence: "The pronunciation lexicon could not be read: {reason}.",
    advice:
      "Send a PLS 1.0 file whose lexemes each have a grapheme, and an alias or a phoneme in the alphabet ipa or cmu-arpabet.",
  },
  dictionaries_full: {
    httpStatus: 400,
    closeCode: 1008,
    retryable: false,
    sentence:
      "There is no room for more pronunciation rules: all versions together may have {limit} characters, counting {ruleChars} more for every rule.",
    advice:
      "Send fewer rules, and change dictionaries seldom: every version that was ever made is kept and counts. Another data folder or database begins with none.",
  },
  not_supported: {
    httpStatus: 403,
    closeCode: 1008,
    retryable: false,
    sentence: "This server cannot {action}: {reason}.",
    advice:
      "Use what it has: GET /v1/voices lists its voices, and tts_websocket is its kind of single-use token. The hosted service does the rest.",
  },
  engine_failed: {
    httpStatus: 500,
    closeCode: 1011,
    retryable: true,
    sentence: "The engine of this voice failed on this text, or is down.",
    advice: "Try again; if it goes on, report the trace id with the server's log.",
  },
  internal_error: {
    httpStatus: 500,
    closeCode: 1011,
    retryable: true,
    sentence: "The server failed unexpectedly.",
    advice: "Try again; if it goes on, report the trace id with the server's log.",
  },
  shutting_down: {
    httpStatus: 503,
    closeCode: 1001,
    retryable: true,
    sentence: "The server is shutting down.",
    advice: "Connect again; another process or a restarted one will answer.",
  },
} as const;

/** The stable name of one thing that can go wrong. */
export type ErrorCode = keyof typeof problems;

/** The row of a code. */
export function problemRow(code: ErrorCode): ProblemRow {
  return problems[code];
}

/** One occurrence of a row of the catalogue. Its details never hold text, audio or keys. */
export interface Problem {
  readonly code: ErrorCode;
  readonly details: Readonly<Record<string, string | number>>;
  /** What is behind it and only told to whoever looks after the server: it would help a guesser. */
  readonly hidden?: HiddenCause;
}

/** What may be wrong with a credential. */
export interface HiddenCause {
  readonly id: "key_unknown" | "key_revoked" | "key_expired" | "key_replaced" | "key_address";
  readonly details: Problem["details"];
}

/** A problem on its way to whoever must tell the client. */
export class SpeechError extends Error {
  override readonly name = "SpeechError";
  readonly problem: Problem;

  constructor(code: ErrorCode, details: Problem["details"] = {}, cause?: unknown) {
    super(describe({ code, details }), cause === undefined ? undefined : { cause });
    this.problem = { code, details };
  }

  /** Throws a problem that was found before. */
  static of(problem: Problem): SpeechError {
    return Object.assign(new SpeechError(problem.code, problem.details), { problem });
  }
}

/** The sentence of a problem with its details filled in. */
export function describe(problem: Problem): string {
  return fill(problems[problem.code].sentence, problem.details);
}

/** How long to wait before the same request may succeed, in seconds; undefined when it will not. */
export function retryAfterSeconds({ code, details }: Problem): number | undefined {
  const { retryable, httpStatus } = problemRow(code);
  if (!retryable || httpStatus === 500) return undefined;
  return Number(details["retryAfterSeconds"] ?? 1);
}

/** Fills each `{name}` of `template` from `details`; a name without a value stays as it is. */
export function fill(template: string, details: Problem["details"]): string {
  return template.replaceAll(/\{(\w+)\}/g, (whole, name: string) =>
    Object.hasOwn(details, name) ? String(details[name]) : whole,
  );
}

/** The problem behind any failure; what is not a `SpeechError` is an `internal_error`. */
export function toProblem(error: unknown): Problem {
  return error instanceof SpeechError ? error.problem : { code: "internal_error", details: {} };
}
