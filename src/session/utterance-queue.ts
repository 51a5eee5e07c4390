import type { Markup } from "../protocol/markup.ts";
import type { VoiceSettings } from "../protocol/voice.ts";
import { cutUtterances } from "../text/clauses.ts";
import { atRate, MarkupCutter, type MarkupPart } from "../text/markup/cut.ts";
import type { MarkupFault } from "../text/markup/marks.ts";

/** Text that is synthesized in one go, and its place in what its context says. */
export interface QueuedUtterance extends MarkupPart {
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
export interface FlushMark {
  readonly type: "flush";
  readonly flush: number;
}

/** What one context has still to say: its text cut into utterances, in order. */
export class UtteranceQueue {
  /** Finds the markup, if there may be some. */
  readonly #markup: MarkupCutter | undefined;
  #waiting: (QueuedUtterance | FlushMark)[] = [];
  #chars = 0;
  #textOffset = 0;
  #hasCut = false;
  /** The alignment of the last utterance ended in a space that its text does not have. */
  #isPadded = false;

  constructor(markup: Markup) {
    if (markup === "ssml") this.#markup = new MarkupCutter();
  }

  /** Characters that wait. */
  get chars(): number {
    return this.#chars;
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /** Whether anything of what waits is to be spoken. */
  get hasUtterance(): boolean {
    return this.#waiting.some(({ type }) => type === "utterance");
  }

  [Symbol.iterator](): Iterator<QueuedUtterance | FlushMark> {
    return this.#waiting[Symbol.iterator]();
  }

  /** The context's text goes on after characters that are not spoken. */
  skip(codePoints: number): void {
    this.#textOffset += codePoints;
  }

  /** Appends the next piece of text and says what is wrong with its markup. */
  add(piece: string, settings: VoiceSettings, flush: number): readonly MarkupFault[] {
    // The space that was added after the last utterance stands for the one this text begins with.
    const isDoubled = this.#isPadded && piece.startsWith(" ");
    const { parts, faults } = this.#cut(isDoubled ? piece.slice(1) : piece);
    let before = isDoubled ? " " : "";
    for (const [index, part] of parts.entries()) {
      this.#hasCut = true;
      this.#isPadded = !part.text.endsWith(" ");
      this.#waiting.push({
        ...part,
        type: "utterance",
        settings: atRate(settings, part.rate),
        flush,
        sentText: `${before}${part.text}`,
        textOffset: this.#textOffset,
        endsPiece: index === parts.length - 1,
      });
      this.#chars += part.text.length;
      for (const _ of `${before}${part.text}`) this.#textOffset += 1;
      before = "";
    }
    return faults;
  }

  addFlush(flush: number): void {
    this.#waiting.push({ type: "flush", flush });
  }

  /** No more text comes: says what is wrong with the markup that is still open. */
  end(): readonly MarkupFault[] {
    return this.#markup?.end() ?? [];
  }

  take(): QueuedUtterance | FlushMark | undefined {
    const next = this.#waiting.shift();
    if (next?.type === "utterance") this.#chars -= next.text.length;
    return next;
  }

  clear(): void {
    this.#waiting = [];
    this.#chars = 0;
  }

  #cut(text: string): ReturnType<MarkupCutter["cut"]> {
    if (this.#markup) return this.#markup.cut(text, !this.#hasCut);
    const parts = cutUtterances(text, !this.#hasCut).map((utterance) => ({ text: utterance }));
    return { parts, faults: [] };
  }
}
