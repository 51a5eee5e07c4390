import { retryHeaders } from "../retry-headers.ts";
import { cutToBytes } from "../short-text.ts";
import type { Refusal } from "../../protocol/dialect.ts";
import {
  describe,
  type ErrorCode,
  fill,
  type Problem,
  problemRow,
} from "../../protocol/problems.ts";

/** How a row of the catalogue is spelled where ElevenLabs has a spelling of its own. */
interface Spelling {
  /** `error` of a socket's error frame; the code itself unless given. */
  readonly socketError?: string;
  readonly socketMessage?: string;
  /** `detail.status`, an older name kept by the vendor; the code itself unless given. */
  readonly httpStatusName?: string;
  /** `detail.code`; the code itself unless given. */
  readonly httpCode?: string;
  /** `detail.message`; sentence and advice of the catalogue unless given. */
  readonly httpMessage?: string;
  /** `detail.type`; by HTTP status unless given. */
  readonly httpType?: string;
  /** `detail.param`; the name of a detail in braces is filled in. */
  readonly param?: string;
}

const spellings: Partial<Record<ErrorCode, Spelling>> = {
  authentication_required: {
    socketMessage:
      "None of the authentication methods (xi-api-key, authorization header, single-use token) were found. Please provide one of them.",
    httpStatusName: "needs_authorization",
    httpMessage: "Neither authorization header nor xi-api-key received, please provide one.",
  },
  invalid_api_key: {
    socketMessage: "Invalid API key",
    httpCode: "unauthorized",
    httpMessage: "Invalid API key",
  },
  missing_permission: {
    httpStatusName: "missing_permissions",
    httpCode: "missing_permissions",
    httpMessage:
      "The API key you used is missing the permission {scope} to execute this operation.",
  },
  voice_not_allowed: { httpType: "authorization_error" },
  model_not_allowed: { httpType: "authorization_error" },
  rate_limited: { httpCode: "rate_limit_exceeded", httpStatusName: "rate_limit_exceeded" },
  voice_not_found: {
    socketError: "voice_id_does_not_exist",
    socketMessage: "A voice with voice_id {voiceId} does not exist.",
    httpMessage: "A voice with voice_id '{voiceId}' was not found.",
  },
  engine_not_installed: {
    socketError: "voice_id_does_not_exist",
    httpStatusName: "voice_not_found",
    httpCode: "voice_not_found",
  },
  model_not_found: { param: "model_id" },
  unsupported_model: {
    httpMessage:
      "Model '{modelId}' is not supported on the text-to-speech websocket endpoint. Use the text-to-dialogue websocket endpoint instead. This server has none: use its HTTP endpoints, or another model.",
    param: "model_id",
  },
  unsupported_parameter: { param: "{parameter}" },
  invalid_parameter: {
    httpStatusName: "invalid_parameters",
    httpCode: "invalid_parameters",
    param: "{parameter}",
  },
  invalid_output_format: {
    httpMessage: "Invalid output format '{format}'. Must be one of: {allowed}",
    param: "output_format",
  },
  invalid_message: {
    socketError: "invalid_input_message",
    socketMessage:
      "Could not parse input message, make sure it is a json and follows the schema outlined in protocol.",
  },
  input_timeout: {
    socketError: "input_timeout_exceeded",
    socketMessage:
      'Have not received a new text input within the timeout of {seconds} seconds. Streaming input terminated. Please make sure to either feed the input in the timely manner, or to send the end of input text (empty string "") when done.',
  },
  reader_stalled: {
    socketError: "reader_stalled",
    socketMessage:
      "Nothing was read for {seconds} seconds. Read all the time, also while nothing is played.",
  },
  text_too_long: {
    httpStatusName: "max_character_limit_exceeded",
    httpCode: "max_character_limit_exceeded",
    param: "text",
  },
  text_empty: { param: "text" },
  invalid_lexicon: { param: "file" },
  dictionaries_full: { param: "rules" },
  not_supported: { httpType: "authorization_error" },
  origin_not_allowed: { httpType: "authorization_error" },
  server_busy: {
    socketError: "system_busy",
    httpStatusName: "system_busy",
    httpCode: "system_busy",
  },
  too_many_concurrent_requests: { httpCode: "concurrent_limit_exceeded" },
  too_many_contexts: {
    socketError: "max_active_conversations",
    socketMessage:
      "Maximum simultaneous contexts per WebSocket connection exceeded ({limit}). Please close an existing context before opening a new one.",
  },
  settings_changed: {
    socketError: "invalid_voice_settings",
    socketMessage:
      "voice_settings field must be provided in the first message and then either be not provided or not change.",
  },
};

/** The vendor's `type` of an error, by HTTP status. */
const errorTypes: Readonly<Record<number, string>> = {
  401: "authentication_error",
  404: "not_found",
  429: "rate_limit_error",
  500: "internal_error",
  503: "service_unavailable",
};

const spellingOf = (code: ErrorCode): Spelling => spellings[code] ?? {};

const explain = (problem: Problem): string =>
  `${describe(problem)} ${fill(problemRow(problem.code).advice, problem.details)}`;

/** An error frame of a socket. */
export interface SocketErrorFrame {
  readonly message: string;
  readonly error: string;
  readonly code: number;
}

export function formatSocketError(problem: Problem): SocketErrorFrame {
  const { socketError = problem.code, socketMessage } = spellingOf(problem.code);
  return {
    message: socketMessage ? fill(socketMessage, problem.details) : explain(problem),
    error: socketError,
    code: problemRow(problem.code).closeCode,
  };
}

const maxReasonBytes = 123;

/** Code and reason of the Close frame; the reason is the error's message as far as it fits. */
export function formatClose(problem: Problem | undefined): { code: number; reason: string } {
  if (!problem) return { code: 1000, reason: "" };
  const { code, message } = formatSocketError(problem);
  return { code, reason: cutToBytes(message, maxReasonBytes) };
}

/** The JSON answer to a request that fails, or to an upgrade that is refused. */
export function formatRefusal(problem: Problem, requestId: string): Refusal {
  const { httpStatus: status } = problemRow(problem.code);
  return {
    status,
    headers: retryHeaders(problem),
    body: { detail: formatDetail(problem, requestId) },
  };
}

function formatDetail(problem: Problem, requestId: string): unknown {
  const { code, details } = problem;
  if (code === "method_not_allowed") return describe(problem);
  if (code === "invalid_body") return [formatValidation(details)];
  const { httpStatusName = code, httpCode = code, httpMessage, httpType, param } = spellingOf(code);
  return {
    type: httpType ?? errorTypes[problemRow(code).httpStatus] ?? "validation_error",
    code: httpCode,
    message: httpMessage ? fill(httpMessage, details) : explain(problem),
    status: httpStatusName,
    request_id: requestId,
    ...(param && { param: fill(param, details) }),
  };
}

/** One entry of a 422's list, in the shape of the vendor's own validator. */
function formatValidation({ reason, member, kind }: Problem["details"]): unknown {
  const loc = [
    "body",
    ...String(member ?? "")
      .split(".")
      .filter(Boolean),
  ];
  return { type: kind ?? "value_error", loc, msg: reason, input: null };
}
