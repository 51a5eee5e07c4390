import type { AudioFormat } from "./audio-format.ts";
import type { Cause } from "./causes.ts";
import type { RunningTimer, TimerFiring } from "./connections.ts";
import type { Problem } from "./problems.ts";
import type { ContextId, Event, TurnOutcome, TurnSummary } from "./speech.ts";
import type { Model, Voice } from "./voice.ts";
import type { WarningCode } from "./warnings.ts";

/**
 * What is told of a server's work to whoever counts, traces or records it. Every method returns at once
 * and never throws. Nothing told holds text, audio or keys; routes are patterns, never paths with ids.
 */
export interface Observer {
  /** A socket was opened, or a request is being answered by speaking. */
  connection(subject: ConnectionSubject): ConnectionObserver;
  /** A client was told no before there was a connection. */
  refused(subject: RefusalSubject): void;
  /** A worker of an engine crashed or hung; another takes its place. */
  engineRestarted(engine: string): void;
  /** A thread that encodes has died; another takes its place. */
  encoderRestarted(): void;
  /** Another server that an engine speaks through did not do what it was asked; `fault` is one of a few words. */
  upstreamFailed(upstream: string, fault: string): void;
  /** The next engine of a voice had to speak: before anything was heard, or in the middle. */
  failedOver(voice: string, when: "before" | "midway"): void;
}

/** What somebody asks for who is let in or not. */
export interface RequestSubject {
  readonly method: string;
  /** Name of the dialect. */
  readonly dialect: string;
  /** The pattern of its path, such as `/v1/text-to-speech/:voice_id/stream-input`; empty if there is none. */
  readonly route: string;
  /** Path and query as they were sent, but for credentials. */
  readonly url: string;
  /** Names the connection to its client and in the log. */
  readonly traceId: string;
  /** What it shows of itself to be let in. */
  readonly credential: "key" | "token" | "none";
  /** A header of the request by lower-case name; some tell what the connection is a part of. */
  header(name: string): string | undefined;
}

export interface ConnectionSubject extends RequestSubject {
  readonly transport: "socket" | "http";
}

export interface RefusalSubject extends RequestSubject {
  /** What was refused. */
  readonly scope: "upgrade" | "request";
  readonly problem: Problem;
  /** The HTTP status that was answered. */
  readonly status: number;
  /** Of whoever was let in. */
  readonly keyId: string | undefined;
}

/** How a connection ended. */
export interface ConnectionEnd {
  readonly cause: Cause;
  /** Who ended it: `network` where nobody said so. */
  readonly by: "server" | "client" | "network";
  /** Of the Close frame, or the HTTP status that was answered; undefined where there was none. */
  readonly code: number | undefined;
  /** Of the Close frame of this server. */
  readonly reason: string;
}

/** Told of one connection. It may be shared by all that are alike: there are many, mostly idle. */
export interface ConnectionObserver {
  /** Whoever watches may ask for its timers from now on. */
  opened(live: LiveConnection): void;
  /** Somebody was let in; comes once at most. */
  admitted(keyId: string): void;
  /** A message of the client: `parts` are flags of `messageParts`. */
  received(
    parts: number,
    sizeBytes: number,
    context: ContextId | undefined,
    characters: number,
  ): void;
  /** Whether the messages themselves are wanted now. */
  readonly wantsContent: boolean;
  /** The message that was told of last, as it was; only where that is wanted. */
  content(message: string | Uint8Array): void;
  /** A message to the client, for an event. */
  sent(event: Event["type"], sizeBytes: number, context: ContextId | undefined): void;
  /** Nothing more is sent until the client has read some of it, or it is sent again. */
  held(isHeld: boolean): void;
  context(subject: ContextSubject): ContextObserver;
  /** A timer has run out. */
  timerFired(firing: TimerFiring): void;
  /** Something that the client asked for was refused, and the connection goes on. */
  refused(problem: Problem, context: ContextId | undefined): void;
  /** Something that the client should know. */
  warned(code: WarningCode, context: ContextId | undefined): void;
  /** The last call. */
  closed(end: ConnectionEnd): void;
}

/** A connection that is open. */
export interface LiveConnection {
  /** What waits for its reader, outside of the kernel. */
  readonly queuedBytes: number;
  readonly timers: readonly RunningTimer[];
}

export interface ContextSubject {
  readonly id: ContextId;
  readonly voice: Voice;
  readonly model: Model;
  readonly format: AudioFormat;
}

/** How a context ended: as its turn did, or `unused` if it was never given text. */
export type ContextOutcome = TurnOutcome | "unused";

/** Told of one context. It may be shared by all that are alike. */
export interface ContextObserver {
  /** Its first text came. */
  text(): void;
  /** It was let in to speak, and counts among those who speak until `paused`. */
  speaking(): void;
  /** It has nothing to say for now, or has ended. Follows each `speaking` once. */
  paused(): void;
  /** Text was handed to the engine. */
  utterance(subject: UtteranceSubject): UtteranceObserver;
  /** The first audio left. `firstAudioMs` is the time since the first text. */
  firstAudio(firstAudioMs: number): void;
  /** The listener heard all there was and had to wait for more, for `dryMs`. */
  underrun(dryMs: number): void;
  /** The last call. */
  ended(outcome: ContextOutcome, turn: TurnSummary): void;
}

export interface UtteranceSubject {
  /** In Unicode code points. */
  readonly characters: number;
}

/** Told of one utterance. It may be shared by all that are alike. */
export interface UtteranceObserver {
  /** It was looked for among what was spoken before; what is found there, no engine is given. */
  lookedUp(isFound: boolean): void;
  /** The engine began to work on it, `queuedMs` after it was asked to. Comes again after a crash. */
  dispatched(queuedMs: number): void;
  /** The engine gave the first of its audio. */
  firstAudio(): void;
  /** The engine gave all of its audio; `synthesisMs` is undefined if it does not tell. */
  synthesized(audioMs: number, synthesisMs: number | undefined): void;
  /** The last call: all of its audio was sent, or nobody wants it any more. */
  ended(): void;
}

const nothing = (): void => {};

/** Told of utterances that nobody watches. */
export const noUtterance: UtteranceObserver = {
  lookedUp: nothing,
  dispatched: nothing,
  firstAudio: nothing,
  synthesized: nothing,
  ended: nothing,
};

/** Told of contexts that nobody watches. */
export const noContext: ContextObserver = {
  text: nothing,
  speaking: nothing,
  paused: nothing,
  utterance: () => noUtterance,
  firstAudio: nothing,
  underrun: nothing,
  ended: nothing,
};

/** Told of connections that nobody watches. */
export const noConnection: ConnectionObserver = {
  opened: nothing,
  admitted: nothing,
  received: nothing,
  wantsContent: false,
  content: nothing,
  sent: nothing,
  held: nothing,
  context: () => noContext,
  timerFired: nothing,
  refused: nothing,
  warned: nothing,
  closed: nothing,
};
