import type { EncoderSource } from "../audio/stream-encoder.ts";
import type { Clock } from "../clock.ts";
import { inOnePiece, type Pcm, type Synthesizer, type Urgency } from "../engine/synthesizer.ts";
import type { ContextObserver } from "../protocol/observer.ts";
import { type Problem, SpeechError, toProblem } from "../protocol/problems.ts";
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
import { cutUtterances } from "../text/clauses.ts";
import { atRate, MarkupCutter, type MarkupPart } from "../text/markup/cut.ts";
import type { MarkupFault } from "../text/markup/marks.ts";
import { AudioSender } from "./audio-sender.ts";
import { createBreak } from "./break.ts";
import type { ContextConfiguration } from "./configuration.ts";
import type { Lease, Limiter } from "./limiter.ts";
import { Narrator } from "./narrator.ts";
import { type Pace, Pacer } from "./pacer.ts";
import { TextIntake } from "./text-intake.ts";
import { Turn } from "./turn.ts";

/** What the contexts of a session work with. */
export interface ContextParts {
  readonly clock: Clock;
  readonly synthesizer: Synthesizer;
  readonly encoders: EncoderSource;
  readonly limiter: Limiter;
}

/** Whoever opened a context and is told what becomes of it. */
export interface ContextOwner {
  /** Resolves when the event has been sent. */
  emit(event: Event): Promise<void>;
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
  readonly voice: Voice;
  readonly model: Model;
  readonly text: string;
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

/** Utterances that are synthesized at the same time: one is sent while the next one is made. */
const utterancesAhead = 2;

const nothing = (): void => {};

interface Utterance extends MarkupPart {
  readonly type: "utterance";
  readonly settings: VoiceSettings;
  /** The flush that its audio will be complete with. */
  readonly flush: number;
  /** `text` as it was sent: with the space that the utterance before it has taken over. */
  readonly sentText: string;
  /** Code points of the context's text before `sentText`. */
  readonly textOffset: number;
  /** Whether it is the last one of its piece. */
  readonly endsPiece: boolean;
}

/** The place of a flush among the utterances. */
interface FlushMark {
  readonly type: "flush";
  readonly flush: number;
}

/** An utterance whose synthesis has been asked for. */
interface StartedUtterance extends Utterance {
  readonly speech: AsyncIterable<Pcm>;
}

/**
 * One independent stream of speech: text in, in any pieces; audio out, in order, through one
 * continuous encoder. It owns its text, its settings, its encoder and the work done for it.
 */
export class Context {
  readonly id: ContextId;
  /** How it was opened. */
  readonly configuration: ContextConfiguration;
  /** The same with all that was changed since. */
  currentConfiguration: ContextConfiguration;
  /** Resolves when it has ended, however it did, and its client was told. */
  readonly ended: Promise<void>;
  /** When the client last named it, or its work was done. */
  lastActiveAt: number;
  /** When it was opened and closed, beside the other contexts of its session. */
  readonly order: { opened: number; closed: number | undefined } = { opened: 0, closed: undefined };
  /** Whether its client has been told that its time is running out. */
  isWarned = false;
  readonly #plan: SessionPlan;
  readonly #voice: Voice;
  readonly #parts: ContextParts;
  readonly #owner: ContextOwner;
  readonly #intake: TextIntake;
  /** Finds the markup, if there may be some. */
  readonly #markup: MarkupCutter | undefined;
  readonly #turn: Turn;
  readonly #observer: ContextObserver;
  readonly #pacer: Pacer;
  /** Made when there is something to send. */
  #sender: AudioSender | undefined;
  readonly #narrator: Narrator | undefined;
  #predecessor: Context | undefined;
  #settleEnded = nothing;
  #settings: VoiceSettings;
  #state: State = "open";
  #waiting: (Utterance | FlushMark)[] = [];
  #waitingChars = 0;
  /** In pieces, while anybody keeps records. */
  readonly #spokenText: string[] = [];
  #started: (StartedUtterance | FlushMark)[] = [];
  #running = false;
  #abort: AbortController | undefined;
  #lease: Lease | undefined;
  #lastTextAt: number | undefined;
  #hasText = false;
  #hasSpoken = false;
  /** Text has come since the last flush. */
  #hasUnflushed = false;
  #flushes = 0;
  #textOffset = 0;
  /** The alignment of the last utterance ended in a space that its text does not have. */
  #padded = false;

  constructor(setup: ContextSetup, parts: ContextParts, owner: ContextOwner) {
    const { id, plan, voice, configuration, predecessor, observer } = setup;
    this.id = id;
    this.configuration = configuration;
    this.currentConfiguration = configuration;
    this.lastActiveAt = parts.clock.now();
    this.ended = new Promise((resolve) => {
      this.#settleEnded = resolve;
    });
    this.#plan = plan;
    this.#voice = voice;
    this.#parts = parts;
    this.#owner = owner;
    this.#observer = observer;
    this.#predecessor = predecessor;
    this.inTurn(() => this.#onPredecessorEnded());
    this.#settings = configuration.voice ?? plan.settings;
    if (plan.markup === "ssml") this.#markup = new MarkupCutter();
    this.#turn = new Turn(parts.clock, voice.sampleRateHz);
    this.#pacer = new Pacer(parts.clock);
    if (plan.details) {
      // It tells of several things in a row, and the context may be stopped after any of them.
      const emit = (event: Event): Promise<void> =>
        this.#abort?.signal.aborted ? Promise.resolve() : owner.emit(event);
      this.#narrator = new Narrator(id, plan, plan.details, this.#turn, emit);
    }
    this.#intake = new TextIntake(plan, configuration, parts.clock, {
      take: (piece) => this.#dispatch(piece),
      onDelayOver: () => owner.warn({ code: "auto_flushed", details: {} }, id),
    });
  }

  /** Whether anything is being made or sent. */
  get busy(): boolean {
    return this.#running;
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

  /** When it was last given text. */
  get lastTextAt(): number | undefined {
    return this.#lastTextAt;
  }

  /** Characters that were received and not yet handed to the synthesizer. */
  get backlogChars(): number {
    return this.#waitingChars + this.#intake.bufferedChars;
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
    this.#lastTextAt = this.#parts.clock.now();
    if (!this.#hasText) {
      const leading = sent.length - sent.trimStart().length;
      this.#textOffset += leading;
      this.#hasText = leading < sent.length;
      if (this.#hasText) {
        this.#turn.onText();
        this.#observer.text();
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
    if (minChars > 0 || !this.#narrator || !this.isOpen) return;
    if (!this.#hasUnflushed) this.#owner.warn({ code: "empty_flush", details: {} }, this.id);
    this.#hasUnflushed = false;
    this.#flushes += 1;
    this.#waiting.push({ type: "flush", flush: this.#flushes });
    this.#run();
  }

  /** Speaks what is buffered, then sends the final event. */
  close(): void {
    if (this.#state !== "open") return;
    this.#intake.flush();
    this.#warnOfMarkup(this.#markup?.end() ?? []);
    this.#state = "draining";
    this.#run();
  }

  /** Forgets text that waits for more; what has been dispatched is still spoken. */
  dropBuffered(): void {
    this.#intake.drop();
  }

  setPace(pace: Pace): void {
    this.#pacer.set(pace);
  }

  /**
   * Stops all work at once; it sends nothing more. `unsent` are events of it that were never
   * sent, and `playedMs` is how much of its audio was played: all that was sent, if undefined.
   */
  stop(unsent: readonly Event[] = [], playedMs: number = Number.POSITIVE_INFINITY): HeardText {
    for (const event of unsent) if (event.type === "audio") this.#turn.onDropped(event.samples);
    const heard = this.#splitText(playedMs);
    this.#state = "closed";
    this.#abort?.abort();
    this.#pacer.release();
    this.#release();
    return heard;
  }

  /** To be called when its end has been told. */
  settle(): void {
    this.#settleEnded();
  }

  /** Tells its observer that it has ended; to be called once. */
  tellEnd(outcome: TurnOutcome): void {
    this.#observer.ended(this.#hasText ? outcome : "unused", this.summary(outcome));
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
    return this.#spokenText.length > 0;
  }

  /** What was given to the engine so far. */
  get spoken(): SpokenTurn {
    return {
      voice: this.#voice,
      model: this.configuration.model ?? this.#plan.model,
      text: this.#spokenText.join(""),
      settings: this.#settings,
      dictionaries: this.configuration.dictionaries ?? [],
      audioMs: this.#turn.audioMs,
      durationMs: this.#turn.durationMs,
    };
  }

  async #actAfter(predecessor: Context, act: () => void): Promise<void> {
    await predecessor.ended;
    act();
  }

  #onPredecessorEnded(): void {
    // Else each context of a name would keep all before it in memory.
    this.#predecessor = undefined;
    this.lastActiveAt = this.#parts.clock.now();
  }

  #splitText(playedMs: number): HeardText {
    const narrator = this.#narrator;
    if (!narrator) return { spoken: "", remaining: "" };
    const played = (playedMs * this.#voice.sampleRateHz) / 1000;
    const { spoken, rest } = narrator.splitAt(Math.min(this.#turn.samples, played));
    const unheard = [...this.#started, ...this.#waiting].flatMap((work) =>
      work.type === "utterance" && !narrator.hasAligned(work.textOffset) ? [work.sentText] : [],
    );
    return { spoken, remaining: [rest, ...unheard, this.#intake.bufferedText].join("") };
  }

  #dispatch(piece: string): void {
    // The space that was added after the last utterance stands for the one this text begins with.
    const isDoubled = this.#padded && piece.startsWith(" ");
    const text = isDoubled ? piece.slice(1) : piece;
    let before = isDoubled ? " " : "";
    const first = !this.#hasSpoken;
    const parts = this.#cut(text, first);
    for (const [index, part] of parts.entries()) {
      this.#hasSpoken = true;
      this.#padded = !part.text.endsWith(" ");
      this.#waiting.push({
        ...part,
        type: "utterance",
        settings: atRate(this.#settings, part.rate),
        flush: this.#flushes + 1,
        sentText: `${before}${part.text}`,
        textOffset: this.#textOffset,
        endsPiece: index === parts.length - 1,
      });
      this.#waitingChars += part.text.length;
      for (const _ of `${before}${part.text}`) this.#textOffset += 1;
      before = "";
    }
    if (this.#waiting.length > 0) this.#run();
  }

  #cut(text: string, first: boolean): readonly MarkupPart[] {
    if (!this.#markup) return cutUtterances(text, first).map((utterance) => ({ text: utterance }));
    const { parts, faults } = this.#markup.cut(text, first);
    this.#warnOfMarkup(faults);
    return parts;
  }

  #warnOfMarkup(faults: readonly MarkupFault[]): void {
    if (faults.length === 0) return;
    const details = { count: faults.length, faults: [...new Set(faults)].join(", ") };
    this.#owner.warn({ code: "markup_broken", details }, this.id);
  }

  #run(): void {
    if (this.#running) {
      if (this.#lease) this.#synthesizeAhead();
      return;
    }
    this.#running = true;
    this.#owner.onProgress();
    void this.#speak();
  }

  async #speak(): Promise<void> {
    const { signal } = (this.#abort ??= new AbortController());
    try {
      if (this.#predecessor) await this.#predecessor.ended;
      await this.#pacer.awake();
      signal.throwIfAborted();
      for (let isAwaited = true; ; ) {
        await this.#admit(signal);
        this.#synthesizeAhead(isAwaited);
        const next = this.#started[0];
        if (!next) break;
        if (next.type === "flush") {
          await this.#narrator?.flushed(next.flush);
        } else {
          await this.#speakUtterance(next, isAwaited, signal);
          isAwaited = false;
          if (next.endsPiece && this.configuration.tellsPieces) {
            await this.#owner.emit({ type: "piece_ended", context: this.id });
          }
        }
        this.#started.shift();
      }
      if (this.#state === "draining") await this.#finish(signal);
    } catch (error) {
      if (!signal.aborted) this.#owner.onFailed(this, toProblem(error), error);
    } finally {
      this.#lease?.();
      this.#lease = undefined;
      this.#running = false;
      this.lastActiveAt = this.#parts.clock.now();
      this.#owner.onProgress();
    }
  }

  /** Waits for the right to speak, if there is anything to be spoken. @throws {SpeechError} too_many_concurrent_requests */
  async #admit(signal: AbortSignal): Promise<void> {
    if (this.#lease || !this.#waiting.some(({ type }) => type === "utterance")) return;
    const { limiter } = this.#parts;
    this.#lease = await limiter.acquire();
    signal.throwIfAborted();
    if (!this.#lease) {
      throw new SpeechError("too_many_concurrent_requests", { limit: limiter.limit });
    }
  }

  #synthesizeAhead(isAwaited = false): void {
    if (!this.#abort) return;
    const { pace } = this.#pacer;
    while (this.#started.length < (pace === "free" ? utterancesAhead : 1)) {
      const next = this.#waiting.shift();
      if (!next) return;
      if (next.type === "flush") {
        this.#started.push(next);
        continue;
      }
      this.#waitingChars -= next.text.length;
      const isFirst = isAwaited && this.#started.length === 0;
      const urgency = isFirst ? "awaited" : pace === "free" ? "ahead" : "background";
      this.#started.push({ ...next, speech: this.#synthesize(next, urgency, this.#abort.signal) });
      this.#owner.onProgress();
    }
  }

  #synthesize(utterance: Utterance, urgency: Urgency, signal: AbortSignal): AsyncIterable<Pcm> {
    const { text, sentText, settings, breakMs } = utterance;
    const voice = this.#voice;
    this.#turn.onUtterance(text);
    if (this.#plan.retention !== "none") this.#spokenText.push(sentText);
    if (breakMs !== undefined) {
      return inOnePiece(Promise.resolve(createBreak(text, breakMs, voice.sampleRateHz)));
    }
    const pronunciations = this.configuration.pronunciations?.occurringIn(text) ?? [];
    const asked = { text, settings, voice, markup: this.#plan.markup, urgency };
    return this.#parts.synthesizer.synthesize(
      pronunciations.length > 0 ? { ...asked, pronunciations } : asked,
      signal,
    );
  }

  #createSender(): AudioSender {
    const plan = this.#plan;
    const format = this.configuration.format ?? plan.format;
    const setup = { id: this.id, plan, voice: this.#voice, format };
    return new AudioSender(setup, this.#turn, this.#pacer, this.#parts.encoders, (event) =>
      this.#owner.emit(event),
    );
  }

  async #speakUtterance(
    { text, sentText, textOffset, flush, speech }: StartedUtterance,
    isAwaited: boolean,
    signal: AbortSignal,
  ): Promise<void> {
    const narrator = this.#narrator;
    const lead = sentText.length - text.length;
    let ms = 0;
    await narrator?.beginSegment(sentText, textOffset);
    for await (const pcm of speech) {
      ms += pcm.synthesisMs ?? 0;
      this.#turn.onSynthesized(pcm.synthesisMs ?? 0);
      if (pcm.alignment) await narrator?.align(sentText, lead, textOffset, pcm.alignment);
      await (this.#sender ??= this.#createSender()).send(pcm, flush, isAwaited, signal);
    }
    await narrator?.endSegment(ms);
  }

  async #finish(signal: AbortSignal): Promise<void> {
    await this.#sender?.finish(this.#flushes + 1, signal);
    signal.throwIfAborted();
    this.#state = "closed";
    await this.#narrator?.endTurn();
    await this.#owner.emit({ type: "final", context: this.id, turn: this.summary("complete") });
    if (signal.aborted) return;
    this.#release();
    this.#owner.onFinal(this);
  }

  #release(): void {
    this.#waiting = [];
    this.#waitingChars = 0;
    this.#intake.drop();
    this.#sender?.close();
  }
}
