import { retryHeaders } from "../retry-headers.ts";
import type { Refusal } from "../../protocol/dialect.ts";
import {
  describe,
  type ErrorCode,
  fill,
  type Problem,
  problemRow,
} from "../../protocol/problems.ts";

/** How a row of the catalogue is spelled where Waves has a spelling of its own. */
interface Spelling {
  /** `error.code`; the row's own code unless given. */
  readonly code?: string;
  /** Sentence and advice of the catalogue unless given; the name of a detail in braces is filled in. */
  readonly message?: string;
  /** What the caller can change here; the catalogue's own unless given. */
  readonly advice?: string;
  /** The member it is about. */
  readonly path?: string;
  readonly httpStatus?: number;
  /** The row's own unless given. */
  readonly closeCode?: number;
  readonly closeReason?: string;
}

const spellings: Partial<Record<ErrorCode, Spelling>> = {
  authentication_required: {
    code: "unauthorized",
    advice:
      "Send the key as Authorization: Bearer, or as token in the query of a socket; or start the server with --auth off.",
  },
  invalid_api_key: { code: "unauthorized", message: "Invalid API key" },
  voice_not_found: {
    code: "invalid_voice_id",
    message: "Invalid Voice ID",
    advice:
      "List the voices with GET /waves/v1/{model}/get_voices, or set a fallback voice with --fallback-voice.",
    path: "voice_id",
    httpStatus: 400,
  },
  engine_not_installed: { code: "invalid_voice_id", path: "voice_id", httpStatus: 400 },
  model_not_found: {
    path: "model",
    advice: "Use lightning_v3.1, lightning_v3.1_pro, lightning-v2, lightning-large or lightning.",
  },
  model_retired: {
    code: "model_deprecated",
    path: "model",
    advice: "Use {recommended}, or start the server with --waves-retired-models serve.",
  },
  invalid_parameter: { code: "invalid_request", message: "{issue}", path: "{parameter}" },
  invalid_message: { code: "invalid_request" },
  invalid_body: { code: "invalid_request", httpStatus: 400 },
  text_empty: { code: "invalid_request", path: "text" },
  text_too_long: {
    path: "text",
    advice: "Cut the text; on a socket, send it in several messages with continue.",
  },
  too_many_concurrent_requests: { code: "concurrency_limited" },
  too_many_contexts: {
    code: "concurrency_limited",
    advice: "Close one with context_close first, or open another connection.",
  },
  upgrade_not_possible: {
    advice: "Open /waves/v1/tts/live for a WebSocket, or send a plain HTTP request.",
  },
  not_supported: {
    advice: "Use one of its voices: GET /waves/v1/{model}/get_voices lists them.",
  },
  input_timeout: {
    code: "inactivity_timeout",
    message: "Connection timed out after {seconds} seconds of inactivity",
    advice: "Send a blank text now and then, or ask for a longer timeout in the address.",
    closeCode: 1000,
    closeReason: "inactivity_timeout",
  },
  reader_stalled: {
    advice: "Read from the socket all the time, also while nothing is played.",
    closeReason: "reader_stalled",
  },
  engine_failed: { code: "synthesis_failed" },
  internal_error: { code: "synthesis_failed" },
  shutting_down: { code: "server_shutdown" },
};

const spellingOf = (code: ErrorCode): Spelling => spellings[code] ?? {};

const adviceOn = ({ code, details }: Problem): string =>
  fill(spellingOf(code).advice ?? problemRow(code).advice, details);

function messageOf({ code, details }: Problem): string {
  const { message } = spellingOf(code);
  const whole = `${describe({ code, details })} ${adviceOn({ code, details })}`;
  if (message === undefined) return whole;
  return message === "{issue}" && details["issue"] === undefined ? whole : fill(message, details);
}

/** What kind of mistake it is, as the vendor's validator names them. */
function kindOf({ details: { kind = "custom" } }: Problem): string {
  return kind === "json_invalid" ? "invalid_json" : String(kind);
}

/** Kinds that are told by their own name. */
const wireCodes: ReadonlySet<string> = new Set(["invalid_enum_value", "invalid_json", "bad_frame"]);

function codeOf(problem: Problem): string {
  const { code } = problem;
  const kind = kindOf(problem);
  if (wireCodes.has(kind)) return kind;
  return spellingOf(code).code ?? code;
}

/** One entry of `errors`, in the shape of the vendor's own validator. */
function formatIssue(problem: Problem): object {
  const { details } = problem;
  const path = fill(spellingOf(problem.code).path ?? "", details);
  const { received, options } = details;
  return {
    ...(received !== undefined && { received }),
    code: kindOf(problem),
    ...(options !== undefined && { options: String(options).split(",") }),
    path: path === "" ? [] : path.split("."),
    message: messageOf(problem),
  };
}

/** An alias, not an interface: whoever reads it may look for members that it does not name. */
type SocketError = {
  readonly message: string;
  readonly code: string;
  readonly error: object;
  readonly errors: readonly object[];
};

/** What an error frame says besides whose it is. */
export function formatSocketError(problem: Problem): SocketError {
  const message = messageOf(problem);
  const { retryable } = problemRow(problem.code);
  const advice = adviceOn(problem);
  const code = codeOf(problem);
  return {
    message,
    code,
    error: { message, code, retryable, advice },
    errors: [formatIssue(problem)],
  };
}

/** Code and reason of the Close frame. */
export function formatClose(problem: Problem | undefined): { code: number; reason: string } {
  if (!problem) return { code: 1000, reason: "" };
  const { closeCode, closeReason } = spellingOf(problem.code);
  return {
    code: closeCode ?? problemRow(problem.code).closeCode,
    reason: closeReason ?? codeOf(problem),
  };
}

/** Values of `error` over HTTP. */
const names: Readonly<Record<number, string>> = {
  400: "InvalidRequest",
  401: "Unauthorized",
  403: "Forbidden",
  404: "NotFound",
  405: "MethodNotAllowed",
  408: "RequestTimeout",
  410: "ModelDeprecated",
  413: "RequestTooLarge",
  415: "UnsupportedMediaType",
  421: "MisdirectedRequest",
  426: "UpgradeRequired",
  429: "TooManyRequests",
  503: "ServiceUnavailable",
};

/** The JSON answer to a request that fails, or to an upgrade that is refused. */
export function formatRefusal(problem: Problem, requestId: string): Refusal {
  const { httpStatus } = problemRow(problem.code);
  const status = spellingOf(problem.code).httpStatus ?? httpStatus;
  const headers = retryHeaders(problem);
  if (problem.code === "model_retired") {
    return { status, headers, body: formatRetired(problem) };
  }
  const body = {
    error: names[status] ?? "InternalError",
    message: messageOf(problem),
    code: codeOf(problem),
    errors: [formatIssue(problem)],
    request_id: requestId,
  };
  return { status, headers, body };
}

const formatRetired = (problem: Problem): object => ({
  status: "error",
  error: "ModelDeprecated",
  // In frames the codes have lower case.
  error_code: codeOf(problem).toUpperCase(),
  message: messageOf(problem),
  recommended_endpoint: `/waves/v1/${problem.details["recommended"]}/get_speech`,
});
