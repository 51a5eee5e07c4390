import { WebSocket } from "ws";
import { failureOfStatus, UpstreamFailure } from "./upstream-failure.ts";
import { readRetryAfter } from "./http-post.ts";

/** What is told of a socket to another server. */
export interface ClientSocketEvents {
  onOpen(): void;
  onMessage(message: string): void;
  /** Once, and nothing after it. */
  onEnd(failure: UpstreamFailure): void;
}

/** A socket to another server. */
export interface ClientSocket {
  send(message: object): void;
  /** Ends it without a word; `onEnd` is not told. */
  drop(): void;
}

/** A frame of base64 audio is 64 KiB as a rule. */
const maxPayload = 8 * 1024 * 1024;

/** Opens a socket. Redirects are not followed: they would take the key along. */
export function openClientSocket(
  url: URL,
  headers: Readonly<Record<string, string>>,
  events: ClientSocketEvents,
): ClientSocket {
  const socket = new WebSocket(url, { headers, perMessageDeflate: false, maxPayload });
  let isOpen = false;
  let hasEnded = false;
  const end = (failure: UpstreamFailure): void => {
    if (hasEnded) return;
    hasEnded = true;
    socket.terminate();
    events.onEnd(failure);
  };
  socket.on("open", () => {
    isOpen = true;
    events.onOpen();
  });
  socket.on("message", (data: Buffer, isBinary) => {
    if (hasEnded) return;
    if (isBinary) end(new UpstreamFailure("bad_answer"));
    else events.onMessage(String(data));
  });
  socket.on("unexpected-response", (_request, response) => {
    response.resume();
    const retryAfterMs = readRetryAfter(response.headers["retry-after"]);
    const failure = failureOfStatus(response.statusCode ?? 0, retryAfterMs);
    end(failure ?? new UpstreamFailure("bad_answer"));
  });
  // A socket that was open tells what happened when it closes.
  socket.on("error", () => {
    if (!isOpen) end(new UpstreamFailure("unreachable"));
  });
  socket.on("close", (status) => end(new UpstreamFailure("closed_early", { status })));
  return {
    send: (message) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
    },
    drop: () => {
      hasEnded = true;
      socket.terminate();
    },
  };
}
