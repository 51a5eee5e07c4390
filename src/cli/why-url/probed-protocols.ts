import type { SocketRoute } from "../../why/url/finding.ts";
import type { Headers } from "./probe-socket.ts";

/** What is spoken to find out. */
export const sentence = "Hello there.";

/** One thing to do while a sentence is spoken: something to send, or to wait for. */
export type SpeakStep = { readonly send: object } | { readonly wait: "ready" | "audio" };

/** How a kind of socket is spoken to, and what its documents say it does. */
export interface ProbedProtocol {
  headersFor(key: string): Headers;
  /** The first messages of a socket that has nothing to say: the credentials are looked at. */
  readonly greeting: readonly object[];
  /** Speaks the sentence; after it the final frame is due. */
  speak(voice: string): readonly SpeakStep[];
  /** What is sent after the final frame, to have the socket closed. */
  readonly farewell: object | undefined;
  /** Who closes after the final frame. */
  readonly closedBy: "server" | "client";
  /** What is documented to keep a silent socket open; undefined where nothing is. */
  keepAlive(voice: string): object | undefined;
  /** The parameter of the limit on silence, with the smallest that may be asked for. */
  readonly idle: { readonly parameter: string; readonly leastSeconds: number } | undefined;
  readonly documented: Documented;
}

/** What is documented, in a few words each: one column of the report. */
export interface Documented {
  readonly handshake: string;
  readonly withoutKey: string;
  readonly audio: string;
  readonly alignment: string;
  readonly finalFrame: string;
  readonly close: string;
  /** Of the end after too long a silence. */
  readonly idleClose: { readonly code: number | undefined; readonly says: string };
}

const elevenLabsKey = (key: string): Headers => ({ "xi-api-key": key });
const bearerKey = (key: string): Headers => ({ authorization: `Bearer ${key}` });

const elevenLabsDocumented = {
  handshake: "101 with x-trace-id",
  withoutKey: "101, then authentication_required, close 1008",
  audio: "base64 in text frames, below 1 MiB",
  alignment: "alignment, normalizedAlignment",
  idleClose: { code: 1008, says: "input_timeout_exceeded, close 1008" },
} as const;

const wavesDocumented = {
  handshake: "101",
  withoutKey: "401 before the upgrade",
  alignment: "none unless word_timestamps is asked for",
} as const;

/** The name of the one context that is spoken in. */
const context = { context_id: "syrinx-why" } as const;

export const probedProtocols: Readonly<Record<SocketRoute, ProbedProtocol>> = {
  "stream-input": {
    headersFor: elevenLabsKey,
    greeting: [{ text: " " }],
    speak: () => [
      { send: { text: " " } },
      { send: { text: `${sentence} ` } },
      { send: { text: "" } },
    ],
    farewell: undefined,
    closedBy: "server",
    keepAlive: () => ({ text: " " }),
    idle: { parameter: "inactivity_timeout", leastSeconds: 1 },
    documented: {
      ...elevenLabsDocumented,
      finalFrame: "isFinal: true, without audio",
      close: "1000 after the final frame",
    },
  },
  "multi-stream-input": {
    headersFor: elevenLabsKey,
    greeting: [{ text: " ", ...context }],
    speak: () => [
      { send: { text: " ", ...context } },
      { send: { text: `${sentence} `, ...context } },
      { send: { text: "", flush: true, ...context } },
      // Where text and close_context come at once, the hosted service may lose the text.
      { wait: "audio" },
      { send: { ...context, close_context: true } },
    ],
    farewell: { close_socket: true },
    closedBy: "server",
    keepAlive: () => ({ text: "" }),
    idle: { parameter: "inactivity_timeout", leastSeconds: 1 },
    documented: {
      ...elevenLabsDocumented,
      finalFrame: "isFinal: true with contextId, after close_context",
      close: "1000 after close_socket",
    },
  },
  "tts-live": {
    headersFor: bearerKey,
    greeting: [],
    speak: (voice) => [{ send: { voice_id: voice, text: sentence, continue: false, flush: true } }],
    farewell: undefined,
    closedBy: "client",
    keepAlive: (voice) => ({ voice_id: voice, text: " " }),
    idle: { parameter: "timeout", leastSeconds: 1 },
    documented: {
      ...wavesDocumented,
      audio: "base64 in text frames, below 1 MiB",
      finalFrame: 'status: "complete"',
      close: "stays open, though one page says that it closes",
      idleClose: { code: undefined, says: "an error frame, then a close of any code" },
    },
  },
  "lightning-v4": {
    headersFor: bearerKey,
    greeting: [],
    speak: () => [{ wait: "ready" }, { send: { event: "speak", turn_id: "1", text: sentence } }],
    farewell: { event: "end" },
    closedBy: "server",
    keepAlive: () => undefined,
    idle: undefined,
    documented: {
      ...wavesDocumented,
      audio: "binary frames",
      finalFrame: 'event: "turn_end"',
      close: "after the event end",
      idleClose: { code: undefined, says: "nothing" },
    },
  },
};
