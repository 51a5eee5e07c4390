import { createCatalogue } from "../../src/catalogue.ts";
import type { Profile } from "../../src/dialect/elevenlabs/compatibility.ts";
import { openSocket } from "../../src/dialect/elevenlabs/socket-request.ts";
import type { Engine } from "../../src/engine/synthesizer.ts";
import { createConnectionDesk } from "../../src/explain/desk.ts";
import { noConnection } from "../../src/protocol/observer.ts";
import type { SessionPlan } from "../../src/protocol/speech.ts";
import type { Records } from "../../src/open-records.ts";
import type { Account, KeyDesk } from "../../src/protocol/accounts.ts";
import { createDirectory } from "../../src/engine/directory.ts";
import { Session } from "../../src/session/session.ts";
import { openMemoryRecords } from "./records.ts";
import { encodersInPlace, freely, openAccount } from "./session.ts";
import { TimerQueue } from "../../src/timer-queue.ts";
import { SteppingClock } from "./stepping-clock.ts";
import type { WireAlignment } from "./stream-input.ts";

/** Any frame of `multi-stream-input`, those of the extension included. */
export interface MultiFrame {
  readonly contextId?: string | null;
  readonly audio?: string | null;
  readonly isFinal?: boolean | null;
  readonly alignment?: WireAlignment | null;
  readonly normalizedAlignment?: WireAlignment | null;
  readonly error?: string;
  readonly type?: string;
  readonly reason?: string;
  readonly code?: string | number;
  readonly flush_id?: number;
  readonly text?: string;
  readonly text_offset?: number;
  readonly text_spoken?: string;
  readonly text_remaining?: string;
  readonly audio_ms?: number;
  readonly turns?: number;
}

/** A frame and when it was read. */
export interface HeardFrame {
  readonly frame: MultiFrame;
  readonly at: number;
  /** When the reader asked for the next one; until then the session has to wait. */
  doneAt: number;
}

const nothingOpen = { live: async () => [], find: async () => undefined };

export interface MultiStreamOptions {
  readonly profile?: Profile;
  /** Of the URL, besides the output format. */
  readonly query?: string;
  readonly clock?: SteppingClock;
  readonly plan?: Partial<SessionPlan>;
  /** Told of every frame instead of its being kept. */
  readonly onFrame?: (frame: MultiFrame, at: number) => void;
}

/** One `multi-stream-input` session: wire messages in, frames out, without a network. */
export interface MultiStream {
  readonly session: Session;
  readonly clock: SteppingClock;
  readonly account: Account;
  readonly frames: HeardFrame[];
  /** Codes of what a client without the extension is not told. */
  readonly warnings: string[];
  /** Resolves when the session has room for more. */
  say(message: object): Promise<void>;
  /** How many messages were said and not yet taken. */
  readonly unread: number;
  /** Reads so many frames more, `Infinity` for all; 0 stops the reader after the one it has. */
  listen(frames: number): void;
  /** The Close frame's code, once it was read, and when that was. */
  readonly closed: { readonly code: number; readonly at: number } | undefined;
  /** Resolves when the session has told its last event. */
  readonly ended: Promise<void>;
}

/** What opening looks into, and nobody changes. */
let emptyRecords: Promise<Records> | undefined;

/** Nobody looks after keys here. */
const noKeys: KeyDesk = {
  fixed: [],
  find: () => undefined,
  refresh: () => Promise.resolve(),
  quotaUse: () => Promise.resolve(undefined),
  isAddressRange: () => false,
};

/** Opens a session as the dialect plans it, read on at once. */
export async function openMultiStream(
  engine: Engine,
  options: MultiStreamOptions = {},
): Promise<MultiStream> {
  const { profile = "kind", query = "", clock = new SteppingClock(), onFrame } = options;
  const { stores } = await (emptyRecords ??= openMemoryRecords(() => 0));
  const { plan, codec } = await openSocket(
    "multi-stream-input",
    {
      params: { voice_id: engine.voices[0]?.id ?? "" },
      query: new URLSearchParams(`output_format=pcm_16000&${query}`),
      header: (name) => (name === "xi-api-key" ? "key" : undefined),
    },
    "session",
    {
      profile,
      catalogue: createCatalogue(engine.voices),
      engines: createDirectory([engine], () => {}),
      settings: {
        defaultModelId: "eleven_flash_v2_5",
        fallbackVoice: undefined,
        alignmentBase: "auto",
        maxContexts: 5,
        closeGraceMs: 1500,
        keepsHistory: true,
      },
      stores,
      keys: noKeys,
      connections: createConnectionDesk(stores.connections, nothingOpen),
      keyModelIds: [],
      wallClock: () => 0,
      startedAtUnix: 0,
    },
  );
  const account = openAccount(10_000);
  const warnings: string[] = [];
  const session = new Session(
    { ...plan, credential: undefined, ...options.plan },
    {
      clock,
      timers: new TimerQueue(clock),
      synthesizer: engine,
      encoders: encodersInPlace,
      ...freely(clock),
      admit: () => Promise.resolve(account),
      resolveDictionaries: () => Promise.resolve({ rules: [], found: [], missing: [] }),
    },
    {
      account,
      address: "127.0.0.1",
      observer: noConnection,
      onFault: () => {},
      onWarning: ({ code }) => warnings.push(code),
      onTurn: () => {},
    },
  );
  const frames: HeardFrame[] = [];
  let closed: MultiStream["closed"];
  let toHear = Number.POSITIVE_INFINITY;
  let hearMore = (): void => {};
  const ended = (async () => {
    for await (const event of session.events()) {
      if (event.type === "close") {
        closed = { code: codec.close(event.problem).code, at: clock.now() };
        continue;
      }
      for (const { data } of codec.encode(event, (sizeBytes) => Buffer.alloc(sizeBytes))) {
        const frame = JSON.parse(Buffer.from(data).toString()) as MultiFrame;
        if (onFrame) onFrame(frame, clock.now());
        else frames.push({ frame, at: clock.now(), doneAt: Number.POSITIVE_INFINITY });
      }
      toHear -= 1;
      while (toHear <= 0) {
        await new Promise<void>((resolve) => {
          hearMore = resolve;
        });
      }
      const last = frames.at(-1);
      if (last) last.doneAt = clock.now();
    }
  })();
  let unread = 0;
  const accept = async (before: Promise<void>, message: object): Promise<void> => {
    await before;
    await session.accept(codec.decode(JSON.stringify(message)));
    unread -= 1;
  };
  let accepting = Promise.resolve();
  return {
    session,
    clock,
    account,
    frames,
    warnings,
    ended,
    get closed() {
      return closed;
    },
    get unread() {
      return unread;
    },
    say(message) {
      unread += 1;
      accepting = accept(accepting, message);
      return accepting;
    },
    listen(count) {
      toHear = count === 0 ? 0 : Math.max(0, toHear) + count;
      hearMore();
    },
  };
}
