import type { Clock } from "../../src/clock.ts";
import type { OpenSocket, SocketEnd } from "../../src/load/client-socket.ts";

/** A message of a client, as far as scripts look at it. */
export interface ClientMessage {
  readonly text?: string;
  readonly context_id?: string;
  readonly flush?: boolean;
  readonly close_context?: boolean;
}

/** The server's end of a socket that leads nowhere. */
export interface ScriptedSocket {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Everything the client sent, and when. */
  readonly received: ClientMessage[];
  readonly receivedAt: number[];
  /** When the client closed. */
  closedAt: number | undefined;
  say(frame: object | string): void;
  end(how: SocketEnd): void;
}

export interface ScriptedServer {
  readonly openSocket: OpenSocket;
  readonly sockets: ScriptedSocket[];
}

/** What a server does about a message. */
export type Script = (message: ClientMessage, socket: ScriptedSocket) => void;

export interface ScriptedServerOptions {
  readonly openMs?: number;
  /** Ends the socket instead of opening it. */
  readonly refuse?: SocketEnd;
}

/** A server that follows a script, on the time of a clock. */
export function createScriptedServer(
  clock: Clock,
  script: Script,
  { openMs = 5, refuse }: ScriptedServerOptions = {},
): ScriptedServer {
  const sockets: ScriptedSocket[] = [];
  const openSocket: OpenSocket = (url, headers, events) => {
    const socket: ScriptedSocket = {
      url,
      headers,
      received: [],
      receivedAt: [],
      closedAt: undefined,
      say: (frame) =>
        events.onMessage(Buffer.from(typeof frame === "string" ? frame : JSON.stringify(frame))),
      end: (how) => events.onEnd(how),
    };
    sockets.push(socket);
    clock.schedule(openMs, () => (refuse ? events.onEnd(refuse) : events.onOpen()));
    return {
      send(text) {
        const message = JSON.parse(text) as ClientMessage;
        socket.received.push(message);
        socket.receivedAt.push(clock.now());
        script(message, socket);
      },
      close() {
        socket.closedAt ??= clock.now();
      },
    };
  };
  return { openSocket, sockets };
}

/** `pcm_8000` audio of a length, loud or silent. */
export function pcm8000(ms: number, level = 9000): string {
  const samples = Int16Array.from({ length: ms * 8 }, (_, at) => (at % 2 === 0 ? level : -level));
  return Buffer.from(samples.buffer).toString("base64");
}

export function alignmentOf(text: string): object {
  const chars = Array.from(text);
  const zeros = chars.map(() => 0);
  return { chars, charStartTimesMs: zeros, charDurationsMs: zeros };
}

export const finalFrame = (context?: string): object => ({
  audio: null,
  isFinal: true,
  normalizedAlignment: null,
  alignment: null,
  ...(context !== undefined && { contextId: context }),
});
