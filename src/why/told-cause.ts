import { type ErrorCode, problems } from "../protocol/problems.ts";
import type { WhyCauseId } from "./field-causes.ts";
import { networkWords } from "./rules/network-words.ts";
import { ownWords } from "./rules/own-words.ts";
import { serviceWords } from "./rules/service-words.ts";

/** What a server said of a fault, in a frame, a refusal or a Close frame. */
export interface Told {
  /** Its names for the fault, the most precise first. */
  readonly codes: readonly string[];
  readonly message: string | undefined;
}

/** Names of faults that the vendors spell otherwise than the catalogue does. */
const causesByCode: Readonly<Record<string, WhyCauseId>> = {
  needs_authorization: "authentication_required",
  missing_permissions: "missing_permission",
  voice_id_does_not_exist: "voice_not_found",
  voice_does_not_exist: "voice_not_found",
  invalid_voice_id: "voice_not_found",
  invalid_voice: "voice_not_found",
  input_timeout_exceeded: "input_timeout",
  inactivity_timeout: "input_timeout",
  invalid_input_message: "invalid_message",
  invalid_json: "invalid_message",
  max_active_conversations: "too_many_contexts",
  invalid_voice_settings: "settings_changed",
  detected_unusual_activity: "unusual_activity",
  concurrent_limit_exceeded: "too_many_concurrent_requests",
  concurrency_limited: "too_many_concurrent_requests",
  system_busy: "server_busy",
  rate_limit_exceeded: "rate_limited",
  output_format_not_allowed: "format_not_in_plan",
  subscription_required: "format_not_in_plan",
  "only_for_creator+": "plan_required",
  payment_required: "plan_required",
  invalid_parameters: "invalid_parameter",
  invalid_request: "invalid_parameter",
  invalid_enum_value: "invalid_parameter",
  invalid_query: "invalid_parameter",
  max_character_limit_exceeded: "text_too_long",
  model_deprecated: "model_retired",
  model_access_denied: "model_not_allowed",
  synthesis_failed: "engine_failed",
  server_shutdown: "shutting_down",
  session_expired: "session_max_age",
};

/** Codes of Close frames that say something by themselves. */
const causesByClose: Readonly<Record<number, WhyCauseId>> = {
  1001: "shutting_down",
  1011: "internal_error",
  1012: "service_restart",
  1013: "server_busy",
};

/** Sentences of the vendors, and this server's own. */
const serverWords = [...serviceWords, ...ownWords];

const isErrorCode = (code: string): code is ErrorCode => Object.hasOwn(problems, code);

/** The cause that a server's words name; undefined where they name none. */
export function causeOfTold({ codes, message = "" }: Told): WhyCauseId | undefined {
  const names = codes.map((code) => code.toLowerCase());
  for (const code of names) {
    if (Object.hasOwn(causesByCode, code)) return causesByCode[code];
    if (isErrorCode(code)) return code;
  }
  const found = serverWords.find(({ words }) => words.test(message))?.cause;
  // It is said of keys that are missing, and of those that are bad.
  return found ?? (names.includes("unauthorized") ? "invalid_api_key" : undefined);
}

/** The cause of a Close frame by its reason and code. */
export function causeOfClose(code: number, reason: string): WhyCauseId | undefined {
  return causeOfTold({ codes: [reason], message: reason }) ?? causesByClose[code];
}

/** How servers say that they are encrypted, to whoever is not. */
const plainWords = networkWords.find(({ cause }) => cause === "plain_on_tls_port")?.words;

/** How an upgrade was answered that was not taken. */
export interface RefusedUpgrade {
  readonly status: number;
  readonly body: string;
  /** Whether a key was shown. */
  readonly hadKey: boolean;
}

/** The cause of a refused upgrade; undefined where its status may mean many things. */
export function causeOfRefusal({ status, body, hadKey }: RefusedUpgrade): WhyCauseId | undefined {
  const isProxy = isOfProxy(status, body);
  const named = causeOfBody(body, isProxy);
  if (named !== undefined) return named;
  if (isProxy) return "proxy_no_upgrade";
  if (status === 401) return hadKey ? "invalid_api_key" : "authentication_required";
  return causesByStatus[status];
}

/** What the body of a refusal names; the page of a proxy may say anything in its words. */
function causeOfBody(body: string, isProxy: boolean): WhyCauseId | undefined {
  const json = parse(body);
  if (json !== undefined) return causeOfTold(readTold(json));
  if (plainWords?.test(body)) return "plain_on_tls_port";
  return isProxy ? undefined : causeOfTold({ codes: [], message: body });
}

const causesByStatus: Readonly<Record<number, WhyCauseId>> = {
  402: "plan_required",
  404: "not_found",
  408: "request_timeout",
  410: "model_retired",
  421: "host_not_allowed",
  426: "upgrade_required",
  429: "too_many_concurrent_requests",
  431: "headers_too_large",
  500: "internal_error",
};

/** Whether an answer is one of a proxy or web server that knows nothing of the upgrade. */
function isOfProxy(status: number, body: string): boolean {
  if (status >= 200 && status < 300) return true;
  if (status === 502 || status === 504) return true;
  const isPage = /^\s*(?:<!doctype|<html|<h1|<head)/i.test(body);
  return isPage && [400, 403, 405, 426, 501, 503].includes(status);
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** Where names of faults stand, the most precise first. */
const codeMembers = ["status", "error_code", "code", "error"] as const;
const messageMembers = ["message", "msg"] as const;
/** How deep an answer holds what it says. */
const maxDepth = 4;

/** The names and the sentence in a frame or the body of a refusal, wherever the vendor puts them. */
export function readTold(json: unknown): Told {
  const codes: string[] = [];
  const messages: string[] = [];
  const look = (value: unknown, depth: number): void => {
    if (typeof value !== "object" || value === null || depth > maxDepth) return;
    const members = value as Readonly<Record<string, unknown>>;
    for (const name of codeMembers) {
      const code = members[name];
      if (typeof code === "string" && code !== "error") codes.push(code);
    }
    for (const name of messageMembers) {
      const message = members[name];
      if (typeof message === "string") messages.push(message);
    }
    // Of a list the first entry says enough.
    const inner = Array.isArray(value) ? value.slice(0, 1) : Object.values(members).slice(0, 20);
    for (const each of inner) look(each, depth + 1);
  };
  look(json, 0);
  return { codes, message: messages[0] };
}
