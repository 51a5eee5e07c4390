import { afterAll, afterEach, beforeAll, expect } from "vitest";
import { ManualClock } from "../../src/clock.ts";
import type { Engine } from "../../src/engine/synthesizer.ts";
import { createToneEngine } from "../../src/engine/tone.ts";
import {
  createWatchedTone,
  startServer,
  type TestServer,
  type TestServerOptions,
  type WatchedTone,
} from "../support/server.ts";
import {
  type Closed,
  type ExtendedFrame,
  type Frame,
  type OpenOptions,
  openStreamInput,
  spelled,
  type StreamInput,
} from "../support/stream-input.ts";

/** Where a socket lies that keeps to a profile, on a server whose own profile is `kind`. */
export const profilePaths = {
  kind: "/v1/text-to-speech",
  observed: "/compat/observed/v1/text-to-speech",
} as const;

/** Path of a `multi-stream-input` socket. */
export const multiPath = (base: string = profilePaths.kind, voice = "tone"): string =>
  `${base}/${voice}/multi-stream-input`;

export const finalFrame = {
  audio: null,
  isFinal: true,
  normalizedAlignment: null,
  alignment: null,
} as const;

/** The final frame of one context of `multi-stream-input`, as the profile `kind` sends it. */
export const finalOf = (contextId: string | null): object => ({
  ...finalFrame,
  is_final: true,
  contextId,
  context_id: contextId,
});

/** Frames of one context. */
export const framesOf = <Of extends Frame>(frames: readonly Of[], id: string | null): Of[] =>
  frames.filter(({ contextId }) => contextId === id);

/** Resolves with the final frame of a context. */
export const finalFrom = (client: StreamInput, id: string | null): Promise<Frame> =>
  client.frame(({ isFinal, contextId }) => isFinal === true && contextId === id);

/** The audio of frames as bytes. */
export const soundOf = (frames: readonly Frame[]): Buffer =>
  Buffer.concat(audioFrames(frames).map(({ audio }) => Buffer.from(audio, "base64")));

export const normalClose: Closed = { code: 1000, reason: "" };

/** The frames that carry sound. */
export const audioFrames = <Of extends Frame>(
  frames: readonly Of[],
): readonly (Of & { audio: string })[] =>
  frames.filter((frame): frame is Of & { audio: string } => typeof frame.audio === "string");

/** How one socket went, from its first message to its Close frame. */
export interface Conversation {
  readonly client: StreamInput;
  readonly closed: Closed;
  readonly frames: readonly ExtendedFrame[];
  readonly audio: Buffer;
}

/** A server with sockets that are dropped after each test. */
export interface Bench {
  readonly server: TestServer;
  open(options?: OpenOptions): Promise<StreamInput>;
  /** Opens a socket, sends the messages, and waits for the Close frame. */
  converse(messages: readonly (object | string)[], options?: OpenOptions): Promise<Conversation>;
}

/** Registers hooks that run one server for all tests of a block; authentication is off. */
export function useServer(options: () => TestServerOptions): Bench {
  let running: TestServer | undefined;
  const clients = new Set<StreamInput>();
  beforeAll(async () => {
    const { flags, ...others } = options();
    running = await startServer({ ...others, flags: { auth: "off", ...flags } });
  });
  afterEach(() => {
    for (const { socket } of clients) socket.terminate();
    clients.clear();
  });
  afterAll(() => running?.close());

  const bench: Bench = {
    get server() {
      if (!running) throw new Error("The server runs only while tests do");
      return running;
    },
    async open(openOptions) {
      const client = await openStreamInput(bench.server.wsUrl, openOptions);
      clients.add(client);
      return client;
    },
    async converse(messages, openOptions) {
      const client = await bench.open(openOptions);
      client.send(...messages);
      const closed = await client.closed;
      return { client, closed, frames: client.frames, audio: client.audio() };
    },
  };
  return bench;
}

/**
 * The same server through `multi-stream-input`: conversations of `stream-input` are held in one
 * named context. Its frames come without their names, which are checked on the way.
 */
export function onMulti<Of extends Bench>(bench: Of): Of {
  const context_id = "the one";
  const translate = (message: object | string): object | string => {
    if (typeof message === "string") return message;
    const isEnd = "text" in message && message.text === "" && !("flush" in message);
    return isEnd
      ? { context_id, close_context: true, close_socket: true }
      : { ...message, context_id };
  };
  const unnamed = (frame: ExtendedFrame): ExtendedFrame => {
    const { contextId, context_id: twin, is_final: _, ...rest } = frame;
    const isNameless = frame.error !== undefined;
    expect([contextId, twin]).toEqual(
      isNameless ? [undefined, undefined] : [context_id, context_id],
    );
    return rest;
  };
  const onPath = ({ voice = "tone", query = "", ...others }: OpenOptions = {}): OpenOptions => {
    // By default the times of this socket count otherwise where every frame has its own.
    const base = query.includes("x_alignment_base") ? "" : "&x_alignment_base=chunk";
    const path = multiPath(profilePaths.kind, encodeURIComponent(voice));
    return { path, ...others, query: query + base };
  };
  return Object.assign(Object.create(bench) as Of, {
    open: (options?: OpenOptions) => bench.open(onPath(options)),
    async converse(messages: readonly (object | string)[], options?: OpenOptions) {
      const conversation = await bench.converse(messages.map(translate), onPath(options));
      return { ...conversation, frames: conversation.frames.map(unnamed) };
    },
  });
}

/** Rows for `describe.for`: how a bench is reached through each of the two sockets. */
export const bothSockets = [
  ["stream-input", <Of extends Bench>(bench: Of): Of => bench],
  ["multi-stream-input", onMulti],
] as const;

/** The same with the tone engine and a clock that stands still. */
export interface ToneBench extends Bench {
  readonly clock: ManualClock;
  readonly tone: WatchedTone;
}

export function useToneServer(flags: TestServerOptions["flags"] = {}): ToneBench {
  const clock = new ManualClock();
  const tone = createWatchedTone();
  const bench = useServer(() => ({
    engines: [tone.engine],
    clock,
    flags: { workers: "1", ...flags },
  }));
  afterEach(() => {
    tone.release();
    tone.failWith(undefined);
    tone.begun.length = 0;
    tone.aborted.length = 0;
  });
  return Object.assign(bench, { clock, tone });
}

/** The real voices. */
export const useFliteServer = (): Bench => useServer(() => ({ flags: { workers: "2" } }));

/** What a gated engine does with an utterance. */
export type GateAnswer = "speak" | "hold" | "fail";

/** A tone engine that decides for each utterance, and that can be waited for. */
export interface GatedTone {
  readonly engine: Engine;
  /** The text of the utterance with this text in it, as soon as its synthesis has begun. */
  begun(text: string): Promise<string>;
  /** The text of such an utterance that was held, as soon as its synthesis was told to stop. */
  aborted(text: string): Promise<string>;
  release(): void;
}

export function createGatedTone(answer: (text: string) => GateAnswer): GatedTone {
  const seen = { begun: [] as string[], aborted: [] as string[] };
  const watchers = new Set<() => void>();
  let open: (() => void) | undefined;
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  const note = (what: keyof typeof seen, text: string): void => {
    seen[what].push(text);
    for (const watch of watchers) watch();
  };
  const when = (what: keyof typeof seen, text: string): Promise<string> =>
    new Promise((resolve) => {
      const watch = (): void => {
        const found = seen[what].find((each) => each.includes(text));
        if (found !== undefined) resolve(found);
      };
      watchers.add(watch);
      watch();
    });
  return {
    engine: createToneEngine({
      async hold(text, signal) {
        note("begun", text);
        const decision = answer(text);
        if (decision === "fail") throw new Error("The tone has gone flat");
        if (decision === "speak") return;
        await new Promise<void>((resolve) => {
          void gate.then(resolve);
          signal.addEventListener("abort", () => {
            note("aborted", text);
            resolve();
          });
        });
      },
    }),
    begun: (text) => when("begun", text),
    aborted: (text) => when("aborted", text),
    release: () => open?.(),
  };
}

/** Resolves when the alignments of all frames so far spell `text`, apart from spaces at its ends. */
export async function spelling(client: StreamInput, text: string): Promise<void> {
  await client.frame(() => spelled(client.frames).trim() === text.trim());
}

/** Resolves when at least so much sound has arrived. */
export async function sounding(client: StreamInput, sizeBytes: number): Promise<void> {
  await client.frame(() => client.audio().length >= sizeBytes);
}

const samplesPerChar = 640;

/** How many bytes of `pcm_16000` the tone engine's utterance of `text` takes. */
export function toneBytes(text: string, speed = 1): number {
  const chars = Array.from(text.trim().replaceAll(/\s+/g, " ")).length + 2;
  return 2 * chars * Math.round(samplesPerChar / speed);
}

/** Text of exactly `length` characters without a pause but the one it ends with. */
export function prose(length: number): string {
  const words = "word ".repeat(Math.ceil(length / 5)).slice(0, length - 2);
  return `${words.replace(/ $/, "s")}. `;
}

/** Where the last character of each frame ends, in ms. */
export const endMs = ({ alignment }: Frame): number =>
  (alignment?.charStartTimesMs.at(-1) ?? 0) + (alignment?.charDurationsMs.at(-1) ?? 0);

/** One utterance as it arrives with `sync_alignment` off: a frame with alignment, then the rest. */
export interface Segment {
  readonly frames: readonly (Frame & { audio: string })[];
  readonly sizeBytes: number;
}

/** Cuts a stream's audio frames where a new alignment begins. */
export function segmentsOf(frames: readonly Frame[]): Segment[] {
  const segments: { frames: (Frame & { audio: string })[]; sizeBytes: number }[] = [];
  for (const frame of audioFrames(frames)) {
    if (frame.alignment || segments.length === 0) segments.push({ frames: [], sizeBytes: 0 });
    const last = segments.at(-1);
    last?.frames.push(frame);
    if (last) last.sizeBytes += Buffer.byteLength(frame.audio, "base64");
  }
  return segments;
}

/** Rows for `it.for`, with the member that names each in front, where `%s` finds it. */
export const named = <Key extends string, Row extends Readonly<Record<Key, string>>>(
  key: Key,
  rows: readonly Row[],
): (readonly [Row[Key], Row])[] => rows.map((row) => [row[key], row]);
