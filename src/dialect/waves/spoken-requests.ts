import type { AudioFormat } from "../../protocol/audio-format.ts";
import type { ContextId, TurnOutcome } from "../../protocol/speech.ts";
import type { WireRequest } from "./messages.ts";
import { PieceNames } from "./piece-names.ts";

/** What a client is told of one request with every frame of it, and what is known of it here. */
export interface SpokenRequest {
  requestId: string;
  /** What the client calls it. */
  readonly names: PieceNames;
  /** The client's name of the context it belongs to. */
  readonly contextName: string | undefined;
  readonly wantsWords: boolean;
  readonly format: AudioFormat;
  /** Words told so far. */
  words: number;
  /** Where its audio begins, in samples of the voice from its session context's first one. */
  startSample: number;
  /** Samples of the voice that its session context has sent. */
  samples: number;
  /** Whether the client goes on with its context when that of the session has ended. */
  isResumed: boolean;
  /** How its session context ended. */
  outcome: TurnOutcome | undefined;
}

/** What names a request to the client. */
export type RequestNames = Pick<SpokenRequest, "requestId" | "names" | "contextName">;

/** The parts of a message that name it. */
type NamingMembers = Pick<WireRequest, "session_id" | "request_id" | "context_id">;

/**
 * The requests of one socket by the contexts of its session: a run is one context and one
 * request; a context of the client is one context here, and each piece of it one request. When
 * the client empties its context, another one of the session takes over.
 */
export class SpokenRequests {
  readonly #traceId: string;
  readonly #open = new Map<ContextId, SpokenRequest>();
  /** Requests that the session has never heard of, until their client is told. */
  readonly #refused = new Map<ContextId, RequestNames>();
  #count = 0;

  constructor(traceId: string) {
    this.#traceId = traceId;
  }

  /** Names the connection. */
  get sessionId(): string {
    return `ws_${this.#traceId}`;
  }

  /** A request that is being spoken. */
  get(context: ContextId): SpokenRequest | undefined {
    return this.#open.get(context);
  }

  /** The contexts of the session that a client's context of this name has, or those of its runs. */
  of(name: string | undefined): ContextId[] {
    return [...this.#open].flatMap(([context, { contextName }]) =>
      contextName === name ? [context] : [],
    );
  }

  /** Begins a request in a new context of the session, whose name it gives. */
  open(
    message: WireRequest,
    format: AudioFormat,
  ): { readonly context: ContextId; readonly request: SpokenRequest } {
    const { context, names } = this.#name(message);
    const request: SpokenRequest = {
      ...names,
      wantsWords: message.word_timestamps ?? false,
      format,
      words: 0,
      startSample: 0,
      samples: 0,
      isResumed: false,
      outcome: undefined,
    };
    this.#open.set(context, request);
    return { context, request };
  }

  /** Gives a context to tell the refusal of a request in that is never spoken. */
  refuse(message: NamingMembers): ContextId {
    const { context, names } = this.#name(message);
    this.#refused.set(context, names);
    return context;
  }

  /** What names the request that something has gone wrong with. */
  takeFailed(context: ContextId): RequestNames | undefined {
    const refused = this.#refused.get(context);
    this.#refused.delete(context);
    return refused ?? this.#open.get(context);
  }

  /** What its context says next, from there in its text, is another request. */
  next(request: SpokenRequest, textOffset: number): void {
    request.requestId = this.#nextId();
    request.names.beginAt(textOffset);
    request.words = 0;
    request.startSample = request.samples;
  }

  /** A context has ended; `quiet` may still come of it. */
  end(context: ContextId, outcome: TurnOutcome): void {
    const request = this.#open.get(context);
    if (!request) return;
    request.outcome = outcome;
    this.#open.delete(context);
  }

  #name(message: NamingMembers): { context: ContextId; names: RequestNames } {
    const requestId = this.#nextId();
    const contextName = message.context_id;
    return {
      // No name of a client has a slash in it.
      context: `${contextName ?? ""}/${this.#count}`,
      names: { requestId, names: new PieceNames(message), contextName },
    };
  }

  #nextId(): string {
    this.#count += 1;
    return `task_${this.#traceId}_${this.#count}`;
  }
}
