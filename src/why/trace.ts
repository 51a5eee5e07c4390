/** Whose protocol a connection speaks. */
export type Vendor = "elevenlabs" | "elevenlabs-agents" | "waves";

/** What wrote a log, or made the connection. */
export const frameworks = [
  "livekit-python",
  "livekit-node",
  "pipecat",
  "bolna",
  "vocode",
  "ten",
  "elevenlabs-python",
  "elevenlabs-js",
  "websockets",
  "aiohttp",
  "ws",
  "browser",
  "har",
  "syrinx",
] as const;
export type Framework = (typeof frameworks)[number];

/** Where something was read: what evidence quotes. */
export interface Evidence {
  /** Counted from 1, of the log; undefined where there are no lines. */
  readonly line: number | undefined;
  /** What stood there, without keys, and no longer than a line of a terminal or two. */
  readonly text: string;
}

/** One thing that happened on a connection, as far as the source tells. */
export type TraceEvent = {
  /** In ms since the first event; undefined where the source has no times. */
  readonly atMs: number | undefined;
  readonly evidence: Evidence;
} & (
  | { readonly type: "connecting"; readonly url: string }
  | { readonly type: "open" }
  /** The upgrade was answered by something else, or by nobody. */
  | {
      readonly type: "handshake_failed";
      readonly status: number | undefined;
      /** What was said, or the network's error code, such as `ECONNREFUSED`. */
      readonly message: string;
    }
  /** A message; `data` is its text as far as the source shows it, without keys. */
  | {
      readonly type: "sent" | "received";
      readonly data: string | undefined;
      readonly sizeBytes: number | undefined;
    }
  | { readonly type: "ping" | "pong"; readonly by: "client" | "server" }
  | {
      readonly type: "close";
      /** Undefined where the source tells none; frameworks print -1. */
      readonly code: number | undefined;
      readonly reason: string;
      readonly by: "client" | "server" | "unknown";
    }
  /** What a framework or a library says of it in its own words. */
  | { readonly type: "log"; readonly level: string | undefined; readonly message: string }
);

/** All that a source tells of one connection. */
export interface Trace {
  readonly vendor: Vendor | undefined;
  readonly framework: Framework | undefined;
  /** Without credentials. */
  readonly url: string | undefined;
  readonly events: readonly TraceEvent[];
}
