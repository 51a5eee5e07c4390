import type { EncoderSource } from "../audio/stream-encoder.ts";
import type { Clock } from "../clock.ts";
import type { Account, Lease } from "../protocol/accounts.ts";
import type { RunningTimer, TimerFiring, TimerName } from "../protocol/connections.ts";
import { inOnePiece, type Pcm, type Synthesizer, type Utterance } from "../engine/synthesizer.ts";
import type { UtteranceObserver } from "../protocol/observer.ts";
import { type Problem, SpeechError, toProblem } from "../protocol/problems.ts";
import { countCharacters } from "../protocol/records.ts";
import type { ContextId, Event, SessionPlan } from "../protocol/speech.ts";
import type { Voice, VoiceSettings } from "../protocol/voice.ts";
import type { MarkupFault } from "../text/markup/marks.ts";
import { type Admission, patienceMs, type Seat } from "./admission.ts";
import { AudioSender } from "./audio-sender.ts";
import { createBreak } from "./break.ts";
import { filePatienceMs, type LeaveSeat } from "./file-seats.ts";
import { withTimeLeft } from "./countdown.ts";
import type { ContextConfiguration } from "./configuration.ts";
import { Narrator } from "./narrator.ts";
import { type Pace, Pacer } from "./pacer.ts";
import { StopSignal } from "./stop-signal.ts";
import type { Turn } from "./turn.ts";
import { type Charged, type UtteranceCharge, UtteranceCharges } from "./utterance-charges.ts";
import { type FlushMark, type QueuedUtterance, UtteranceQueue } from "./utterance-queue.ts";

/** What speakers work with. */
export interface SpeakerParts {
  readonly clock: Clock;
  readonly synthesizer: Synthesizer;
  readonly encoders: EncoderSource;
  readonly admission: Admission;
  /** How much audio a listener may have in hand, in ms. */
  readonly leadMs: number;
  /** How long who may not speak yet, because as many do as may, waits for it. */
  readonly concurrencyQueueMs: number;
}

/** Who speaks, and how. */
export interface SpeakerSetup {
  readonly id: ContextId;
  readonly plan: SessionPlan;
  readonly account: Account;
  readonly voice: Voice;
  readonly configuration: ContextConfiguration;
  /** Nothing is sent before this. */
  readonly after: Promise<void> | undefined;
}

/** Whoever has something to say. */
export interface SpeakerOwner {
  /** Resolves when the event has been sent; undefined stands for now. */
  emit(event: Event): Promise<void> | undefined;
  /** There is work again, or none any more, or some of it has been given to the engine. */
  onProgress(): void;
  /** After `end`: all audio was sent, and only its end is still to be told. */
  onSent(): void;
  /** After `onSent`: the end is to be told. */
  onSpoken(): Promise<void>;
  /** Nothing more comes. */
  onFailed(problem: Problem, cause: unknown): void;
}

/** An utterance whose synthesis has been asked for. */
interface StartedUtterance extends QueuedUtterance {
  readonly speech: AsyncIterable<Pcm>;
  readonly observer: UtteranceObserver;
  /** Undefined for what is only a repetition, and for what was given back. */
  charge: UtteranceCharge | undefined;
  /** Whether any of its audio was sent. */
  isHeard: boolean;
  /** Whether there was time enough to make it when it was asked for. */
  readonly isInTime: boolean;
  /** How much audio it is likely to be. */
  readonly expectedMs: number;
}

/** Utterances that are synthesized at the same time: one is sent while the next one is made. */
const utterancesAhead = 2;
/**
 * Who has this much in hand, as far as is known, may be one that does not read: the next utterance
 * would only be kept in memory before so little of this one is left to be sent.
 */
const ample = { inHandMs: 12_000, unsentMs: 1000 } as const;
/** Audio that comes this shortly before it is needed, though it was asked for in time, is nearly late. */
const strain = { slackMs: 250, noticeMs: 1000 } as const;

const nothing = (): void => {};

/**
 * Speaks the utterances of one context: in order, through one continuous encoder, as fast as its
 * listener has a use for them. It owns the work that is done for them.
 */
export class Speaker {
  readonly #setup: SpeakerSetup;
  readonly #parts: SpeakerParts;
  readonly #owner: SpeakerOwner;
  readonly #turn: Turn;
  readonly #queue: UtteranceQueue;
  readonly #pacer: Pacer;
  readonly #charges: UtteranceCharges;
  readonly #narrator: Narrator | undefined;
  /** In pieces, while anybody keeps records. */
  readonly #spokenText: string[] = [];
  #after: Promise<void> | undefined;
  /** Made when there is something to send. */
  #sender: AudioSender | undefined;
  #started: (StartedUtterance | FlushMark)[] = [];
  /** Where the audio of the utterance begins that is being sent, in samples. */
  #startedAtSample = 0;
  #isRunning = false;
  /** Whether the listener had nothing to hear when the text came that is spoken next. */
  #isAwaited = true;
  #isEnding = false;
  #stop: StopSignal | undefined;
  #lease: Lease | undefined;
  #seat: Seat | undefined;
  #leaveFileSeat: LeaveSeat | undefined;
  /** Tells that it asks for its seat, or never will. */
  #arrive = nothing;
  /** What it waits for before it may speak. */
  #awaited: TimerFiring | undefined;
  #flushes = 0;

  constructor(setup: SpeakerSetup, turn: Turn, parts: SpeakerParts, owner: SpeakerOwner) {
    const { id, plan } = setup;
    this.#setup = setup;
    this.#parts = parts;
    this.#owner = owner;
    this.#turn = turn;
    this.#after = setup.after;
    this.#queue = new UtteranceQueue(plan.markup);
    this.#charges = new UtteranceCharges(setup);
    const leadMs = plan.playback === "live" ? parts.leadMs : undefined;
    this.#pacer = new Pacer(id, parts.clock, leadMs);
    if (plan.details) {
      // It tells of several things in a row, and the context may be stopped after any of them.
      const emit = (event: Event): Promise<void> | undefined =>
        this.#stop?.isStopped ? undefined : owner.emit(event);
      this.#narrator = new Narrator(id, plan, plan.details, turn, emit);
    }
  }

  /** Whether anything is being made or sent. */
  get busy(): boolean {
    return this.#isRunning;
  }

  /** What it waits for. */
  get timers(): RunningTimer[] {
    const awaited = this.#awaited ? [withTimeLeft(this.#awaited, this.#parts.clock)] : [];
    return [...awaited, ...this.#pacer.timers];
  }

  /** Characters that were not yet handed to the synthesizer. */
  get waitingChars(): number {
    return this.#queue.chars;
  }

  /** What was begun to be sent so far, in pieces. */
  get spokenText(): readonly string[] {
    return this.#spokenText;
  }

  /** What was charged so far. */
  get charged(): Charged {
    return this.#charges.total;
  }

  /** The context's text goes on after characters that are not spoken. */
  skip(codePoints: number): void {
    this.#queue.skip(codePoints);
  }

  /**
   * Text begins to come that is to be said.
   * @throws {SpeechError} server_busy, when there will be no room for it
   */
  expect(): void {
    if (this.#setup.plan.playback === "live") this.#arrive = this.#parts.admission.expect();
  }

  /** Speaks the next piece of text, and says what is wrong with its markup. */
  say(piece: string, settings: VoiceSettings): readonly MarkupFault[] {
    const faults = this.#queue.add(piece, settings, this.#flushes + 1);
    if (!this.#queue.isEmpty) this.#run();
    return faults;
  }

  /** All that was said so far belongs to one flush. */
  flush(): void {
    if (!this.#narrator) return;
    this.#flushes += 1;
    this.#queue.addFlush(this.#flushes);
    this.#run();
  }

  /** Says what is left, and that it is all. Gives what is wrong with markup that is still open. */
  end(): readonly MarkupFault[] {
    const faults = this.#queue.end();
    this.#isEnding = true;
    this.#run();
    return faults;
  }

  setPace(pace: Pace): void {
    this.#pacer.set(pace);
  }

  /** From here on everything is sent as soon as it is there. */
  rush(): void {
    this.#pacer.release();
  }

  /** Stops all work at once, and says nothing more. */
  stop(): void {
    this.#noteStarvation();
    this.#stop?.stop();
    this.#giveBackUnheard();
    this.#pacer.release();
    this.#seat?.leave(Number.NEGATIVE_INFINITY, true);
    this.close();
  }

  /** A listener that went while it waited for what it was owed has run dry as well. */
  #noteStarvation(): void {
    const { heardAt, runsDryAt } = this.#pacer;
    const isOwed = this.#isRunning && !this.#isAwaited && this.#started.length > 0;
    if (isOwed && this.#setup.plan.playback === "live") this.#turn.onUnderrun(runsDryAt - heardAt);
  }

  /** Frees what it holds. */
  close(): void {
    this.#arrive();
    this.#queue.clear();
    this.#sender?.close();
  }

  /** The text cut where its listener stopped listening; `buffered` is what never came here. */
  split(playedMs: number, buffered: string): { spoken: string; remaining: string } {
    const narrator = this.#narrator;
    if (!narrator) return { spoken: "", remaining: "" };
    const played = (playedMs * this.#setup.voice.sampleRateHz) / 1000;
    const { spoken, rest } = narrator.splitAt(Math.min(this.#turn.samples, played));
    const unheard = [...this.#started, ...this.#queue].flatMap((work) =>
      work.type === "utterance" ? [narrator.unalignedOf(work.sentText, work.textOffset)] : [],
    );
    return { spoken, remaining: [rest, ...unheard, buffered].join("") };
  }

  #run(): void {
    if (this.#isRunning) {
      if (this.#lease) this.#synthesizeAhead(false);
      return;
    }
    this.#isRunning = true;
    this.#owner.onProgress();
    void this.#speak();
  }

  async #speak(): Promise<void> {
    const stop = (this.#stop ??= new StopSignal());
    try {
      if (this.#after) await this.#after;
      this.#after = undefined;
      await this.#pacer.awake();
      stop.throwIfStopped();
      for (this.#isAwaited = true; ; ) {
        await this.#enter(stop);
        this.#synthesizeAhead(this.#isAwaited);
        const next = this.#started[0];
        if (!next) break;
        if (next.type === "flush") {
          await this.#narrator?.flushed(next.flush);
        } else {
          await this.#speakUtterance(next, this.#isAwaited, stop);
          next.observer.ended();
          this.#isAwaited = false;
          if (next.endsPiece && this.#setup.configuration.tellsPieces) {
            await this.#endPiece(next, stop);
          }
        }
        this.#started.shift();
      }
      if (this.#isEnding) await this.#finish(stop);
    } catch (error) {
      this.#giveBackUnheard();
      if (!stop.isStopped) this.#owner.onFailed(toProblem(error), error);
    } finally {
      for (const work of this.#started) if (work.type === "utterance") work.observer.ended();
      this.#started = [];
      this.#leave(stop);
      this.#isRunning = false;
      this.#owner.onProgress();
    }
  }

  /** What was begun, and has come to an end before anything of it was sent, costs nothing. */
  #giveBackUnheard(): void {
    for (const work of this.#started) {
      if (work.type !== "utterance" || work.isHeard) continue;
      this.#charges.refund(work.charge);
      work.charge = undefined;
    }
  }

  /**
   * Waits for the right to speak, if there is anything to be spoken.
   * @throws {SpeechError} too_many_concurrent_requests, server_busy
   */
  async #enter(stop: StopSignal): Promise<void> {
    if (this.#lease || !this.#queue.hasUtterance) return;
    const { admission, concurrencyQueueMs } = this.#parts;
    const { plan, voice, account } = this.#setup;
    this.#arrive();
    const { signal } = stop;
    if (plan.playback === "file") {
      this.#leaveFileSeat = await this.#waitFor(
        "room",
        filePatienceMs,
        admission.enterFile(signal),
      );
    } else if (!this.#seat?.resume()) {
      const seat = admission.enter(voice, this.#pacer, signal);
      this.#seat = await this.#waitFor("room", patienceMs, seat);
    }
    // Work begins with the lease: text that comes while it is waited for has to wait as well.
    this.#lease = await this.#waitFor("concurrency", concurrencyQueueMs, account.acquire());
    stop.throwIfStopped();
    this.#turn.onSpeaking();
  }

  async #waitFor<Right>(name: TimerName, limitMs: number, right: Promise<Right>): Promise<Right> {
    const lastResetAt = this.#parts.clock.now();
    const context = this.#setup.id;
    this.#awaited = { name, context, limitMs, lastResetAt, lastResetBy: "message" };
    try {
      return await right;
    } finally {
      this.#awaited = undefined;
    }
  }

  #leave({ isStopped }: StopSignal): void {
    this.#turn.onPaused();
    this.#lease?.();
    this.#lease = undefined;
    this.#leaveFileSeat?.();
    this.#leaveFileSeat = undefined;
    this.#seat?.leave(isStopped ? Number.NEGATIVE_INFINITY : this.#pacer.heardAt, this.#isEnding);
  }

  #synthesizeAhead(isAwaited: boolean): void {
    if (!this.#stop) return;
    while (this.#started.length === 0 || this.#hasUseForMore()) {
      const next = this.#queue.take();
      if (!next) return;
      if (next.type === "flush") {
        this.#started.push(next);
        continue;
      }
      const isFirst = isAwaited && this.#started.length === 0;
      const dueAt = this.#dueAt(isFirst);
      const observer = this.#turn.onUtterance(next.text);
      const expectedMs = this.#expectedMs(next);
      const speech = this.#synthesize(next, { dueAt, expectedMs, observer }, this.#stop.signal);
      const charge = this.#charges.begin(next);
      const isInTime = dueAt - this.#parts.clock.now() >= strain.noticeMs;
      const isHeard = false;
      this.#started.push({ ...next, speech, observer, charge, isHeard, isInTime, expectedMs });
      this.#owner.onProgress();
    }
  }

  /** Whether another utterance is to be made while the one before it is sent. */
  #hasUseForMore(): boolean {
    if (this.#started.length >= (this.#pacer.pace === "free" ? utterancesAhead : 1)) return false;
    if (this.#setup.plan.playback === "file") return true;
    return this.#pacer.inHandMs < ample.inHandMs || this.#startedMs() <= ample.unsentMs;
  }

  /** How much audio is likely to come of what has been asked for, and was not sent. */
  #startedMs(): number {
    const sentMs = this.#turn.toMs(this.#turn.samples - this.#startedAtSample);
    const startedMs = this.#started.reduce(
      (sum, work) => sum + (work.type === "utterance" ? work.expectedMs : 0),
      0,
    );
    return Math.max(0, startedMs - sentMs);
  }

  /** When the listener has nothing left to hear but what is asked for next. */
  #dueAt(isAwaited: boolean): number {
    const { heardAt, runsDryAt, pace } = this.#pacer;
    if (this.#setup.plan.playback === "file") return Number.POSITIVE_INFINITY;
    // Who was interrupted before a word was heard is hardly listened to any more.
    if (pace !== "free" && heardAt < runsDryAt) return Number.POSITIVE_INFINITY;
    if (isAwaited) return runsDryAt;
    return runsDryAt + this.#startedMs();
  }

  #expectedMs({ text, settings, breakMs }: QueuedUtterance): number {
    return (
      breakMs ?? this.#parts.admission.rates.audioMs(this.#setup.voice, text.length, settings.speed)
    );
  }

  #synthesize(
    utterance: QueuedUtterance,
    wanted: Pick<StartedUtterance, "expectedMs" | "observer"> & { readonly dueAt: number },
    signal: AbortSignal,
  ): AsyncIterable<Pcm> {
    const { text, settings, breakMs } = utterance;
    const { dueAt, expectedMs } = wanted;
    const { plan, voice, configuration } = this.#setup;
    if (breakMs !== undefined) {
      return inOnePiece(Promise.resolve(createBreak(text, breakMs, voice.sampleRateHz)));
    }
    const pronunciations = configuration.pronunciations?.occurringIn(text) ?? [];
    const { markup, normalization } = plan;
    const isPrivate = plan.retention === "private";
    const how = { settings, voice, markup, normalization, isPrivate };
    const observer: Utterance["observer"] = {
      lookedUp: (isFound) => wanted.observer.lookedUp(isFound),
      dispatched: (queuedMs) => {
        wanted.observer.dispatched(queuedMs);
        this.#parts.admission.onDispatched(voice, dueAt, expectedMs);
      },
    };
    const asked = { text, ...how, dueAt, observer };
    return this.#parts.synthesizer.synthesize(
      pronunciations.length > 0 ? { ...asked, pronunciations } : asked,
      signal,
    );
  }

  async #speakUtterance(
    utterance: StartedUtterance,
    isAwaited: boolean,
    stop: StopSignal,
  ): Promise<void> {
    const { text, sentText, textOffset, flush, speech, observer } = utterance;
    const narrator = this.#narrator;
    /** Of a thread's short work its clock may say 0; of a break there is none. */
    let synthesisMs: number | undefined;
    let samples = 0;
    let childMs = 0;
    let isRepeat = false;
    this.#startedAtSample = this.#turn.samples;
    await narrator?.beginSegment(sentText, sentText.length - text.length, textOffset);
    // A reader that stalls runs dry by itself.
    let wantedInHandMs = this.#pacer.inHandMs;
    for await (const pcm of speech) {
      const isFirst = samples === 0;
      if (isFirst) {
        if (utterance.charge?.refusal) await this.#awaitCharge(utterance.charge.refusal);
        utterance.isHeard = true;
        if (this.#setup.plan.retention !== "none") this.#spokenText.push(sentText);
        observer.firstAudio();
      }
      samples += pcm.samples.length;
      isRepeat = pcm.isRepeat ?? false;
      if (pcm.synthesisMs !== undefined) synthesisMs = (synthesisMs ?? 0) + pcm.synthesisMs;
      if (pcm.isOfChild) childMs += pcm.synthesisMs ?? 0;
      this.#turn.onSynthesized(pcm.synthesisMs ?? 0);
      const hadEnough = utterance.isInTime && wantedInHandMs >= strain.slackMs;
      if (hadEnough && this.#pacer.inHandMs < strain.slackMs) this.#onLate();
      await narrator?.align(pcm.alignment);
      this.#sender ??= this.#createSender();
      await this.#sender.send(pcm, flush, isAwaited && isFirst, stop);
      wantedInHandMs = this.#pacer.inHandMs;
    }
    observer.synthesized(this.#turn.toMs(samples), synthesisMs);
    if (!stop.isStopped && !isRepeat) this.#learn(utterance, synthesisMs ?? 0, childMs);
    await narrator?.endSegment(synthesisMs ?? 0);
  }

  /** @throws {SpeechError} when it may not be spoken */
  async #awaitCharge(refusal: Promise<Problem | undefined>): Promise<void> {
    const problem = await refusal;
    if (problem) throw SpeechError.of(problem);
  }

  #onLate(): void {
    if (this.#setup.plan.playback === "live") this.#parts.admission.onStrain();
  }

  #learn(
    { text, settings, breakMs }: StartedUtterance,
    synthesisMs: number,
    childMs: number,
  ): void {
    if (breakMs !== undefined) return;
    const audioMs = this.#turn.toMs(this.#turn.samples - this.#startedAtSample);
    const { speed } = settings;
    const synthesis = { chars: text.length, speed, audioMs, synthesisMs, childMs };
    this.#parts.admission.learn(this.#setup.voice, synthesis);
  }

  #createSender(): AudioSender {
    const { id, plan, voice, configuration } = this.#setup;
    const setup = { id, plan, voice, format: configuration.format ?? plan.format };
    return new AudioSender(setup, this.#turn, this.#pacer, this.#parts.encoders, {
      emit: (event) => {
        this.#synthesizeAhead(false);
        return this.#owner.emit(event);
      },
      onLate: () => this.#onLate(),
    });
  }

  /** Each piece is a stream of its own: nothing of it is left in the encoder. */
  async #endPiece(last: QueuedUtterance, stop: StopSignal): Promise<void> {
    await this.#sender?.finish(last.flush, stop);
    const textOffset = last.textOffset + countCharacters(last.sentText);
    await this.#owner.emit({ type: "piece_ended", context: this.#setup.id, textOffset });
  }

  async #finish(stop: StopSignal): Promise<void> {
    await this.#sender?.finish(this.#flushes + 1, stop);
    stop.throwIfStopped();
    this.#owner.onSent();
    await this.#narrator?.endTurn();
    if (!stop.isStopped) await this.#owner.onSpoken();
  }
}
