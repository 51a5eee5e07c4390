import type { Cause, CauseId } from "./causes.ts";
import type { RecordLimits } from "./records.ts";
import type { ContextId } from "./speech.ts";

/** What a message of a client asks for; one message may ask for several things. */
export const messageParts = [
  "text",
  "blank_text",
  "flush",
  "keep_alive",
  "close_context",
  "cancel",
  "close_socket",
  "end",
  "end_implied",
  "late",
  "late_text",
  "settings",
  "credential",
  "refused",
  "unreadable",
  "ping",
] as const;
export type MessagePart = (typeof messageParts)[number];

/** Its flag, to be added to others. */
export const flagOf = (part: MessagePart): number => 1 << messageParts.indexOf(part);

/** The parts whose flags are set. */
export const partsOf = (flags: number): MessagePart[] =>
  messageParts.filter((_, index) => (flags & (1 << index)) !== 0);

/** Timers that a connection or one of its contexts may have running, and what they wait for. */
export const timerMeanings = {
  inactivity: "the client has said nothing for so long: the context or the connection is closed",
  token_time: "the token that the connection was opened with ends, and the connection with it",
  close_grace: "what is not spoken so long after `close_socket` is cut off",
  close_delay: "an error was told, and the connection is closed so long after it",
  buffer_delay: "text that is too short for the schedule is spoken all the same",
  partial_word: "a word that no more letters have followed counts as whole",
  room: "the server has no room for one more listener or file: `server_busy`",
  concurrency: "as many speak as may at once: `too_many_concurrent_requests`",
  lead: "the listener has enough in hand, and gets the next frame when some of it was heard",
  drain: "the server goes, and ends what still speaks then",
  quiet: "all contexts have ended, and the client is told when none begins soon",
  owed_ping: "a client that waits for speech is sent a ping, so that it does not hear nothing",
  ping: "the client is asked whether it is still there; it is dropped when it has left two pings unanswered",
  closing: "the client has not answered the server's Close frame: the connection is dropped",
  stalled_reader: "the client has taken nothing of what waits for it for so long: `reader_stalled`",
} as const;
export type TimerName = keyof typeof timerMeanings;

/** What begins a timer anew, and what that means. */
export const resetMeanings = {
  open: "the connection, or the context, was opened",
  message: "a message of the client",
  speech: "something was made or spoken",
  ping: "a ping of the client",
  sent: "something was sent to the client",
  read: "the client took some of what waits for it",
  drain: "the server was told to go",
  repeat: "it runs again and again",
} as const;
export type TimerReset = keyof typeof resetMeanings;

/** A timer that is running. */
export interface RunningTimer {
  readonly name: TimerName;
  /** Whose it is; undefined for the connection's own. */
  readonly context: ContextId | undefined;
  readonly limitMs: number;
  /** By the clock. */
  readonly lastResetAt: number;
  readonly lastResetBy: TimerReset;
  /** How long it has left; it does not run while it is `isHeld`. */
  readonly leftMs: number;
  readonly isHeld: boolean;
}

/** A timer that has run out. */
export type TimerFiring = Omit<RunningTimer, "leftMs" | "isHeld">;

/** Words for what may happen on a connection, in the order of a connection's life. */
export const storyEventTypes = [
  "admitted",
  "received",
  "context_opened",
  "speaking",
  "utterance",
  "dispatched",
  "first_audio",
  "synthesized",
  "sent",
  "held",
  "released",
  "underrun",
  "paused",
  "warned",
  "refused",
  "timer_fired",
  "context_ended",
  "closed",
] as const;
export type StoryEventType = (typeof storyEventTypes)[number];

/** One thing that happened on a connection. */
export interface StoryEvent {
  /** Since the connection began. */
  readonly atMs: number;
  readonly type: StoryEventType;
  readonly context: ContextId | undefined;
  /** Of what kind: the event of a message that was sent, an outcome, a code, the name of a timer. */
  readonly word: string | undefined;
  /** What else is known of it, by type: sizes, characters, durations in ms. */
  readonly values: Readonly<Record<string, number>>;
  /** What a message of the client asks for. */
  readonly parts: readonly MessagePart[];
  /** The message itself without credentials, while the operator wants that. */
  readonly content?: string;
}

/** A connection that has ended, or a request that was refused. */
export interface ConnectionSummary {
  /** Its trace id: 32 hexadecimal digits. */
  readonly id: string;
  readonly transport: "socket" | "http";
  readonly dialect: string;
  readonly method: string;
  readonly route: string;
  /** Path and query without credentials. */
  readonly url: string;
  readonly userAgent: string;
  readonly credential: "key" | "token" | "none";
  /** Undefined if nobody was let in. */
  readonly keyId: string | undefined;
  /** Of the first context. */
  readonly voiceId: string | undefined;
  readonly modelId: string | undefined;
  /** Unix time. */
  readonly openedAtMs: number;
  readonly durationMs: number;
  readonly cause: Cause;
  readonly endedBy: "server" | "client" | "network";
  readonly closeCode: number | undefined;
  readonly closeReason: string;
  readonly counts: ConnectionCounts;
}

export interface ConnectionCounts {
  readonly messagesReceived: number;
  readonly bytesReceived: number;
  readonly messagesSent: number;
  readonly bytesSent: number;
  readonly largestSentBytes: number;
  readonly characters: number;
  readonly contexts: number;
  readonly audioMs: number;
  readonly underruns: number;
  /** What happened and is not in the story, because there was too much. */
  readonly eventsLeftOut: number;
}

/** The same with its story. */
export interface ConnectionRecord extends ConnectionSummary {
  readonly events: readonly StoryEvent[];
}

/** Which connections are asked for; what is undefined does not matter. */
export interface ConnectionQuery {
  readonly keyId: string | undefined;
  readonly voiceId: string | undefined;
  readonly causeId: CauseId | undefined;
  /** Those that began at this moment of Unix time or later. */
  readonly fromMs: number | undefined;
  /** Those that began before it. */
  readonly untilMs: number | undefined;
  readonly pageSize: number;
  /** The connection after which the page begins; it may be gone already. */
  readonly after: ConnectionPlace | undefined;
}

/** Where a connection stands among all others. */
export interface ConnectionPlace {
  readonly openedAtMs: number;
  readonly id: string;
}

/** The newest first. */
export interface ConnectionPage {
  readonly connections: readonly ConnectionSummary[];
  /** After which the next page begins; undefined behind the last one. */
  readonly next: ConnectionPlace | undefined;
}

/** The connections that have ended. */
export interface ConnectionStore {
  /** Keeps it soon; nobody waits for it. One that is there already stays as it is. */
  add(record: ConnectionRecord): void;
  list(query: ConnectionQuery): Promise<ConnectionPage>;
  find(id: string): Promise<ConnectionRecord | undefined>;
  /** Deletes what is too old, and the oldest while all take more room. Gives how many. */
  prune(limits: RecordLimits): Promise<number>;
  /** Deletes the messages themselves of connections that began before a moment of Unix time in ms. */
  forgetContent(beforeMs: number): Promise<void>;
}

/** A connection that is open now. */
export interface OpenConnection {
  readonly id: string;
  readonly transport: "socket" | "http";
  readonly dialect: string;
  readonly route: string;
  readonly keyId: string | undefined;
  /** Unix time. */
  readonly openedAtMs: number;
  readonly openMs: number;
  readonly counts: ConnectionCounts;
  /** What waits for its reader, outside of the kernel. */
  readonly queuedBytes: number;
  /** With `lastResetAt` since the connection began. */
  readonly timers: readonly RunningTimer[];
}

/** Why a connection ended, for people. */
export interface Explanation {
  readonly cause: CauseId;
  readonly sentence: string;
  readonly advice: string;
  /** What in its story shows it, in order. */
  readonly evidence: readonly string[];
  readonly retryable: boolean;
}

/** Whoever can be asked about connections. */
export interface ConnectionDesk {
  list(query: ConnectionQuery): Promise<ConnectionPage>;
  /** One that has ended or, without its end, one that is open. */
  find(id: string): Promise<ConnectionRecord | undefined>;
  /** Of all processes of this server. */
  live(): Promise<readonly OpenConnection[]>;
  explain(record: ConnectionRecord): Explanation;
  /** A page that needs nothing else, which draws its story. */
  draw(record: ConnectionRecord): string;
}
