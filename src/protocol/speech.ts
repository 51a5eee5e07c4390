import type { AlignmentSlice } from "./alignment.ts";
import type { AudioFormat } from "./audio-format.ts";
import type { Markup } from "./markup.ts";
import type { TextNormalization } from "./normalization.ts";
import type { Problem } from "./problems.ts";
import type { DictionaryLocator } from "./pronunciation.ts";
import type { Retention } from "./records.ts";
import type { Model, Voice, VoiceSettings } from "./voice.ts";
import type { Warning } from "./warnings.ts";

/** Names one independent stream of speech inside a session; chosen by the client, any string. */
export type ContextId = string;

/** The context of whoever names none. */
export const defaultContext: ContextId = "";

/** What a caller shows to be let in. */
export interface Credential {
  readonly kind: "key" | "token";
  readonly value: string;
}

/** How a context turns text into speech; what is left out stays as it is. */
export interface Configuration {
  readonly voice?: VoiceSettings;
  /** Who speaks; heeded when the context is opened only, as are the next three. The plan's, unless given. */
  readonly speaker?: Voice;
  readonly model?: Model;
  readonly format?: AudioFormat;
  /** Whether a `piece_ended` event follows each piece of text that is spoken in one go. */
  readonly tellsPieces?: boolean;
  /** Buffered characters that start the 1st, 2nd, ... synthesis; the last one repeats. */
  readonly scheduleChars?: readonly number[];
  /** Heeded before the context's first text only. */
  readonly dictionaries?: readonly DictionaryLocator[];
  /** Text is spoken this long after it came even if the schedule asks for more; 0 for never. */
  readonly maxBufferDelayMs?: number;
}

/** What a client asks of a session, whatever the dialect it asks in. */
export type Command =
  /** The client's chance to show a credential is used up with this command. */
  | { readonly type: "authenticate"; readonly credential: Credential | undefined }
  /** How contexts begin that are opened from here on. */
  | { readonly type: "inherit"; readonly configuration: Configuration }
  /**
   * Changes how a context speaks from here on; `opens` it if it is new, to speak when the one
   * named by `after` has ended.
   */
  | {
      readonly type: "configure";
      readonly context: ContextId;
      readonly configuration: Configuration;
      readonly opens: boolean;
      readonly after?: ContextId | undefined;
    }
  /** Appends text exactly as it is, and opens the context if it is new. */
  | { readonly type: "text"; readonly context: ContextId; readonly text: string }
  /** Speaks what is buffered if that is at least `minChars` characters. */
  | { readonly type: "flush"; readonly context: ContextId; readonly minChars: number }
  /** The context is still wanted. */
  | { readonly type: "keep_alive"; readonly context: ContextId }
  /**
   * Speaks what is buffered, or `discard`s what has not been sent; then the final event. When
   * nothing else has been begun for `quietMs` after it, a `quiet` event follows.
   */
  | {
      readonly type: "close";
      readonly context: ContextId;
      readonly discard?: boolean;
      readonly quietMs?: number;
    }
  /** Stops a context at once and asks what was heard of it. */
  | {
      readonly type: "cancel";
      readonly context: ContextId;
      /** How much of its audio was played; all that was sent, if undefined. */
      readonly playedMs: number | undefined;
      /** Whether the context stays open for more text. */
      readonly keep: boolean;
    }
  /** Closes every context; what has not been sent after `withinMs` is cut off. */
  | { readonly type: "close_all"; readonly withinMs: number }
  /** Ends the session when the last context has ended; until then `takesMore` commands or none. */
  | {
      readonly type: "end";
      readonly takesMore?: boolean;
      /** Whether the client has not said so, and is taken to mean it. */
      readonly isImplied?: boolean;
    }
  /** A message came after the end; it changes nothing. */
  | { readonly type: "late"; readonly hasText: boolean }
  | { readonly type: "warn"; readonly warning: Warning; readonly context?: ContextId }
  /** The client sent something that cannot be done; it is told, perhaps of a context, and all else goes on. */
  | {
      readonly type: "refuse";
      readonly problem: Problem;
      readonly context?: ContextId | undefined;
    }
  /** The client sent something that ends the session with this problem. */
  | { readonly type: "reject"; readonly problem: Problem };

/** How a turn, which is what a context says, came to its end. */
export type TurnOutcome = "complete" | "cancelled" | "failed" | "idle_timeout";

export interface TurnSummary {
  readonly outcome: TurnOutcome;
  /** Characters given to the engine, in Unicode code points. */
  readonly characters: number;
  readonly audioMs: number;
  /** Audio events. */
  readonly frames: number;
  /** From the turn's first text to its first audio; undefined without audio. */
  readonly ttfbMs: number | undefined;
  /** What the engine needed for it. */
  readonly synthesisMs: number;
}

/** What a session did in all. */
export interface SessionTotals {
  readonly turns: number;
  readonly characters: number;
  readonly audioMs: number;
  readonly durationMs: number;
}

/** What a session tells every client. */
export type BasicEvent =
  | {
      readonly type: "audio";
      readonly context: ContextId;
      /** The next bytes of the context's one continuous encoder output; never empty. */
      readonly bytes: Uint8Array;
      /** How much speech went into it, at the voice's rate. */
      readonly samples: number;
      readonly alignment?: AlignmentSlice;
      /** Which flush, counted from 1, is complete with the audio of this one. */
      readonly flush: number;
    }
  /** A context's last event. */
  | { readonly type: "final"; readonly context: ContextId; readonly turn: TurnSummary }
  /** With a context it is that one's problem alone. */
  | { readonly type: "error"; readonly problem: Problem; readonly context?: ContextId }
  /** The session's last event; without a problem it ended as it should. */
  | { readonly type: "close"; readonly problem: Problem | undefined };

/** What a session tells because commands asked for it. */
export type AskedEvent =
  /** All audio of one piece of a context's text has been sent. */
  | {
      readonly type: "piece_ended";
      readonly context: ContextId;
      /** Where the next one begins, in code points of the context's text. */
      readonly textOffset: number;
    }
  /** The client is owed nothing, and has not been for a time; this context was the last to end. */
  | { readonly type: "quiet"; readonly context: ContextId };

/** What a session tells a client that asks for details. */
export type DetailEvent =
  /** The first event. */
  | { readonly type: "ready" }
  | { readonly type: "warning"; readonly warning: Warning; readonly context?: ContextId }
  /** All audio of the text up to a flush has been sent. */
  | {
      readonly type: "flushed";
      readonly context: ContextId;
      readonly flush: number;
      /** Audio since the flush before. */
      readonly audioMs: number;
    }
  | {
      readonly type: "segment_begun";
      readonly context: ContextId;
      readonly segment: number;
      readonly text: string;
      /** Characters of the context's text before it, in code points. */
      readonly textOffset: number;
    }
  | {
      readonly type: "segment_ended";
      readonly context: ContextId;
      readonly segment: number;
      readonly audioMs: number;
      readonly synthesisMs: number;
    }
  | ({ readonly type: "boundary"; readonly context: ContextId } & Boundary)
  | {
      readonly type: "cancelled";
      readonly context: ContextId;
      readonly audioMs: number;
      readonly textSpoken: string;
      readonly textRemaining: string;
    }
  /** Comes before the final event, and also where none does. */
  | { readonly type: "turn_ended"; readonly context: ContextId; readonly turn: TurnSummary }
  | { readonly type: "going_away"; readonly timeLeftMs: number }
  /** The last event but for `close`. */
  | {
      readonly type: "session_ended";
      readonly totals: SessionTotals;
      readonly problem: Problem | undefined;
    };

/** What a session tells its client. */
export type Event = BasicEvent | AskedEvent | DetailEvent;

export type AudioEvent = Extract<Event, { type: "audio" }>;

/** Where a word or sentence of a context's text is heard. */
export interface Boundary {
  readonly kind: BoundaryKind;
  /** In code points of the context's text. */
  readonly textOffset: number;
  readonly textLength: number;
  /** From the context's first audio. */
  readonly startMs: number;
  readonly endMs: number;
}

export type BoundaryKind = "word" | "sentence";

/** What a client wants to be told besides sound and errors. */
export interface Details {
  readonly segments: boolean;
  readonly boundaries: readonly BoundaryKind[];
}

/** What protocols of one family do differently. */
export interface SessionRules {
  /** Contexts that may be open at the same time. */
  readonly maxContexts: number;
  /**
   * `speaking`: those with text that are not being closed; `unspoken`: of these, those with text
   * that is still to be spoken; `all`: every one until it has ended.
   */
  readonly countedContexts: "speaking" | "unspoken" | "all";
  /** What one context too many ends. */
  readonly overflow: "context" | "session";
  /** What a failure inside a context ends. */
  readonly failure: "context" | "session";
  /** Whom a client's silence ends: a context by its own silence, or only the session by all of it. */
  readonly expiry: "context" | "session";
  /** How fast a context is spoken that is being closed while a newer one speaks. */
  readonly backgroundPace: "realtime" | "free";
  /** Whether a context may be given other voice settings than it began with. */
  readonly changedSettings: "apply" | "refuse";
  /** Where every message is spoken on arrival: what becomes of a word that may still grow. */
  readonly partialWords: "hold" | "speak";
  /** What a close does that comes within a millisecond of its context's text. */
  readonly closeRace: "none" | "silent" | "lost";
  /** Whether the end by a shutdown is told in an error event too, or by the close alone. */
  readonly shutdown: "told" | "closed";
  /** How long after its last event the connection is closed. */
  readonly closeDelayMs: number;
}

/** What a session is asked to be, read from a request by its dialect. */
export interface SessionPlan {
  /** Shown before the first message; undefined leaves it to an `authenticate` command. */
  readonly credential: Credential | undefined;
  /** Without a problem there is a voice to speak with. */
  readonly voice: Voice | Problem;
  readonly model: Model;
  readonly format: AudioFormat;
  readonly settings: VoiceSettings;
  /** `schedule` buffers text by `scheduleChars`; `message` speaks every message on arrival. */
  readonly dispatch: "schedule" | "message";
  readonly scheduleChars: readonly number[];
  readonly maxBufferDelayMs: number | undefined;
  readonly markup: Markup;
  readonly normalization: TextNormalization;
  /** Whether an utterance's alignment rides on its first frame or each frame has its own. */
  readonly alignment: "utterance" | "frame";
  /** `live`: heard as it comes. `file`: nobody listens before all of it is there. */
  readonly playback: "live" | "file";
  /** Silence of the client after which the session ends; undefined for none. */
  readonly idleMs: number | undefined;
  /** Largest coded audio in one event. */
  readonly maxFrameBytes: number;
  /** What is kept of each turn. */
  readonly retention: Retention;
  /** Whether all that is to be said was charged for before. */
  readonly isPaid?: boolean;
  readonly rules: SessionRules;
  readonly details: Details | undefined;
  /** What the client should know about its request. */
  readonly warnings: readonly Warning[];
}
