import type { AudioFormat } from "./audio-format.ts";
import type { ErrorCode } from "./problems.ts";
import type { TurnOutcome, TurnSummary } from "./speech.ts";
import type { Model, Voice } from "./voice.ts";

/**
 * What is told of a server's work to whoever counts or traces it. Every method returns at once and
 * never throws. Nothing told holds text, audio or keys; routes are patterns, never paths with ids.
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

export interface ConnectionSubject {
  readonly transport: "socket" | "http";
  readonly method: string;
  /** Name of the dialect. */
  readonly dialect: string;
  /** The pattern of its path, such as `/v1/text-to-speech/:voice_id/stream-input`. */
  readonly route: string;
  /** Names the connection to its client and in the log. */
  readonly traceId: string;
  /** A header of the request by lower-case name; some tell what the connection is a part of. */
  header(name: string): string | undefined;
}

export interface RefusalSubject {
  /** Name of the dialect. */
  readonly dialect: string;
  /** What was refused. */
  readonly scope: "upgrade" | "request";
  readonly code: ErrorCode;
}

/**
 * Why a connection ended: the problem that ended it, `complete` when the server had said all, or
 * the client: it said good-bye (`client_closed`) or was gone without a word (`client_lost`).
 */
export type CloseCause = ErrorCode | "complete" | "client_closed" | "client_lost";

/** Told of one connection. It may be shared by all that are alike: there are many, mostly idle. */
export interface ConnectionObserver {
  context(subject: ContextSubject): ContextObserver;
  /** Something that the client asked for was refused, and the connection goes on. */
  refused(code: ErrorCode): void;
  /** The last call. */
  closed(cause: CloseCause): void;
}

export interface ContextSubject {
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
  context: () => noContext,
  refused: nothing,
  closed: nothing,
};
