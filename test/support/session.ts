import { neutralSettings } from "../../src/protocol/voice.ts";
import { createEncoder } from "../../src/audio/encoder.ts";
import type { EncoderSource } from "../../src/audio/stream-encoder.ts";
import { type Clock, ManualClock } from "../../src/clock.ts";
import { Admission } from "../../src/session/admission.ts";
import type { Engine } from "../../src/engine/synthesizer.ts";
import { type ConnectionObserver, noConnection } from "../../src/protocol/observer.ts";
import { SpeechError } from "../../src/protocol/problems.ts";
import type {
  AudioEvent,
  Command,
  Event,
  SessionPlan,
  SessionRules,
} from "../../src/protocol/speech.ts";
import type { Account } from "../../src/protocol/accounts.ts";
import {
  type Admit,
  type ResolveDictionaries,
  Session,
  type SessionOwner,
  type SessionParts,
} from "../../src/session/session.ts";
import { TimerQueue } from "../../src/timer-queue.ts";

/** Encoders that work where they are called: the real ones, without threads. */
export const encodersInPlace: EncoderSource = {
  open(format, inputRateHz) {
    const encoder = createEncoder(format, inputRateHz);
    return {
      async *encode(samples, ends) {
        const ready = await encoder;
        let start = 0;
        for (const end of ends) {
          yield ready.encode(samples.subarray(start, end), end === samples.length);
          start = end;
        }
      },
      finish: async () => (await encoder).finish(),
      close: () => {},
    };
  },
};

/** Somebody who may do everything, `limit` times at once, and is charged for nothing. */
export function openAccount(limit = 10, changes: Partial<Account> = {}): Account {
  let active = 0;
  return {
    keyId: "",
    sees: undefined,
    endsAt: undefined,
    may: () => true,
    refusalOf: () => undefined,
    get concurrency() {
      return { active, limit };
    },
    acquire() {
      if (active >= limit) {
        return Promise.reject(new SpeechError("too_many_concurrent_requests", { active, limit }));
      }
      active += 1;
      let isHeld = true;
      return Promise.resolve(() => {
        if (isHeld) active -= 1;
        isHeld = false;
      });
    },
    charge: () => ({ refusal: undefined, refund: () => {} }),
    allowance: () => Promise.resolve({ used: 0, limit: undefined, resetsAtUnix: undefined }),
    ...changes,
  };
}

/** A plan for the voice of `engine`: samples as they are, the default schedule, no timer. */
export function planFor(engine: Engine, changes: Partial<SessionPlan> = {}): SessionPlan {
  const voice = engine.voices[0];
  if (!voice) throw new TypeError("The engine has no voice");
  return {
    credential: undefined,
    voice,
    model: {
      id: "test",
      name: "Test",
      description: "",
      maxTextChars: 1000,
      onSockets: true,
      costPerChar: 1,
    },
    format: { encoding: "pcm_s16le", container: "raw", sampleRateHz: voice.sampleRateHz },
    settings: neutralSettings,
    dispatch: "schedule",
    scheduleChars: [120, 160, 250, 290],
    maxBufferDelayMs: undefined,
    markup: "none",
    normalization: "auto",
    alignment: "utterance",
    idleMs: undefined,
    maxFrameBytes: 36_000,
    rules: singleContextRules,
    details: undefined,
    warnings: [],
    playback: "live",
    retention: "none",
    ...changes,
  };
}

/** A server's parts that let everybody speak as much as they like. */
export const freely = (
  clock: Clock,
): Pick<SessionParts, "admission" | "leadMs" | "concurrencyQueueMs"> => ({
  concurrencyQueueMs: 0,
  admission: new Admission({ clock, cores: 1, cpuMs: () => 0, refuses: false }),
  leadMs: Number.POSITIVE_INFINITY,
});

/** Those of `stream-input`. */
export const singleContextRules: SessionRules = {
  maxContexts: 5,
  countedContexts: "speaking",
  overflow: "context",
  failure: "session",
  expiry: "session",
  backgroundPace: "realtime",
  changedSettings: "apply",
  partialWords: "hold",
  closeRace: "none",
  shutdown: "closed",
  closeDelayMs: 0,
};

export interface SessionBench {
  readonly session: Session;
  readonly clock: ManualClock;
  readonly account: Account;
  /** Everything the session has told so far; read on all the time. */
  readonly events: Event[];
  /** Resolves when the session has told its last event. */
  readonly ended: Promise<void>;
  /** Causes of the server's own faults. */
  readonly faults: unknown[];
}

const everyOneMissing: ResolveDictionaries = (locators) =>
  Promise.resolve({ rules: [], found: [], missing: locators });

/** A session without a network, whose events are read as fast as they come. */
export function openSession(
  engine: Engine,
  changes: Partial<SessionPlan> = {},
  parts: {
    readonly admit?: Admit;
    readonly account?: Account;
    readonly onTurn?: SessionOwner["onTurn"];
    readonly observer?: ConnectionObserver;
    readonly clock?: ManualClock;
    readonly leadMs?: number;
    readonly concurrencyQueueMs?: number;
    readonly admission?: Admission;
  } = {},
): SessionBench {
  const clock = parts.clock ?? new ManualClock();
  const { leadMs, admission, concurrencyQueueMs } = { ...freely(clock), ...parts };
  const account = parts.account ?? openAccount();
  const faults: unknown[] = [];
  const shared = {
    clock,
    timers: new TimerQueue(clock),
    synthesizer: engine,
    encoders: encodersInPlace,
    leadMs,
    concurrencyQueueMs,
    admission,
    admit: parts.admit ?? (() => Promise.resolve(account)),
    resolveDictionaries: everyOneMissing,
  };
  const session = new Session(planFor(engine, changes), shared, {
    account: parts.admit ? undefined : account,
    address: "127.0.0.1",
    observer: parts.observer ?? noConnection,
    onFault: (_problem, cause) => faults.push(cause),
    onWarning: () => {},
    onTurn: parts.onTurn ?? (() => {}),
  });
  const events: Event[] = [];
  const ended = (async () => {
    for await (const event of session.events()) events.push(event);
  })();
  return { session, clock, account, events, ended, faults };
}

/** Lets everything happen that can happen without time passing. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

export const isAudio = (event: Event): event is AudioEvent => event.type === "audio";

/** Commands of one context that speak `text` and end it. */
export const speakAll = (text: string, context = ""): Command[] => [
  { type: "text", context, text },
  { type: "close", context },
  { type: "end" },
];
