import type { WhyCauseId } from "../src/why/field-causes.ts";

/** A close code or status that logs show, and where to look for its cause. */
export interface CodeRow {
  /** As it is shown. */
  readonly code: string;
  readonly closeCode?: number;
  readonly httpStatus?: number;
  /** What it says by itself. */
  readonly says: string;
  /** The pages to read first, the commonest cause at the beginning; others with the code follow. */
  readonly first: readonly WhyCauseId[];
}

/** Close codes of sockets that were open, in the field. */
export const closeCodeRows: readonly CodeRow[] = [
  {
    code: "1000",
    closeCode: 1000,
    says: "Somebody closed in good order. On stream-input that is how every stream ends; Waves ends idle sockets with it.",
    first: [
      "end_marker",
      "empty_text_as_keepalive",
      "text_after_end",
      "no_text",
      "close_socket",
      "input_timeout",
    ],
  },
  {
    code: "1001",
    closeCode: 1001,
    says: "Going away: a server that stops, a browser tab that is left.",
    first: ["shutting_down", "session_max_age", "client_closed"],
  },
  {
    code: "1002",
    closeCode: 1002,
    says: "From a speech socket: broken frames. From the hosted platform for agents: something it waited for failed.",
    first: ["llm_timeout", "llm_first_content_timeout", "custom_llm_failed", "protocol_error"],
  },
  {
    code: "1005",
    says: "Not on the wire: there was a Close frame without a code, which is how a client's plain close() looks.",
    first: ["client_closed", "client_closed_midway"],
  },
  {
    code: "1006",
    closeCode: 1006,
    says: "Not on the wire: there was no Close frame. Browsers show it for refused handshakes, too.",
    first: [
      "client_lost",
      "proxy_idle_timeout",
      "peer_silent",
      "process_killed",
      "connection_refused",
    ],
  },
  {
    code: "1007",
    says: "A text frame was not UTF-8.",
    first: ["protocol_error"],
  },
  {
    code: "1008",
    closeCode: 1008,
    says: "Policy: the vendor's code for nearly everything. The reason, or the error frame before it, says what.",
    first: [
      "input_timeout",
      "invalid_api_key",
      "too_many_contexts",
      "phantom_context",
      "settings_changed",
      "voice_not_found",
      "quota_exceeded",
    ],
  },
  {
    code: "1009",
    closeCode: 1009,
    says: "Too big. `sent 1009`: the client's own limit; `received 1009`: the server's.",
    first: ["client_frame_limit", "message_too_big"],
  },
  {
    code: "1011",
    closeCode: 1011,
    says: "`sent 1011 … keepalive ping timeout`: the client's library gave up. `received 1011`: the server failed.",
    first: ["client_ping_timeout", "internal_error", "engine_failed"],
  },
  {
    code: "1012",
    closeCode: 1012,
    says: "The service is restarted.",
    first: ["service_restart"],
  },
  {
    code: "1013",
    closeCode: 1013,
    says: "Try again later.",
    first: ["server_busy", "rate_limited", "records_unavailable"],
  },
  {
    code: "3000",
    closeCode: 3000,
    says: "Agents: not found, or not for this client.",
    first: ["agent_not_found"],
  },
  {
    code: "3008",
    closeCode: 3008,
    says: "Agents: too many conversations at the same time.",
    first: ["agent_concurrency"],
  },
  {
    code: "-1 (LiveKit)",
    says: "LiveKit's word for a close without a code, or for one it did not wait for. Look at the lines before it.",
    first: [
      "input_timeout",
      "client_lost",
      "too_many_contexts",
      "invalid_api_key",
      "used_after_close",
    ],
  },
];

/** Statuses that a handshake, or a request, was answered with in the field. */
export const statusRows: readonly CodeRow[] = [
  {
    code: "200",
    says: "Something that knows no WebSockets answered, mostly a page of a proxy.",
    first: ["proxy_no_upgrade"],
  },
  {
    code: "400",
    httpStatus: 400,
    says: "The address or a parameter is wrong, or the upgrade did not come through.",
    first: ["unsupported_model", "invalid_handshake", "proxy_no_upgrade", "tls_on_plain_port"],
  },
  {
    code: "401",
    httpStatus: 401,
    says: "The credential, or what it may do; at ElevenLabs the quota as well.",
    first: ["invalid_api_key", "authentication_required", "missing_permission", "quota_exceeded"],
  },
  {
    code: "402",
    httpStatus: 402,
    says: "The plan.",
    first: ["plan_required"],
  },
  {
    code: "403",
    httpStatus: 403,
    says: "Not allowed: a model without sockets (2025), a format, the plan, a web page's origin.",
    first: [
      "unsupported_model",
      "invalid_output_format",
      "format_not_in_plan",
      "origin_not_allowed",
    ],
  },
  {
    code: "404",
    httpStatus: 404,
    says: "The path, very often a missing or doubled `/v1`; or the voice.",
    first: ["not_found", "voice_not_found"],
  },
  {
    code: "408",
    httpStatus: 408,
    says: "The request did not come to its end.",
    first: ["request_timeout"],
  },
  {
    code: "410",
    httpStatus: 410,
    says: "The model is gone (Waves).",
    first: ["model_retired"],
  },
  {
    code: "413",
    httpStatus: 413,
    says: "Too much in one body.",
    first: ["message_too_big"],
  },
  {
    code: "426",
    httpStatus: 426,
    says: "A socket's address was asked over plain HTTP, or a proxy dropped the upgrade.",
    first: ["upgrade_required", "proxy_no_upgrade"],
  },
  {
    code: "429",
    httpStatus: 429,
    says: "Too many: streams at once, requests, contexts, connections.",
    first: ["too_many_concurrent_requests", "rate_limited", "server_busy", "too_many_connections"],
  },
  {
    code: "431",
    httpStatus: 431,
    says: "The address and headers are too large; text does not belong into either.",
    first: ["headers_too_large"],
  },
  {
    code: "500",
    httpStatus: 500,
    says: "The server failed.",
    first: ["internal_error", "engine_failed"],
  },
  {
    code: "502, 504",
    says: "A proxy's words: it did not reach the server, or did not wait for it.",
    first: ["proxy_no_upgrade", "proxy_idle_timeout", "connection_refused"],
  },
  {
    code: "503",
    httpStatus: 503,
    says: "Not now.",
    first: ["shutting_down", "records_unavailable", "proxy_no_upgrade"],
  },
  {
    code: "none",
    says: "No answer at all.",
    first: [
      "connection_refused",
      "name_not_found",
      "certificate_not_trusted",
      "tls_on_plain_port",
      "plain_on_tls_port",
      "network_unreachable",
    ],
  },
];
