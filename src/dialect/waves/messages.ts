import { z } from "zod";
import { SpeechError } from "../../protocol/problems.ts";
import { countCharacters } from "../../protocol/records.ts";
import type { Model } from "../../protocol/voice.ts";
import type { Warning } from "../../protocol/warnings.ts";
import { clamp } from "../query.ts";
import { shorten } from "../short-text.ts";
import { type FormatName, formatNames, ratesHz, streamingRatesHz } from "./formats.ts";

/** What a message or body asks for; the members of sockets only are ignored over HTTP. */
export interface WireRequest {
  readonly text?: string | undefined;
  readonly voice_id?: string | undefined;
  readonly model?: string | undefined;
  readonly continue?: boolean | undefined;
  readonly flush?: boolean | undefined;
  readonly max_buffer_flush_ms?: number | undefined;
  readonly complete_backoff_ms?: number | undefined;
  readonly language?: string | undefined;
  readonly sample_rate?: number | undefined;
  readonly speed?: number | undefined;
  readonly output_format?: FormatName | undefined;
  readonly add_wav_header?: boolean | undefined;
  readonly word_timestamps?: boolean | undefined;
  readonly session_id?: string | undefined;
  readonly request_id?: string | undefined;
  readonly pronunciation_dicts?: readonly string[] | undefined;
  readonly consistency?: number | undefined;
  readonly similarity?: number | undefined;
  readonly context_id?: string | undefined;
  readonly context_close?: boolean | undefined;
  readonly cancel_request?: boolean | undefined;
  readonly max_buffer_delay_ms?: number | undefined;
  readonly is_streaming?: boolean | undefined;
  readonly is_final?: boolean | undefined;
}

/** `null` means absent. */
const optional = <Value>(schema: z.ZodType<Value>): z.ZodType<Value | undefined> =>
  schema.nullish().transform((value) => value ?? undefined);

const identifier = z
  .string()
  .max(128)
  .regex(/^[a-zA-Z0-9_\-.]+$/);
const rate = (rates: readonly number[]): z.ZodType<number> =>
  z.number().refine((value) => rates.includes(value), `Expected one of ${rates.join(", ")}`);

const members: Record<keyof WireRequest, z.ZodType> = {
  text: optional(z.string()),
  voice_id: optional(z.string()),
  model: optional(z.string()),
  continue: optional(z.boolean()),
  flush: optional(z.boolean()),
  max_buffer_flush_ms: optional(z.number()),
  complete_backoff_ms: optional(z.number()),
  language: optional(z.string()),
  sample_rate: optional(rate(ratesHz)),
  speed: optional(z.number()),
  output_format: optional(z.enum(formatNames)),
  add_wav_header: optional(z.boolean()),
  word_timestamps: optional(z.boolean()),
  session_id: optional(identifier),
  request_id: optional(identifier),
  pronunciation_dicts: optional(z.array(z.string())),
  consistency: optional(z.number()),
  similarity: optional(z.number()),
  context_id: optional(identifier),
  context_close: optional(z.boolean()),
  cancel_request: optional(z.boolean()),
  max_buffer_delay_ms: optional(z.number()),
  is_streaming: optional(z.boolean()),
  is_final: optional(z.boolean()),
};

/** Members that are accepted and change nothing here, whatever they hold. */
const ignoredMembers: ReadonlySet<string> = new Set([
  "number_pronunciation_language",
  "math_notation",
  "enhancement",
  "transliterate",
  "remove_extra_silence",
  "save_history",
  "get_end_of_response_token",
]);

/** Whether a member is one of the protocol's. */
export const isKnownMember = (name: string): boolean =>
  Object.hasOwn(members, name) || ignoredMembers.has(name);

const requestSchema = z.looseObject(members) as unknown as z.ZodType<WireRequest>;
const streamingSchema = z.looseObject({
  ...members,
  sample_rate: optional(rate(streamingRatesHz)),
}) as unknown as z.ZodType<WireRequest>;

/** Which messages a socket takes: those of all models, or those of the streaming one. */
export type MessageKind = "current" | "streaming";

/**
 * A message or body as this protocol reads it.
 * @throws {SpeechError} invalid_parameter, invalid_message, invalid_body, text_too_long
 */
export function readRequest(
  json: unknown,
  { id: modelId, maxTextChars: limit }: Pick<Model, "id" | "maxTextChars">,
  kind: MessageKind | "body",
): WireRequest {
  const schema = kind === "streaming" ? streamingSchema : requestSchema;
  const parsed = schema.safeParse(json);
  if (!parsed.success) throw faultOf(parsed.error, json, kind);
  const request = parsed.data;
  const length = countCharacters(request.text ?? "");
  if (length > limit) throw new SpeechError("text_too_long", { length, limit, modelId });
  return kind === "streaming" ? asCurrent(request) : request;
}

/** The older names of `continue` and `flush`. Text is final unless it says otherwise. */
function asCurrent({ is_streaming, is_final, ...request }: WireRequest): WireRequest {
  const isText = request.text !== undefined && request.text.trim() !== "";
  if (is_final ?? (isText && request.continue === undefined)) {
    return { ...request, continue: false, flush: true };
  }
  return is_streaming && is_final === false ? { ...request, continue: true } : request;
}

/** What can be said of a message that cannot be read. */
export interface Unreadable {
  /** Of a JSON object: whatever of this it has that can be read. */
  readonly names: Pick<WireRequest, (typeof namingMembers)[number]> | undefined;
  /** Whether it is meant for a context, though perhaps for none that could have been named. */
  readonly isForContext: boolean;
  /** Whether it says that its text is the last of its run. */
  readonly ends: boolean;
}

const namingMembers = ["session_id", "request_id", "context_id", "continue", "flush"] as const;
const namingSchema = z.looseObject(
  Object.fromEntries(namingMembers.map((name) => [name, members[name].catch(undefined)])),
) as unknown as z.ZodType<NonNullable<Unreadable["names"]>>;

/** Reads of a message what can be read. */
export function readUnreadable(json: unknown): Unreadable {
  const { data: names } = namingSchema.safeParse(json);
  const context = names && (json as { context_id?: unknown }).context_id;
  return {
    names,
    isForContext: context !== undefined && context !== null,
    ends: names?.continue === false || (names?.flush === true && names.continue === undefined),
  };
}

/** What a message lacks, in the manner of the first thing wrong with it. */
export function missingMember(parameter: string): SpeechError {
  const details = { parameter, expected: "there", kind: "invalid_type", issue: "Required" };
  return new SpeechError("invalid_parameter", details);
}

/** A message that holds two things which exclude each other. */
export function conflictingMember(parameter: string, issue: string): SpeechError {
  const details = { parameter, expected: "left out", kind: "custom", issue };
  return new SpeechError("invalid_parameter", details);
}

function faultOf(error: z.ZodError, json: unknown, kind: MessageKind | "body"): SpeechError {
  const [issue] = error.issues;
  const parameter = issue?.path.map(String).join(".") ?? "";
  if (parameter === "") {
    const details = { reason: "it is not a JSON object", kind: "invalid_type" };
    return new SpeechError(kind === "body" ? "invalid_body" : "invalid_message", details);
  }
  const received: unknown = (json as Record<string, unknown>)[parameter];
  if (parameter === "output_format") {
    const expected = formatNames.map((name) => `'${name}'`).join(" | ");
    const given = typeof received === "string" ? shorten(received) : typeof received;
    return new SpeechError("invalid_parameter", {
      parameter,
      expected: `one of ${expected}`,
      kind: "invalid_enum_value",
      options: formatNames.join(),
      received: given,
      issue: `Invalid enum value. Expected ${expected}, received '${given}'`,
    });
  }
  const message = issue?.message ?? "invalid";
  return new SpeechError("invalid_parameter", {
    parameter,
    expected: message,
    kind: issue?.code ?? "custom",
    issue: message,
  });
}

/** Ranges into which numbers are moved that lie outside. */
const ranges = {
  max_buffer_flush_ms: { current: [0, 1000], streaming: [0, 5000] },
  complete_backoff_ms: { current: [0, 10_000], streaming: [0, 10_000] },
  max_buffer_delay_ms: { current: [0, 5000], streaming: [0, 5000] },
} as const;

/** A number of milliseconds of a message, in its range; undefined without one. */
export function readMs(
  request: WireRequest,
  name: keyof typeof ranges,
  kind: MessageKind = "current",
): number | undefined {
  const value = request[name];
  const [min, max] = ranges[name][kind];
  return value === undefined ? undefined : clamp(value, min, max);
}

/** What of a message was moved into its range. */
export function clampedMembers(request: WireRequest, kind: MessageKind): Warning[] {
  return (Object.keys(ranges) as (keyof typeof ranges)[]).flatMap((name) => {
    const taken = readMs(request, name, kind);
    if (taken === request[name]) return [];
    return [{ code: "value_clamped", details: { name, value: String(taken) } } as const];
  });
}
