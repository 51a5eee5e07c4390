import type { AudioFormat } from "../../protocol/audio-format.ts";
import type { ContextId, TurnOutcome } from "../../protocol/speech.ts";
import type { WireRequest } from "./messages.ts";

/** What a client is told of one request with every frame of it, and what is known of it here. */
export interface SpokenRequest {
  requestId: string;
  sessionName: string | undefined;
  requestName: string | undefined;
  /** The client's name of the context it belongs to. */
  readonly contextName: string | undefined;
  readonly wantsWords: boolean;
  readonly sampleRateHz: number;
  /** Words told so far. */
  words: number;
  /** Where its audio begins, in samples of the voice from its session context's first one. */
  startSample: number;
  /** Samples of the voice that its session context has sent. */
  samples: number;
  /** How it ended. */
  outcome: TurnOutcome | undefined;
}

/**
 * The requests of one socket by the contexts of its session: a run is one context and one
 * request; a context of the client is one context here, and each piece of it one request.
 */
export class SpokenRequests {
  readonly #traceId: string;
  readonly #open = new Map<ContextId, SpokenRequest>();
  #count = 0;

  constructor(traceId: string) {
    this.#traceId = traceId;
  }

  /** Names the connection. */
  get sessionId(): string {
    return `ws_${this.#traceId}`;
  }

  /** Contexts of the session that are runs without a name. */
  get plain(): ContextId[] {
    return [...this.#open].flatMap(([context, { contextName }]) =>
      contextName === undefined ? [context] : [],
    );
  }

  get(context: ContextId): SpokenRequest | undefined {
    return this.#open.get(context);
  }

  /** The newest context of the session that a client's context of this name has. */
  lastOf(name: string): ContextId | undefined {
    return [...this.#open].findLast(([, { contextName }]) => contextName === name)?.[0];
  }

  /** Begins a request in a new context of the session, whose name it gives. */
  open(
    message: WireRequest,
    { sampleRateHz }: AudioFormat,
  ): { readonly context: ContextId; readonly request: SpokenRequest } {
    const request: SpokenRequest = {
      requestId: this.#nextId(),
      sessionName: message.session_id,
      requestName: message.request_id,
      contextName: message.context_id,
      wantsWords: message.word_timestamps ?? false,
      sampleRateHz,
      words: 0,
      startSample: 0,
      samples: 0,
      outcome: undefined,
    };
    // No name of a client has a slash in it.
    const context = `${message.context_id ?? ""}/${this.#count}`;
    this.#open.set(context, request);
    return { context, request };
  }

  /** What a later message of the request says of it. */
  rename(context: ContextId, { session_id, request_id }: WireRequest): void {
    const request = this.#open.get(context);
    if (!request) return;
    request.sessionName = session_id ?? request.sessionName;
    request.requestName = request_id ?? request.requestName;
  }

  /** What its context says next is another request. */
  next(request: SpokenRequest): void {
    request.requestId = this.#nextId();
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

  #nextId(): string {
    this.#count += 1;
    return `task_${this.#traceId}_${this.#count}`;
  }
}
