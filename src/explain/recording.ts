import type { Clock } from "../clock.ts";
import type {
  ConnectionCounts,
  ConnectionRecord,
  OpenConnection,
  StoryEventType,
  TimerFiring,
} from "../protocol/connections.ts";
import type {
  ConnectionEnd,
  ConnectionObserver,
  ConnectionSubject,
  ContextObserver,
  ContextOutcome,
  ContextSubject,
  LiveConnection,
  UtteranceObserver,
} from "../protocol/observer.ts";
import type { EndingId } from "../protocol/causes.ts";
import type { Problem } from "../protocol/problems.ts";
import type { ContextId, Event, TurnSummary } from "../protocol/speech.ts";
import type { WarningCode } from "../protocol/warnings.ts";
import type { WantedContent } from "./content.ts";
import { Story, type Words } from "./story.ts";

const maxUserAgentLength = 200;

export function userAgentOf(subject: Pick<ConnectionSubject, "header">): string {
  return (subject.header("user-agent") ?? "").slice(0, maxUserAgentLength);
}

type Subject = Omit<ConnectionSubject, "header">;

/** Whoever a story is told to at its end. */
export interface RecordingOwner {
  onClosed(record: ConnectionRecord): void;
}

/** The story of one connection while it is told. */
export class Recording implements ConnectionObserver {
  readonly #subject: Subject;
  readonly #userAgent: string;
  readonly #clock: Clock;
  readonly #openedAt: number;
  readonly #openedAtMs: number;
  readonly #words: Words;
  readonly #wanted: WantedContent;
  readonly #owner: RecordingOwner;
  #story: Story | undefined;
  #live: LiveConnection | undefined;
  #keyId: string | undefined;
  #voiceId: string | undefined;
  #modelId: string | undefined;
  #messagesReceived = 0;
  #bytesReceived = 0;
  #messagesSent = 0;
  #bytesSent = 0;
  #largestSentBytes = 0;
  #characters = 0;
  #contexts = 0;
  #audioMs = 0;
  #underruns = 0;

  /** `openedAtMs` is Unix time. */
  constructor(
    subject: ConnectionSubject,
    clock: Clock,
    openedAtMs: number,
    words: Words,
    wanted: WantedContent,
    owner: RecordingOwner,
  ) {
    this.#subject = withoutHeaders(subject);
    this.#userAgent = userAgentOf(subject);
    this.#clock = clock;
    this.#openedAt = clock.now();
    this.#openedAtMs = openedAtMs;
    this.#words = words;
    this.#wanted = wanted;
    this.#owner = owner;
  }

  opened(live: LiveConnection): void {
    this.#live = live;
  }

  admitted(keyId: string): void {
    this.#keyId = keyId;
    this.note("admitted", undefined, undefined);
  }

  received(
    parts: number,
    sizeBytes: number,
    context: ContextId | undefined,
    characters: number,
  ): void {
    this.#messagesReceived += 1;
    this.#bytesReceived += sizeBytes;
    this.note("received", context, parts, sizeBytes, characters);
  }

  get wantsContent(): boolean {
    return this.#wanted !== "off" && this.#wanted.isOpen();
  }

  content(message: string | Uint8Array): void {
    const text = this.#wanted === "off" ? undefined : this.#wanted.show(message);
    if (text !== undefined) this.#story?.attach(text);
  }

  sent(event: Event["type"], sizeBytes: number, context: ContextId | undefined): void {
    this.#messagesSent += 1;
    this.#bytesSent += sizeBytes;
    if (sizeBytes > this.#largestSentBytes) this.#largestSentBytes = sizeBytes;
    this.note("sent", context, event, sizeBytes);
  }

  held(isHeld: boolean): void {
    this.note(isHeld ? "held" : "released", undefined, undefined);
  }

  context({ id, voice, model }: ContextSubject): ContextObserver {
    this.#contexts += 1;
    this.#voiceId ??= voice.id;
    this.#modelId ??= model.id;
    this.note("context_opened", id, undefined);
    return new ContextRecording(this, id);
  }

  timerFired({ name, context, limitMs, lastResetAt, lastResetBy }: TimerFiring): void {
    const lastResetAtMs = lastResetAt - this.#openedAt;
    this.note("timer_fired", context, `${name} ${lastResetBy}`, limitMs, lastResetAtMs);
  }

  refused({ code }: Problem, context: ContextId | undefined): void {
    this.note("refused", context, code);
  }

  warned(code: WarningCode, context: ContextId | undefined): void {
    this.note("warned", context, code);
  }

  closed(end: ConnectionEnd): void {
    this.note("closed", undefined, end.by, end.code);
    this.#owner.onClosed(this.#record(end));
  }

  /** What a context adds to the counts of its connection. */
  count(what: {
    readonly characters?: number;
    readonly audioMs?: number;
    underruns?: number;
  }): void {
    this.#characters += what.characters ?? 0;
    this.#audioMs += what.audioMs ?? 0;
    this.#underruns += what.underruns ?? 0;
  }

  note(
    type: StoryEventType,
    context: ContextId | undefined,
    word: string | number | undefined,
    first?: number,
    second?: number,
  ): void {
    const story = (this.#story ??= new Story(this.#words));
    story.note(this.#nowMs(), type, context, word, first, second);
  }

  live(): OpenConnection {
    const { traceId: id, transport, dialect, route } = this.#subject;
    const timers = this.#live?.timers ?? [];
    return {
      id,
      transport,
      dialect,
      route,
      keyId: this.#keyId,
      openedAtMs: this.#openedAtMs,
      openMs: this.#nowMs(),
      counts: this.#counts(),
      queuedBytes: this.#live?.queuedBytes ?? 0,
      timers: timers.map((timer) => ({
        ...timer,
        lastResetAt: timer.lastResetAt - this.#openedAt,
      })),
    };
  }

  /** As far as it has come. */
  unfinished(): ConnectionRecord {
    const cause = { id: "still_open", details: {} } as const;
    return this.#record({ cause, by: "server", code: undefined, reason: "" });
  }

  #nowMs(): number {
    return this.#clock.now() - this.#openedAt;
  }

  #counts(): ConnectionCounts {
    return {
      messagesReceived: this.#messagesReceived,
      bytesReceived: this.#bytesReceived,
      messagesSent: this.#messagesSent,
      bytesSent: this.#bytesSent,
      largestSentBytes: this.#largestSentBytes,
      characters: this.#characters,
      contexts: this.#contexts,
      audioMs: this.#audioMs,
      underruns: this.#underruns,
      eventsLeftOut: this.#story?.leftOut ?? 0,
    };
  }

  #record({ cause, by, code, reason }: ConnectionEnd): ConnectionRecord {
    const { traceId, transport, method, dialect, route, url, credential } = this.#subject;
    return {
      id: traceId,
      transport,
      method,
      dialect,
      route,
      url,
      credential,
      userAgent: this.#userAgent,
      keyId: this.#keyId,
      voiceId: this.#voiceId,
      modelId: this.#modelId,
      openedAtMs: this.#openedAtMs,
      durationMs: this.#nowMs(),
      cause,
      endedBy: by,
      closeCode: code,
      closeReason: reason,
      counts: this.#counts(),
      events: this.#story?.events() ?? [],
    };
  }
}

/** All but the way to the request, which is large. */
function withoutHeaders(subject: ConnectionSubject): Subject {
  const { transport, method, dialect, route, url, traceId, credential } = subject;
  return { transport, method, dialect, route, url, traceId, credential };
}

/** The causes of ends of contexts; why one failed was told before. */
const contextEnds: Readonly<Record<ContextOutcome, EndingId | "failed">> = {
  complete: "context_closed",
  cancelled: "context_cancelled",
  failed: "failed",
  idle_timeout: "context_idle",
  unused: "context_unused",
};

/** What one context adds to the story of its connection. */
class ContextRecording implements ContextObserver, UtteranceObserver {
  readonly #recording: Recording;
  readonly #context: ContextId;

  constructor(recording: Recording, context: ContextId) {
    this.#recording = recording;
    this.#context = context;
  }

  text(): void {}

  speaking(): void {
    this.#note("speaking");
  }

  paused(): void {
    this.#note("paused");
  }

  utterance({ characters }: { readonly characters: number }): UtteranceObserver {
    this.#recording.count({ characters });
    this.#note("utterance", undefined, characters);
    return this;
  }

  lookedUp(): void {}

  dispatched(queuedMs: number): void {
    this.#note("dispatched", undefined, queuedMs);
  }

  synthesized(audioMs: number, synthesisMs: number | undefined): void {
    this.#note("synthesized", undefined, audioMs, synthesisMs);
  }

  firstAudio(firstAudioMs?: number): void {
    // Of an utterance the engine tells it, and of a context the listener's.
    if (firstAudioMs !== undefined) this.#note("first_audio", undefined, firstAudioMs);
  }

  underrun(dryMs: number): void {
    this.#recording.count({ underruns: 1 });
    this.#note("underrun", undefined, dryMs);
  }

  ended(outcome?: ContextOutcome, turn?: TurnSummary): void {
    // The end of an utterance says nothing.
    if (outcome === undefined || turn === undefined) return;
    this.#recording.count({ audioMs: turn.audioMs });
    this.#note("context_ended", contextEnds[outcome], turn.characters, turn.audioMs);
  }

  #note(type: StoryEventType, word?: string, first?: number, second?: number): void {
    this.#recording.note(type, this.#context, word, first, second);
  }
}
