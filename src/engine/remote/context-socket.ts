import { parseFrame, type WireFrame } from "./elevenlabs-wire.ts";
import { type ClientSocket, openClientSocket } from "./client-socket.ts";
import { UpstreamFailure, type UpstreamFailureCode } from "./upstream-failure.ts";

/** What is told of an utterance that was asked for. */
export interface UtteranceListener {
  /** The socket is open and has taken the text. */
  onAsked(): void;
  /** The last one is final. */
  onFrame(frame: WireFrame): void;
  onFailed(failure: UpstreamFailure): void;
}

/**
 * A `multi-stream-input` socket on which one utterance is spoken after the other, each as a context
 * of its own. Never two at a time: a socket has one listener, and a second context would be taken
 * for an interruption of the first.
 */
export class ContextSocket {
  readonly #socket: ClientSocket;
  readonly #onEnd: () => void;
  #listener: UtteranceListener | undefined;
  #contextId = "";
  #asked = 0;
  #isOpen = false;
  #hasEnded = false;
  /** What is said when it is open. */
  #send = (): void => {};

  constructor(url: URL, headers: Readonly<Record<string, string>>, onEnd: () => void) {
    this.#onEnd = onEnd;
    this.#socket = openClientSocket(url, headers, {
      onOpen: () => {
        this.#isOpen = true;
        this.#send();
      },
      onMessage: (message) => this.#onMessage(message),
      onEnd: (failure) => this.#end(failure),
    });
  }

  get isFree(): boolean {
    return !this.#hasEnded && this.#listener === undefined;
  }

  /** Whether it was used before, so that its other end may have gone without a word. */
  get isReused(): boolean {
    return this.#isOpen;
  }

  /** Asks for one utterance, all at once. */
  ask(message: object, listener: UtteranceListener): void {
    this.#asked += 1;
    const context_id = `u${this.#asked}`;
    this.#contextId = context_id;
    this.#listener = listener;
    this.#send = () => {
      this.#socket.send({ ...message, context_id, flush: true });
      this.#socket.send({ context_id, close_context: true });
      listener.onAsked();
    };
    if (this.#isOpen) this.#send();
  }

  /** Ends it at once: the protocol has no other way to say that nobody listens any more. */
  drop(): void {
    this.#end(new UpstreamFailure("closed_early"));
  }

  #onMessage(message: string): void {
    let frame: WireFrame;
    try {
      frame = parseFrame(message);
    } catch {
      return this.#end(new UpstreamFailure("bad_answer"));
    }
    const { error, code, contextId, isFinal } = frame;
    if (typeof error === "string") {
      return this.#end(new UpstreamFailure(codeOfError(error), { status: code ?? undefined }));
    }
    if (contextId !== this.#contextId) return;
    const listener = this.#listener;
    if (isFinal === true) this.#listener = undefined;
    listener?.onFrame(frame);
  }

  #end(failure: UpstreamFailure): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#socket.drop();
    this.#onEnd();
    this.#listener?.onFailed(failure);
  }
}

/** What the names of errors on the sockets begin with. */
const errorCodes: readonly (readonly [RegExp, UpstreamFailureCode])[] = [
  [/^(?:authentication|invalid_api|invalid_token|quota|payment|subscription)/, "key_refused"],
  [/^(?:too_many|rate_limit|server_busy|system_busy|max_active)/, "busy"],
  [/^(?:voice|model|invalid|unsupported|input|text)/, "request_refused"],
];

const codeOfError = (error: string): UpstreamFailureCode =>
  errorCodes.find(([pattern]) => pattern.test(error))?.[1] ?? "server_error";
