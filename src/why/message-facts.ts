import { isObject, parseObject } from "./parse-object.ts";

/** What a message of the wire says, as far as it can be read; sources cut long ones short. */
export interface MessageFacts {
  readonly text: string | undefined;
  readonly contextId: string | undefined;
  readonly flush: boolean;
  readonly closesContext: boolean;
  readonly closesSocket: boolean;
  /** Written in one way, so that equal settings are equal; undefined if there are none. */
  readonly voiceSettings: string | undefined;
  readonly hasAudio: boolean;
  readonly isFinal: boolean;
  /** Waves: `chunk`, `complete`, `error`. */
  readonly status: string | undefined;
  /** Of the agents platform. */
  readonly type: string | undefined;
  /** What an error says: its name and its words. */
  readonly error: string | undefined;
}

/** Whose messages look like this; undefined if either's may. */
export type Side = "client" | "server";

/** Reads what a message says; one that is cut short, or that Python or Node printed, as far as it goes. */
export function readMessage(data: string): MessageFacts {
  const json = parseObject(data);
  return json ? readJson(json) : probe(data);
}

const nonEmpty = (value: unknown): boolean => typeof value === "string" && value !== "";
const textOf = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? value : undefined;

function readJson(json: Readonly<Record<string, unknown>>): MessageFacts {
  const settings = json["voice_settings"];
  const nested = json["data"] as Readonly<Record<string, unknown>> | null | undefined;
  const spoken = json["text"];
  return {
    text: typeof spoken === "string" ? spoken : undefined,
    contextId: textOf(json["context_id"] ?? json["contextId"]),
    flush: json["flush"] === true,
    closesContext: json["close_context"] === true || json["closeContext"] === true,
    closesSocket: json["close_socket"] === true || json["closeSocket"] === true,
    voiceSettings: settings === undefined || settings === null ? undefined : inOrder(settings),
    hasAudio: nonEmpty(json["audio"]) || nonEmpty(nested?.["audio"]),
    isFinal: json["isFinal"] === true || json["is_final"] === true,
    status: textOf(json["status"]),
    type: textOf(json["type"]),
    error: isProgress.test(String(json["status"])) ? undefined : errorOf(json),
  };
}

/** Frames of Waves that tell how it goes on, some with a message. */
const isProgress = /^(?:chunk|complete|word_timestamp)$/;

/** The same for the same members, in whatever order. */
function inOrder(value: unknown): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value).filter(([, member]) => member !== null);
  return JSON.stringify(members.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function errorOf(json: Readonly<Record<string, unknown>>): string | undefined {
  const holders = [json["error"], json["error_event"], json["detail"], json["errors"]].flat();
  const isError =
    json["error"] !== undefined || json["status"] === "error" || nonEmpty(json["message"]);
  const words = [...(isError ? [json] : []), ...holders].flatMap((holder) =>
    isObject(holder) ? errorMembers.flatMap((name) => [holder[name]].flat()) : [holder],
  );
  const told = words.filter((word) => typeof word === "string" || typeof word === "number");
  return told.length > 0 ? [...new Set(told)].join(" ") : undefined;
}

/** Where errors have their names, their words, and what they are about. */
const errorMembers = [
  "error",
  "error_type",
  "code",
  "status",
  "message",
  "msg",
  "reason",
  "path",
  "loc",
];

const quoted = (name: string): RegExp =>
  new RegExp(String.raw`["']?\b${name}["']?\s*[:=]\s*(["'\x60])((?:\\.|(?!\1)[^\\])*)(?:\1|$)`);
const patterns = Object.fromEntries(
  ["text", "context_id", "contextId", "status", "type", "error", "message", "audio"].map((name) => [
    name,
    quoted(name),
  ]),
);
const isTrue = (name: string): RegExp =>
  new RegExp(String.raw`["']?\b${name}["']?\s*[:=]\s*[Tt]rue\b`);
const flags = Object.fromEntries(
  ["flush", "close_context", "close_socket", "isFinal", "is_final"].map((name) => [
    name,
    isTrue(name),
  ]),
);
const settingsPattern = /["']?voice_settings["']?\s*[:=]\s*(\{[^}]*\}?)/;

function probe(data: string): MessageFacts {
  const value = (name: string): string | undefined => patterns[name]?.exec(data)?.[2];
  const flag = (name: string): boolean => flags[name]?.test(data) ?? false;
  const error = [value("error"), value("message")].filter(nonEmpty).join(" ");
  return {
    text: value("text"),
    contextId: value("context_id") ?? value("contextId"),
    flush: flag("flush"),
    closesContext: flag("close_context"),
    closesSocket: flag("close_socket"),
    voiceSettings: settingsPattern.exec(data)?.[1]?.replaceAll(/\s/g, ""),
    hasAudio: nonEmpty(value("audio")),
    isFinal: flag("isFinal") || flag("is_final"),
    status: value("status"),
    type: value("type"),
    error: error === "" || isProgress.test(value("status") ?? "") ? undefined : error,
  };
}

const serverMembers =
  /["']?\b(?:audio|isFinal|normalizedAlignment|alignment|conversation_initiation_metadata_event|audio_event|agent_response_event|ping_event|error_event|interruption_event|client_tool_call|user_transcription_event)["']?\s*:/;
const serverError = /["']?\berror(?:_type)?["']?\s*:\s*["'][\w+]+["']/;
const serverErrorMore = /["']?\b(?:message|code)["']?\s*:/;
const serverStatus = /["']?\bstatus["']?\s*:\s*["'](?:chunk|complete|error|word_timestamp)["']/;
const clientMembers =
  /["']?\b(?:xi_api_key|xi-api-key|voice_settings|close_context|close_socket|try_trigger_generation|generation_config|user_audio_chunk|context_close|cancel_request|conversation_config_override)["']?\s*:/;
const clientTypes =
  /["']?\btype["']?\s*:\s*["'](?:conversation_initiation_client_data|user_message|user_activity|contextual_update|client_tool_result|pong)["']/;
const anyText = /^\{\s*["']?text["']?\s*:/;
const contextText = /["']?\b(?:context_id|flush|voice_id)["']?\s*:/;
const hasText = /["']?\btext["']?\s*:/;
const hasVoice = /["']?\bvoice_id["']?\s*:/;
/** Members that a client's message may have; another makes it something else, such as a transcript. */
const clientOnly = /^\{\s*["']?text["']?\s*:\s*(["'])(?:\\.|(?!\1)[^\\])*\1\s*\}$/;

/** Tells by its members whose message this is; undefined for what is no message of these protocols. */
export function sideOf(data: string): Side | undefined {
  if (clientMembers.test(data) || clientTypes.test(data)) return "client";
  if (serverMembers.test(data) || serverStatus.test(data)) return "server";
  if (serverError.test(data) && serverErrorMore.test(data)) return "server";
  if (clientOnly.test(data) || (hasVoice.test(data) && hasText.test(data))) return "client";
  return anyText.test(data) && contextText.test(data) ? "client" : undefined;
}
