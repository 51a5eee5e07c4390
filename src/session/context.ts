import type { Clock } from "../clock.ts";
import type { Account } from "../protocol/accounts.ts";
import type { AudioFormat } from "../protocol/audio-format.ts";
import type { RunningTimer, TimerReset } from "../protocol/connections.ts";
import type { ContextObserver } from "../protocol/observer.ts";
import { type Problem, toProblem } from "../protocol/problems.ts";
import type { DictionaryLocator } from "../protocol/pronunciation.ts";
import type {
  ContextId,
  Event,
  SessionPlan,
  TurnOutcome,
  TurnSummary,
} from "../protocol/speech.ts";
import type { Model, Voice, VoiceSettings } from "../protocol/voice.ts";
import type { Warning } from "../protocol/warnings.ts";
import type { MarkupFault } from "../text/markup/marks.ts";
import type { ContextConfiguration } from "./configuration.ts";
import type { Pace } from "./pacer.ts";
import { Speaker, type SpeakerParts } from "./speaker.ts";
import { TextIntake } from "./text-intake.ts";
import { Turn } from "./turn.ts";

/** Whoever opened a context and is told what becomes of it. */
export interface ContextOwner {
  /** Resolves when the event has been sent; undefined stands for now. */
  emit(event: Event): Promise<void> | undefined;
  /** The context has work again, has none any more, or has spoken some of its text. */
  onProgress(): void;
  /** Called once, after the final event was sent. */
  onFinal(context: Context): void;
  /** Nothing more comes from the context; it has to be ended. */
  onFailed(context: Context, problem: Problem, cause: unknown): void;
  /** The client should know. */
  warn(warning: Warning, context: ContextId): void;
}

/** What a context said, for whoever keeps records. */
export interface SpokenTurn {
  readonly context: ContextId;
  readonly keyId: string;
  readonly voice: Voice;
  readonly model: Model;
  /** The form in which it was sent. */
  readonly format: AudioFormat;
  readonly text: string;
  /** What was charged for it, as characters and as what they cost. */
  readonly characters: number;
  readonly cost: number;
  readonly settings: VoiceSettings;
  /** The versions that were used. */
  readonly dictionaries: readonly DictionaryLocator[];
  readonly audioMs: number;
  /** Since its first text. */
  readonly durationMs: number;
}

/** What a context is to be. */
export interface ContextSetup {
  readonly id: ContextId;
  readonly plan: SessionPlan;
  readonly account: Account;
  readonly voice: Voice;
  readonly configuration: ContextConfiguration;
  /** The context of the same name before this one; it speaks first. */
  readonly predecessor: Context | undefined;
  readonly observer: ContextObserver;
}

/** The text of a context, cut where its listener stopped listening. */
export interface HeardText {
  readonly spoken: string;
  readonly remaining: string;
}

/** The states of a context. Commands in any other state than `open` change nothing. */
type State = "open" | "draining" | "closed";

const nothing = (): void => {};

/**
 * One independent stream of speech: text in, in any pieces; audio out, in order, through one
 * continuous encoder. It owns its text, its settings and its speaker.
 */
export class Context {
  readonly id: ContextId;
  /** How it was opened. */
  readonly configuration: ContextConfiguration;
  /** The same with all that was changed since. */
  currentConfiguration: ContextConfiguration;
  /** When the client last named it, or its work was done. */
  lastActiveAt: number;
  /** When it was opened and closed, beside the other contexts of its session. */
  readonly order: { opened: number; closed: number | undefined } = { opened: 0, closed: undefined };
  /** What has reset its time. */
  lastResetBy: TimerReset = "open";
  /** Whether its client has been told that its time is running out. */
  isWarned = false;
  readonly #plan: SessionPlan;
  readonly #keyId: string;
  readonly #voice: Voice;
  readonly #clock: Clock;
  readonly #owner: ContextOwner;
  readonly #intake: TextIntake;
  readonly #turn: Turn;
  readonly #speaker: Speaker;
  #predecessor: Context | undefined;
  /** Made when somebody waits for it. */
  #ended: Promise<void> | undefined;
  #settleEnded = nothing;
  #settings: VoiceSettings;
  #state: State = "open";
  #isStopped = false;
  #lastTextAt: number | undefined;
  #hasText = false;
  /** Text has come since the last flush. */
  #hasUnflushed = false;

  constructor(setup: ContextSetup, parts: SpeakerParts, owner: ContextOwner) {
    const { id, plan, account, voice, configuration, predecessor, observer } = setup;
    this.id = id;
    this.#keyId = account.keyId;
    this.configuration = configuration;
    this.currentConfiguration = configuration;
    this.lastActiveAt = parts.clock.now();
    this.#plan = plan;
    this.#voice = voice;
    this.#clock = parts.clock;
    this.#owner = owner;
    this.#predecessor = predecessor;
    if (predecessor) this.inTurn(() => this.#onPredecessorEnded());
    this.#settings = configuration.voice ?? plan.settings;
    this.#turn = new Turn(parts.clock, voice.sampleRateHz, observer);
    const after = predecessor?.ended;
    const speakerSetup = { id, plan, account, voice, configuration, after };
    this.#speaker = new Speaker(speakerSetup, this.#turn, parts, {
      emit: (event) => owner.emit(event),
      onProgress: () => this.#onProgress(),
      onSent: () => {
        this.#state = "closed";
      },
      onSpoken: () => this.#onSpoken(),
      onFailed: (problem, cause) => owner.onFailed(this, problem, cause),
    });
    this.#intake = new TextIntake(id, plan, configuration, parts.clock, {
      take: (piece) => this.#warnOfMarkup(this.#speaker.say(piece, this.#settings)),
      onDelayOver: () => owner.warn({ code: "auto_flushed", details: {} }, id),
    });
  }

  /** What goes on with it by itself. */
  get timers(): RunningTimer[] {
    return [...this.#intake.timers, ...this.#speaker.timers];
  }

  /** Resolves when it has ended, however it did, and its client was told. */
  get ended(): Promise<void> {
    return (this.#ended ??= new Promise((resolve) => {
      this.#settleEnded = resolve;
    }));
  }

  /** Whether anything is being made or sent. */
  get busy(): boolean {
    return this.#speaker.busy;
  }

  /** Whether it takes commands. */
  get isOpen(): boolean {
    return this.#state === "open";
  }

  /** Whether its final event is still to come. */
  get isLive(): boolean {
    return this.#state !== "closed";
  }

  /** Whether it has sent nothing yet because of an older context of its name. */
  get isQueued(): boolean {
    return this.#predecessor !== undefined;
  }

  /** Whether it was ever given more than white space. */
  get hasText(): boolean {
    return this.#hasText;
  }

  /** Whether any of its text is still to be spoken. */
  get hasUnspoken(): boolean {
    return this.busy || this.#intake.bufferedText.trim() !== "";
  }

  /** Whether its client is owed more than it was sent. */
  get isUnfinished(): boolean {
    const endsWithClose = !this.configuration.tellsPieces;
    return this.isLive && (this.hasUnspoken || (endsWithClose && this.hasText));
  }

  /** When it was last given text. */
  get lastTextAt(): number | undefined {
    return this.#lastTextAt;
  }

  /** Characters that were received and not yet handed to the synthesizer. */
  get backlogChars(): number {
    return this.#speaker.waitingChars + this.#intake.bufferedChars;
  }

  /** Changes how text is spoken and cut from here on. */
  configure(configuration: ContextConfiguration): void {
    this.currentConfiguration = { ...this.currentConfiguration, ...configuration };
    if (configuration.voice) this.#settings = configuration.voice;
    this.#intake.configure(configuration);
  }

  /** Appends text exactly as it is. */
  text(sent: string): void {
    if (this.#state !== "open") return;
    this.#lastTextAt = this.#clock.now();
    if (!this.#hasText) {
      const leading = sent.length - sent.trimStart().length;
      this.#speaker.skip(leading);
      this.#hasText = leading < sent.length;
      if (this.#hasText) {
        this.#turn.onText();
        if (!this.#isExpected()) return;
      }
    }
    this.#hasUnflushed ||= sent.trim() !== "";
    this.#intake.append(sent);
  }

  /** Speaks what is buffered, if it is at least `minChars` long. */
  flush(minChars = 0): void {
    if (this.#state !== "open") return;
    this.#intake.flush(minChars);
    // Speaking may have been refused, which ends the context.
    if (minChars > 0 || !this.#plan.details || !this.isOpen) return;
    if (!this.#hasUnflushed) this.#owner.warn({ code: "empty_flush", details: {} }, this.id);
    this.#hasUnflushed = false;
    this.#speaker.flush();
  }

  /** Speaks what is buffered, then sends the final event. */
  close(): void {
    if (this.#state !== "open") return;
    this.#intake.flush();
    this.#state = "draining";
    this.#warnOfMarkup(this.#speaker.end());
  }

  setPace(pace: Pace): void {
    this.#speaker.setPace(pace);
  }

  /** From here on everything is sent as soon as it is there. */
  rush(): void {
    this.#speaker.rush();
  }

  /**
   * Stops all work at once; it sends nothing more. `unsent` are events of it that were never
   * sent, and `playedMs` is how much of its audio was played: all that was sent, if undefined.
   */
  stop(unsent: readonly Event[] = [], playedMs: number = Number.POSITIVE_INFINITY): HeardText {
    for (const event of unsent) if (event.type === "audio") this.#turn.onDropped(event.samples);
    const heard = this.#speaker.split(playedMs, this.#intake.bufferedText);
    this.#state = "closed";
    this.#isStopped = true;
    this.#speaker.stop();
    this.#intake.drop();
    return heard;
  }

  /** To be called when its end has been told. */
  settle(): void {
    this.#settleEnded();
  }

  /** Tells its observer that it has ended; to be called once. */
  tellEnd(outcome: TurnOutcome): void {
    this.#turn.onEnded(outcome);
  }

  /** Does it at once, or when the older context of its name has ended. */
  inTurn(act: () => void): void {
    if (this.#predecessor) void this.#actAfter(this.#predecessor, act);
    else act();
  }

  /** What has come of it so far. */
  summary(outcome: TurnOutcome): TurnSummary {
    return this.#turn.summary(outcome);
  }

  /** Whether anything was given to the engine, while anybody keeps records. */
  get hasSpoken(): boolean {
    return this.#speaker.spokenText.length > 0;
  }

  /** What was given to the engine so far. */
  get spoken(): SpokenTurn {
    return {
      context: this.id,
      keyId: this.#keyId,
      voice: this.#voice,
      model: this.configuration.model ?? this.#plan.model,
      format: this.configuration.format ?? this.#plan.format,
      text: this.#speaker.spokenText.join(""),
      ...this.#speaker.charged,
      settings: this.#settings,
      dictionaries: this.configuration.dictionaries ?? [],
      audioMs: this.#turn.audioMs,
      durationMs: this.#turn.durationMs,
    };
  }

  /** Whether there may be room for what it has begun to say; if there is none it has failed. */
  #isExpected(): boolean {
    try {
      this.#speaker.expect();
      return true;
    } catch (error) {
      this.#owner.onFailed(this, toProblem(error), error);
      return false;
    }
  }

  async #actAfter(predecessor: Context, act: () => void): Promise<void> {
    await predecessor.ended;
    act();
  }

  #onPredecessorEnded(): void {
    // Else each context of a name would keep all before it in memory.
    this.#predecessor = undefined;
    this.#touch();
  }

  #warnOfMarkup(faults: readonly MarkupFault[]): void {
    if (faults.length === 0) return;
    const details = { count: faults.length, faults: [...new Set(faults)].join(", ") };
    this.#owner.warn({ code: "markup_broken", details }, this.id);
  }

  #onProgress(): void {
    if (!this.busy) this.#touch();
    this.#owner.onProgress();
  }

  /** Its work was done. */
  #touch(): void {
    this.lastActiveAt = this.#clock.now();
    this.lastResetBy = "speech";
  }

  async #onSpoken(): Promise<void> {
    await this.#owner.emit({ type: "final", context: this.id, turn: this.summary("complete") });
    if (this.#isStopped) return;
    this.#intake.drop();
    this.#speaker.close();
    this.#owner.onFinal(this);
  }
}
