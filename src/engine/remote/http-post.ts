import http, { type ClientRequest, type IncomingMessage } from "node:http";
import https from "node:https";
import type { Clock } from "../../clock.ts";
import { failureOfStatus, UpstreamFailure } from "./upstream-failure.ts";
import { type Patience, Watchdog } from "./watchdog.ts";

/** Connections to one server, which are used again. */
export interface HttpConnections {
  post(request: PostRequest, signal: AbortSignal): Promise<PostAnswer>;
  close(): void;
}

export interface PostRequest {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly json: object;
}

/** A good answer. Its body has to be read, or the answer dismissed. */
export interface PostAnswer {
  readonly contentType: string;
  /** Undefined when it is not told. */
  readonly contentLength: number | undefined;
  /** Ends by throwing an {@link UpstreamFailure}, or the reason of the abort. */
  readonly body: AsyncIterable<Uint8Array>;
  /** To be told of the audio that is in the body: without any the answer is broken off. */
  received(audioMs: number): void;
  dismiss(): void;
}

/** Keeps connections alive between requests. Redirects are not followed: they would take the key along. */
export function createHttpConnections(
  { protocol }: URL,
  clock: Clock,
  patience: Patience,
): HttpConnections {
  const { Agent, request: open } = protocol === "https:" ? https : http;
  const agent = new Agent({ keepAlive: true });
  return {
    post: (request, signal) => {
      const body = JSON.stringify(request.json);
      const headers = {
        "content-type": "application/json",
        "content-length": String(Buffer.byteLength(body)),
        ...request.headers,
      };
      const sent = open(request.url, { method: "POST", agent, headers });
      return new Exchange(sent, clock, patience, signal).run(body);
    },
    close: () => agent.destroy(),
  };
}

/** One request and its answer. */
class Exchange {
  readonly #request: ClientRequest;
  readonly #signal: AbortSignal;
  readonly #watchdog: Watchdog;
  readonly #onAbort = (): void => {
    this.#end(this.#signal.reason);
  };
  /** Why it was ended from this side. */
  #reason: unknown;

  constructor(request: ClientRequest, clock: Clock, patience: Patience, signal: AbortSignal) {
    this.#request = request;
    this.#signal = signal;
    this.#watchdog = new Watchdog(clock, patience, (failure) => this.#end(failure));
  }

  async run(body: string): Promise<PostAnswer> {
    try {
      const response = await this.#respond(body);
      const retryAfterMs = readRetryAfter(response.headers["retry-after"]);
      const failure = failureOfStatus(response.statusCode ?? 0, retryAfterMs);
      if (failure) {
        // Not read: it may be of any size, and there is nothing in it for a log.
        response.destroy();
        throw failure;
      }
      return {
        contentType: response.headers["content-type"] ?? "",
        contentLength: readLength(response.headers["content-length"]),
        body: this.#read(response),
        received: (audioMs) => this.#watchdog.received(audioMs),
        dismiss: () => this.#end(undefined),
      };
    } catch (error) {
      this.#release();
      throw error;
    }
  }

  #respond(body: string): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const request = this.#request;
      const fail = (code: "unreachable" | "closed_early"): void =>
        reject(this.#reason ?? new UpstreamFailure(code, { isReused: request.reusedSocket }));
      let isConnected = false;
      const onConnect = (): void => {
        isConnected = true;
        this.#watchdog.asked();
      };
      request.once("socket", (socket) => {
        if (!socket.connecting) onConnect();
        else
          socket.once(this.#request.protocol === "https:" ? "secureConnect" : "connect", onConnect);
      });
      request.once("response", resolve);
      request.on("error", () => fail(isConnected ? "closed_early" : "unreachable"));
      if (this.#signal.aborted) return this.#onAbort();
      this.#signal.addEventListener("abort", this.#onAbort, { once: true });
      this.#watchdog.connecting();
      request.end(body);
    });
  }

  async *#read(response: IncomingMessage): AsyncGenerator<Uint8Array> {
    try {
      yield* response as AsyncIterable<Buffer>;
    } catch {
      throw this.#reason ?? new UpstreamFailure("closed_early");
    } finally {
      this.#release();
      response.destroy();
    }
  }

  #end(reason: unknown): void {
    this.#reason = reason;
    this.#release();
    this.#request.destroy(new Error("ended"));
  }

  #release(): void {
    this.#watchdog.end();
    this.#signal.removeEventListener("abort", this.#onAbort);
  }
}

function readLength(header: string | undefined): number | undefined {
  const length = Number(header ?? Number.NaN);
  return Number.isSafeInteger(length) && length >= 0 ? length : undefined;
}

/** In seconds only: dates need a calendar that agrees with the server's. */
export function readRetryAfter(header: string | undefined): number | undefined {
  const seconds = Number(header ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined;
}
