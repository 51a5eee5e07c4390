import { parseFrame, type WireFrame } from "./elevenlabs-wire.ts";
import { type ClientSocket, openClientSocket } from "./client-socket.ts";
import { UpstreamFailure, type UpstreamFailureCode } from "./upstream-failure.ts";

/** What is told of one context. */
export interface ContextListener {
  /** The socket is open and has taken the text. */
  onAsked(): void;
  onFrame(frame: WireFrame): void;
  onFailed(failure: UpstreamFailure): void;
}

/** As many as the vendor allows on one socket. */
const maxContexts = 5;

/** One `multi-stream-input` socket, on which every utterance is a context of its own. */
export class ContextSocket {
  readonly #socket: ClientSocket;
  readonly #contexts = new Map<string, ContextListener>();
  readonly #onEnd: () => void;
  /** What was said before it was open. */
  #waiting: (() => void)[] | undefined = [];
  #opened = 0;
  #hasEnded = false;

  constructor(url: URL, headers: Readonly<Record<string, string>>, onEnd: () => void) {
    this.#onEnd = onEnd;
    this.#socket = openClientSocket(url, headers, {
      onOpen: () => {
        const waiting = this.#waiting ?? [];
        this.#waiting = undefined;
        for (const send of waiting) send();
      },
      onMessage: (message) => this.#onMessage(message),
      onEnd: (failure) => this.#end(failure),
    });
  }

  get hasRoom(): boolean {
    return !this.#hasEnded && this.#contexts.size < maxContexts;
  }

  /** Whether it was used before, so that its other end may have gone without a word. */
  get isReused(): boolean {
    return this.#waiting === undefined;
  }

  /** Asks for one utterance, all at once. Gives what takes the request back. */
  ask(message: object, listener: ContextListener): () => void {
    this.#opened += 1;
    const context_id = `u${this.#opened}`;
    this.#contexts.set(context_id, listener);
    const send = (): void => {
      this.#socket.send({ ...message, context_id, flush: true });
      this.#socket.send({ context_id, close_context: true });
      listener.onAsked();
    };
    if (this.#waiting) this.#waiting.push(send);
    else send();
    return () => this.#forget(context_id);
  }

  drop(): void {
    this.#end(new UpstreamFailure("closed_early"));
  }

  /**
   * The protocol has no word for "never mind": nobody hears the rest of it. A socket with nothing
   * else to say is dropped, so that the other server stops its work.
   */
  #forget(id: string): void {
    if (this.#contexts.delete(id) && this.#contexts.size === 0) this.drop();
  }

  #onMessage(message: string): void {
    let frame: WireFrame;
    try {
      frame = parseFrame(message);
    } catch {
      return this.#end(new UpstreamFailure("bad_answer"));
    }
    const id = frame.contextId ?? "";
    const listener = this.#contexts.get(id);
    if (frame.error !== undefined && frame.error !== null) {
      const failure = new UpstreamFailure(codeOfError(frame.error), { status: frame.code ?? undefined });
      if (id === "") return this.#end(failure);
      this.#contexts.delete(id);
      listener?.onFailed(failure);
      return;
    }
    if (frame.isFinal === true) this.#contexts.delete(id);
    listener?.onFrame(frame);
  }

  #end(failure: UpstreamFailure): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#socket.drop();
    this.#waiting = undefined;
    const listeners = [...this.#contexts.values()];
    this.#contexts.clear();
    this.#onEnd();
    for (const listener of listeners) listener.onFailed(failure);
  }
}

/** What the names of errors on the sockets begin with. */
const errorCodes: readonly (readonly [RegExp, UpstreamFailureCode])[] = [
  [/^(?:authentication|invalid_api|invalid_token|quota|payment|subscription)/, "key_refused"],
  [/^(?:too_many|rate_limit|server_busy|system_busy|max_active)/, "busy"],
  [/^(?:voice|model|invalid|unsupported|input|text)/, "request_refused"],
];

function codeOfError(error: unknown): UpstreamFailureCode {
  const name = typeof error === "string" ? error : "";
  return errorCodes.find(([pattern]) => pattern.test(name))?.[1] ?? "server_error";
}
