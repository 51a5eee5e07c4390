import type { AlignmentSlice } from "./alignment.ts";
import type { AudioFormat } from "./audio-format.ts";
import type { Problem } from "./problems.ts";
import type { Model, Voice, VoiceSettings } from "./voice.ts";

/** Names one independent stream of speech inside a session; chosen by the client, any string. */
export type ContextId = string;

/** What a caller shows to be let in. */
export interface Credential {
  readonly kind: "key" | "token";
  readonly value: string;
}

/** What a client asks of a session, whatever the dialect it asks in. */
export type Command =
  /** The client's chance to show a credential is used up with this command. */
  | { readonly type: "authenticate"; readonly credential: Credential | undefined }
  /** Opens a context; a context that is open already keeps its text. */
  | { readonly type: "open"; readonly context: ContextId }
  | {
      readonly type: "configure";
      readonly context: ContextId;
      readonly voice?: VoiceSettings;
      /** Buffered characters that start the 1st, 2nd, ... synthesis; the last one repeats. */
      readonly scheduleChars?: readonly number[];
    }
  /** Appends text exactly as it is, and opens the context if it is new. */
  | { readonly type: "text"; readonly context: ContextId; readonly text: string }
  /** Speaks what is buffered if that is at least `minChars` characters. */
  | { readonly type: "flush"; readonly context: ContextId; readonly minChars: number }
  /** Speaks what is buffered, then ends the context with its final event. */
  | { readonly type: "close"; readonly context: ContextId }
  /** Ends the session when the last context has ended. */
  | { readonly type: "end" }
  /** The client sent something that ends the session with this problem. */
  | { readonly type: "reject"; readonly problem: Problem };

/** What a session tells its client. */
export type Event =
  | {
      readonly type: "audio";
      readonly context: ContextId;
      /** The next bytes of the context's one continuous encoder output; never empty. */
      readonly bytes: Uint8Array;
      readonly alignment?: AlignmentSlice;
    }
  /** A context's last event. */
  | { readonly type: "final"; readonly context: ContextId }
  | { readonly type: "error"; readonly problem: Problem }
  /** The session's last event; without a problem it ended as it should. */
  | { readonly type: "close"; readonly problem: Problem | undefined };

export type AudioEvent = Extract<Event, { type: "audio" }>;

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
  /** `ssml`: tags are not spoken, and breaks are pauses; `none`: tags are text. */
  readonly markup: "ssml" | "none";
  /** Whether an utterance's alignment rides on its first frame or each frame has its own. */
  readonly alignment: "utterance" | "frame";
  /** Silence of the client after which the session ends; undefined for none. */
  readonly idleMs: number | undefined;
  /** Largest coded audio in one event. */
  readonly maxFrameBytes: number;
}
