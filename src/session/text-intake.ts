import type { Clock } from "../clock.ts";
import type { RunningTimer } from "../protocol/connections.ts";
import type { ContextId, SessionPlan } from "../protocol/speech.ts";
import { Chunker, type TextBuffer } from "../text/chunker.ts";
import { MarkupChunker } from "../text/markup/chunker.ts";
import type { ContextConfiguration } from "./configuration.ts";
import { Countdown } from "./countdown.ts";

/** A word at the end of a message counts as whole when none follows it for this long. */
const partialWordMs = 150;
/** A message that ends like this does not end in a part of a word; after a digit it may. */
const endsWhole = /(?:\s|(?<!\d)[.,:]|[!?;…)"”\]>])$/u;

/** What a context's text goes to when it is due. */
export interface TextTaker {
  /** `piece` may be empty. */
  take(piece: string): void;
  /** Text was taken out because it had waited long enough. */
  onDelayOver(): void;
}

/** Collects the text of one context and decides when it is spoken. */
export class TextIntake {
  readonly #plan: Pick<SessionPlan, "dispatch" | "rules">;
  readonly #taker: TextTaker;
  readonly #buffer: TextBuffer;
  #maxDelayMs: number | undefined;
  readonly #id: ContextId;
  readonly #clock: Clock;
  /** Made when they are needed, which is seldom. */
  #partialWord: Countdown | undefined;
  #delay: Countdown | undefined;

  constructor(
    id: ContextId,
    plan: SessionPlan,
    configuration: ContextConfiguration,
    clock: Clock,
    taker: TextTaker,
  ) {
    this.#plan = plan;
    this.#id = id;
    this.#clock = clock;
    this.#taker = taker;
    const createBuffer = plan.markup === "ssml" ? MarkupChunker : Chunker;
    this.#buffer = new createBuffer(configuration.scheduleChars ?? plan.scheduleChars);
    this.#maxDelayMs = configuration.maxBufferDelayMs ?? plan.maxBufferDelayMs;
  }

  get bufferedChars(): number {
    return this.#buffer.bufferedChars;
  }

  /** What makes it speak if nothing more comes. */
  get timers(): RunningTimer[] {
    return [this.#partialWord, this.#delay].flatMap((each) => each?.timers ?? []);
  }

  get bufferedText(): string {
    return this.#buffer.buffered;
  }

  configure({ scheduleChars, maxBufferDelayMs }: ContextConfiguration): void {
    if (scheduleChars) this.#buffer.reschedule(scheduleChars);
    if (maxBufferDelayMs !== undefined) this.#maxDelayMs = maxBufferDelayMs;
  }

  /** Appends text exactly as it is. */
  append(text: string): void {
    if (this.#plan.dispatch === "message") this.#appendMessage(text);
    else for (const piece of this.#buffer.append(text)) this.#taker.take(piece);
    this.#watchDelay();
  }

  /** Hands over what is buffered, if it is at least `minChars` long. */
  flush(minChars = 0): void {
    if (this.bufferedChars >= minChars) {
      this.#partialWord?.stop();
      this.#taker.take(this.#buffer.flush());
    }
    this.#watchDelay();
  }

  /** Forgets what is buffered. */
  drop(): void {
    this.#partialWord?.stop();
    this.#buffer.flush();
    this.#watchDelay();
  }

  /** Every message is spoken at once, but for a word at its end that may still grow. */
  #appendMessage(text: string): void {
    this.#partialWord?.stop();
    this.#buffer.hold(text);
    const takeWhole = (): void => this.#taker.take(this.#buffer.flushWhole());
    if (this.#plan.rules.partialWords === "speak" || endsWhole.test(text)) return takeWhole();
    this.#taker.take(this.#buffer.flushWords());
    this.#partialWord ??= new Countdown(this.#clock, "partial_word", this.#id);
    this.#partialWord.start(partialWordMs, "message", () => {
      takeWhole();
      this.#watchDelay();
    });
  }

  /** Runs while anything that can be spoken is buffered, from when it came. */
  #watchDelay(): void {
    if (!this.#maxDelayMs) return;
    const isBlank = this.bufferedText.trim() === "";
    if (isBlank) return this.#delay?.stop();
    this.#delay ??= new Countdown(this.#clock, "buffer_delay", this.#id);
    if (this.#delay.isRunning) return;
    this.#delay.start(this.#maxDelayMs, "message", () => {
      this.#taker.onDelayOver();
      this.flush();
    });
  }
}
