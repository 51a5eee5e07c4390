import { WebSocket, type ClientOptions } from "ws";

export interface WireAlignment {
  readonly chars: string[];
  readonly charStartTimesMs: number[];
  readonly charDurationsMs: number[];
}

/** Any frame of the server; which members are there depends on its kind. */
export interface Frame {
  readonly audio?: string | null;
  readonly isFinal?: boolean | null;
  readonly alignment?: WireAlignment | null;
  readonly normalizedAlignment?: WireAlignment | null;
  readonly message?: string;
  readonly error?: string;
  /** Of a warning it is a name. */
  readonly code?: number | string;
  /** Of `multi-stream-input`; both spellings name the same context. */
  readonly contextId?: string | null;
  readonly context_id?: string | null;
  readonly is_final?: boolean;
}

/** A frame of a socket with `ext=1`. */
export interface ExtendedFrame extends Frame {
  readonly type?: string;
  readonly ext?: Readonly<Record<string, unknown>>;
  readonly session_id?: string;
  readonly reason?: string;
  readonly flush_id?: number;
  readonly audio_duration_ms?: number;
  readonly segment?: number;
  readonly text?: string;
  readonly text_offset?: number;
  readonly text_length?: number;
  readonly kind?: string;
  readonly start_ms?: number;
  readonly end_ms?: number;
  readonly audio_ms?: number;
  readonly audio_ms_sent?: number;
  readonly text_spoken?: string;
  readonly text_remaining?: string;
  readonly characters?: number;
  readonly chunks?: number;
  readonly turns?: number;
  readonly time_left_ms?: number;
  readonly seq?: number;
  readonly samples?: number;
}

interface TracedFrame extends ExtendedFrame {
  readonly trace_id?: string;
}

export interface Closed {
  readonly code: number;
  readonly reason: string;
}

/** A plain `ws` client that remembers everything it hears. */
export interface StreamInput {
  readonly socket: WebSocket;
  /** Parsed frames so far, in order. */
  readonly frames: ExtendedFrame[];
  /** The same as raw text. */
  readonly raw: string[];
  /** Binary frames, of which there must never be one. */
  readonly binary: Buffer[];
  /** Response headers of the upgrade. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Resolves with the Close frame. */
  readonly closed: Promise<Closed>;
  send(...messages: (object | string)[]): void;
  /** Resolves with the first frame, past or future, that passes; rejects when the socket closes first. */
  frame(passes: (frame: ExtendedFrame) => boolean): Promise<ExtendedFrame>;
  /** Resolves when the server has handled everything that was sent so far. */
  settled(): Promise<void>;
  /** All audio so far. */
  audio(): Buffer;
}

export interface OpenOptions {
  readonly voice?: string;
  /** Without `?`. */
  readonly query?: string;
  /** The whole path, instead of the voice's. */
  readonly path?: string;
  readonly headers?: Record<string, string>;
  readonly client?: ClientOptions;
}

/** The answer to an upgrade that was refused. */
export class Refused extends Error {
  readonly status: number;
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;

  constructor(status: number, body: unknown, headers: Refused["headers"]) {
    super(`refused with ${status}`);
    this.status = status;
    this.body = body;
    this.headers = headers;
  }
}

/** Opens `/v1/text-to-speech/{voice}/stream-input`, unless told otherwise. @throws {Refused} */
export function openStreamInput(wsUrl: string, options: OpenOptions = {}): Promise<StreamInput> {
  const { voice = "tone", query = "", headers = {} } = options;
  const path = options.path ?? `/v1/text-to-speech/${encodeURIComponent(voice)}/stream-input`;
  const socket = new WebSocket(`${wsUrl}${path}${query === "" ? "" : `?${query}`}`, {
    perMessageDeflate: false,
    ...options.client,
    headers,
  });
  const frames: ExtendedFrame[] = [];
  const raw: string[] = [];
  const binary: Buffer[] = [];
  let upgradeHeaders: StreamInput["headers"] = {};
  const watchers = new Set<() => void>();
  let closedWith: Closed | undefined;
  socket.on("message", (data, isBinary) => {
    if (isBinary) binary.push(data as Buffer);
    else {
      raw.push(String(data));
      const { trace_id: traceId, ...frame } = JSON.parse(String(data)) as TracedFrame;
      // The same in every error, so that tests need not say so.
      if (traceId !== undefined && traceId !== upgradeHeaders["x-trace-id"]) {
        throw new Error("An error names another connection");
      }
      frames.push(frame);
    }
    for (const watch of watchers) watch();
  });
  socket.on("upgrade", (response) => {
    upgradeHeaders = response.headers;
  });
  const closed = new Promise<Closed>((resolve) => {
    socket.once("close", (code, reason) => {
      closedWith = { code, reason: reason.toString() };
      resolve(closedWith);
      for (const watch of watchers) watch();
    });
  });

  const pong = async (): Promise<void> => {
    if (socket.readyState !== WebSocket.OPEN) return;
    const ponged = new Promise((resolve) => socket.once("pong", resolve));
    socket.ping();
    await Promise.race([ponged, closed]);
  };

  const client: StreamInput = {
    socket,
    frames,
    raw,
    binary,
    get headers() {
      return upgradeHeaders;
    },
    closed,
    send(...messages) {
      for (const message of messages) {
        socket.send(typeof message === "string" ? message : JSON.stringify(message));
      }
    },
    frame(passes) {
      return new Promise((resolve, reject) => {
        let seen = 0;
        const watch = (): void => {
          for (; seen < frames.length; seen += 1) {
            const frame = frames[seen];
            if (frame && passes(frame)) {
              watchers.delete(watch);
              return resolve(frame);
            }
          }
          if (closedWith) reject(new Error(`closed with ${closedWith.code}: ${closedWith.reason}`));
        };
        watchers.add(watch);
        watch();
      });
    },
    async settled() {
      // Messages are handled in order, so the answer to a later ping comes after them.
      for (let round = 0; round < 3; round += 1) {
        await pong();
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
    audio: () =>
      Buffer.concat(
        frames.flatMap(({ audio }) =>
          typeof audio === "string" ? [Buffer.from(audio, "base64")] : [],
        ),
      ),
  };

  return new Promise((resolve, reject) => {
    socket.once("open", () => resolve(client));
    socket.once("error", reject);
    socket.once("unexpected-response", (_request, response) => {
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.on("end", () => {
        const text = Buffer.concat(parts).toString();
        let body: unknown = text;
        try {
          body = JSON.parse(text);
        } catch {
          // The test sees the text.
        }
        reject(new Refused(response.statusCode ?? 0, body, response.headers));
      });
    });
  });
}

/** The text that the alignments of all frames spell. */
export const spelled = (
  frames: readonly Frame[],
  which: "alignment" | "normalizedAlignment" = "alignment",
): string => frames.flatMap((frame) => frame[which]?.chars ?? []).join("");
