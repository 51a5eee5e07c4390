import { z } from "zod";
import type { Query } from "../protocol/dialect.ts";
import type {
  BoundaryKind,
  Command,
  ContextId,
  DetailEvent,
  Details,
  SessionPlan,
  TurnSummary,
} from "../protocol/speech.ts";
import { describe, fill, type Problem, problemRow, SpeechError } from "../protocol/problems.ts";
import { describeWarning } from "../protocol/warnings.ts";
import { booleanParameter, choiceParameter, textParameter } from "./query.ts";

/** What `ext=1` adds to the wire; see docs/extensions.md. */
export const extensionFrames = [
  "ready",
  "warning",
  "flush_done",
  "segment_start",
  "segment_end",
  "boundary",
  "cancelled",
  "turn_end",
  "goaway",
  "session_end",
] as const;

/** Messages that clients of the extension may send besides the vendor's. */
export const extensionMessages = ["cancel", "keep_alive"] as const;

const cancelSchema = z.looseObject({
  type: z.literal("cancel"),
  context_id: z.string().nullish(),
  contextId: z.string().nullish(),
  played_ms: z.number().min(0).nullish(),
  keep: z.boolean().nullish(),
});

const keepAliveSchema = z.looseObject({
  type: z.literal("keep_alive"),
  context_id: z.string().nullish(),
  contextId: z.string().nullish(),
});

const messageSchema = z.discriminatedUnion("type", [cancelSchema, keepAliveSchema]);

/** What a socket wants to be told besides sound. @throws {SpeechError} invalid_parameter */
export function readDetails(query: Query): Details {
  const kinds: readonly BoundaryKind[] = ["word", "sentence"];
  const asked = textParameter(query, "boundaries")?.split(",") ?? [];
  const boundaries = kinds.filter((kind) => asked.includes(kind));
  if (boundaries.length !== new Set(asked).size) {
    const expected = "word, sentence or word,sentence";
    throw new SpeechError("invalid_parameter", { parameter: "boundaries", expected });
  }
  return { boundaries, segments: booleanParameter(query, "segments", false) };
}

/** Whether a client listens to what comes, or collects it. @throws {SpeechError} invalid_parameter */
export function readPlayback(query: Query): SessionPlan["playback"] {
  return choiceParameter(query, "playback", ["live", "file"]) ?? "live";
}

/** The command of an extension message. @throws {z.ZodError} when it is none */
export function readExtensionMessage(json: unknown, context: ContextId): Command {
  const message = messageSchema.parse(json);
  if (message.type === "keep_alive") return { type: "keep_alive", context };
  const { played_ms: playedMs, keep } = message;
  return { type: "cancel", context, playedMs: playedMs ?? undefined, keep: keep ?? false };
}

/** A detail as a frame; `name` is how frames name the context, if they do. */
export function formatDetail(event: Exclude<DetailEvent, { type: "ready" }>): object {
  switch (event.type) {
    case "warning": {
      const { code } = event.warning;
      return { type: "warning", code, message: describeWarning(event.warning) };
    }
    case "flushed":
      return { type: "flush_done", flush_id: event.flush, audio_duration_ms: event.audioMs };
    case "segment_begun": {
      const { segment, text, textOffset } = event;
      return { type: "segment_start", segment, text, text_offset: textOffset };
    }
    case "segment_ended": {
      const { segment, audioMs, synthesisMs } = event;
      return { type: "segment_end", segment, audio_ms: audioMs, gen_ms: Math.round(synthesisMs) };
    }
    case "boundary":
      return {
        type: "boundary",
        kind: event.kind,
        text_offset: event.textOffset,
        text_length: event.textLength,
        start_ms: event.startMs,
        end_ms: event.endMs,
      };
    case "cancelled":
      return {
        type: "cancelled",
        audio_ms_sent: event.audioMs,
        text_spoken: event.textSpoken,
        text_remaining: event.textRemaining,
      };
    case "turn_ended":
      return { type: "turn_end", reason: event.turn.outcome, ...formatMetrics(event.turn) };
    case "going_away":
      return { type: "goaway", reason: "server_shutdown", time_left_ms: event.timeLeftMs };
    case "session_ended": {
      const { turns, characters, audioMs, durationMs } = event.totals;
      return {
        type: "session_end",
        reason: event.problem?.code ?? "complete",
        turns,
        characters,
        audio_ms: audioMs,
        duration_s: Math.round(durationMs) / 1000,
      };
    }
  }
}

/** The figures of a turn. */
export function formatMetrics(turn: TurnSummary): object {
  const { characters, audioMs, frames, ttfbMs, synthesisMs } = turn;
  return {
    characters,
    audio_ms: audioMs,
    chunks: frames,
    ttfb_ms: ttfbMs === undefined ? null : Math.round(ttfbMs),
    synthesis_ms: Math.round(synthesisMs),
  };
}

/** What an error frame says more. */
export function formatErrorDetails(problem: Problem): object {
  const { retryable, advice } = problemRow(problem.code);
  return {
    code: problem.code,
    message: describe(problem),
    retryable,
    advice: fill(advice, problem.details),
  };
}
