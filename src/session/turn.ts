import type { Clock } from "../clock.ts";
import type { TurnOutcome, TurnSummary } from "../protocol/speech.ts";

/** Counts what one context says from its first text to its end. */
export class Turn {
  readonly #clock: Clock;
  readonly #sampleRateHz: number;
  #firstTextAt: number | undefined;
  #ttfbMs: number | undefined;
  #characters = 0;
  #frames = 0;
  #samples = 0;
  #synthesisMs = 0;
  #underruns = 0;

  constructor(clock: Clock, sampleRateHz: number) {
    this.#clock = clock;
    this.#sampleRateHz = sampleRateHz;
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
    this.#firstTextAt ??= this.#clock.now();
  }

  onUtterance(text: string): void {
    for (const _ of text) this.#characters += 1;
  }

  /** Speech that leaves with the next frame. */
  onSpoken(samples: number): void {
    this.#samples += samples;
  }

  onFrame(): void {
    this.#frames += 1;
    this.#ttfbMs ??= this.#clock.now() - (this.#firstTextAt ?? this.#clock.now());
  }

  /** The listener had nothing to hear, though there was more to be said. */
  onUnderrun(_silentMs: number): void {
    this.#underruns += 1;
  }

  onSynthesized(ms: number): void {
    this.#synthesisMs += ms;
  }

  /** A frame that was counted has not been sent. */
  onDropped(samples: number): void {
    this.#samples -= samples;
    this.#frames -= 1;
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
