import type { Clock } from "../clock.ts";
import { type ContextObserver, noContext, type UtteranceObserver } from "../protocol/observer.ts";
import type { TurnOutcome, TurnSummary } from "../protocol/speech.ts";

/** A shorter gap is not heard: players have that much in hand. */
const inaudibleMs = 20;

/** Counts what one context says from its first text to its end, and tells its observer. */
export class Turn {
  readonly #clock: Clock;
  readonly #sampleRateHz: number;
  readonly #observer: ContextObserver;
  #firstTextAt: number | undefined;
  #ttfbMs: number | undefined;
  #characters = 0;
  #frames = 0;
  #samples = 0;
  #synthesisMs = 0;
  #underruns = 0;
  #isSpeaking = false;

  constructor(clock: Clock, sampleRateHz: number, observer: ContextObserver = noContext) {
    this.#clock = clock;
    this.#sampleRateHz = sampleRateHz;
    this.#observer = observer;
  }

  /** Speech that was sent. */
  get samples(): number {
    return this.#samples;
  }

  /** How often the listener ran dry. */
  get underruns(): number {
    return this.#underruns;
  }

  get audioMs(): number {
    return this.toMs(this.#samples);
  }

  /** Since the first text. */
  get durationMs(): number {
    return this.#clock.now() - (this.#firstTextAt ?? this.#clock.now());
  }

  toMs(samples: number): number {
    return Math.round((samples * 1000) / this.#sampleRateHz);
  }

  onText(): void {
    if (this.#firstTextAt !== undefined) return;
    this.#firstTextAt = this.#clock.now();
    this.#observer.text();
  }

  /** It was let in to speak. */
  onSpeaking(): void {
    this.#isSpeaking = true;
    this.#observer.speaking();
  }

  /** It has nothing to say for now. */
  onPaused(): void {
    if (!this.#isSpeaking) return;
    this.#isSpeaking = false;
    this.#observer.paused();
  }

  /** Text goes to the engine; gives whoever watches what becomes of it. */
  onUtterance(text: string): UtteranceObserver {
    let characters = 0;
    for (const _ of text) characters += 1;
    this.#characters += characters;
    return this.#observer.utterance({ characters });
  }

  /** Speech that leaves with the next frame. */
  onSpoken(samples: number): void {
    this.#samples += samples;
  }

  onFrame(): void {
    this.#frames += 1;
    if (this.#ttfbMs !== undefined) return;
    this.#ttfbMs = this.durationMs;
    this.#observer.firstAudio(this.#ttfbMs);
  }

  /** The listener had nothing to hear, though there was more to be said. */
  onUnderrun(silentMs: number): void {
    if (silentMs <= inaudibleMs) return;
    this.#underruns += 1;
    this.#observer.underrun(silentMs);
  }

  onSynthesized(ms: number): void {
    this.#synthesisMs += ms;
  }

  /** A frame that was counted has not been sent. */
  onDropped(samples: number): void {
    this.#samples -= samples;
    this.#frames -= 1;
  }

  /** Nothing more comes. */
  onEnded(outcome: TurnOutcome): void {
    this.onPaused();
    const isUnused = this.#firstTextAt === undefined;
    this.#observer.ended(isUnused ? "unused" : outcome, this.summary(outcome));
  }

  summary(outcome: TurnOutcome): TurnSummary {
    return {
      outcome,
      characters: this.#characters,
      audioMs: this.audioMs,
      frames: this.#frames,
      ttfbMs: this.#ttfbMs,
      synthesisMs: this.#synthesisMs,
    };
  }
}
