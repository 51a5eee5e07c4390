import { pauseAt, skipSpace, wholeCharacters } from "./clauses.ts";

/** A buffer without white space is cut at this length, so that one word cannot fill memory. */
const maxWordChars = 1_000;
/** Stands for a character after which a long word is not cut either, unless it gets twice as long. */
export const unbreakable = "\u{e000}";

/** The text buffer of one context; `Chunker` says what is asked of it. */
export type TextBuffer = Pick<Chunker, keyof Chunker>;

/**
 * The text buffer of one context. Text is taken out when the schedule says so, at a place that
 * depends on the text alone: however the same text is cut into messages, the same pieces leave.
 * Joined, the pieces are the text without the white space it begins with.
 */
export class Chunker {
  #buffer = "";
  /** Characters received since the last piece left; what the schedule is compared with. */
  #sinceLast = 0;
  #step = 0;
  #begun = false;
  #scheduleChars: readonly number[];

  constructor(scheduleChars: readonly number[]) {
    this.#scheduleChars = scheduleChars;
  }

  get bufferedChars(): number {
    return this.#buffer.length;
  }

  /** The text that waits. */
  get buffered(): string {
    return this.#buffer;
  }

  /** Changes the schedule for pieces still to come; the step reached stays. */
  reschedule(scheduleChars: readonly number[]): void {
    this.#scheduleChars = scheduleChars;
  }

  /** Buffers `text` without looking at the schedule. */
  hold(text: string): void {
    const added = this.#begun ? text : text.trimStart();
    this.#begun ||= added !== "";
    this.#buffer += added;
    this.#sinceLast += added.length;
  }

  /** Buffers `text` and gives the pieces that are due by the schedule. */
  append(text: string): string[] {
    const pieces: string[] = [];
    let rest = this.#begun ? text : text.trimStart();
    while (rest !== "") {
      // Past the threshold every further character is looked at alone: the first pause cuts.
      const taken = rest.slice(0, Math.max(1, this.#threshold - this.#sinceLast));
      rest = rest.slice(taken.length);
      this.hold(taken);
      const cut = this.#scheduledCut();
      if (cut > 0) pieces.push(this.#take(cut));
    }
    return pieces;
  }

  /** Gives everything that is buffered, as one piece; empty if there is nothing to say. */
  flush(): string {
    return isBlank(this.#buffer) ? "" : this.#take(this.#buffer.length);
  }

  /** Gives everything that needs no more text to be understood: here, all there is. */
  flushWhole(): string {
    return this.flush();
  }

  /** Gives what is buffered up to the last white space: the word after it may still grow. */
  flushWords(): string {
    const wordEnd = lastWordEnd(this.#buffer);
    return isBlank(this.#buffer.slice(0, wordEnd)) ? "" : this.#take(wordEnd);
  }

  get #threshold(): number {
    const last = this.#scheduleChars.length - 1;
    return this.#scheduleChars[Math.min(this.#step, last)] ?? 0;
  }

  #take(length: number): string {
    const piece = this.#buffer.slice(0, length);
    this.#buffer = this.#buffer.slice(length);
    this.#sinceLast = 0;
    this.#step += 1;
    return piece;
  }

  /** Where to cut by the schedule; 0 to wait for more text. */
  #scheduledCut(): number {
    const text = this.#buffer;
    const over = this.#sinceLast - this.#threshold;
    if (over < 0) return 0;
    // The whole buffer is searched once, at the threshold; later only what has just arrived.
    const oldest = over === 0 ? 1 : text.length - 1;
    for (let index = text.length - 1; index >= oldest; index -= 1) {
      if (pauseAt(text, index) > 0) return skipSpace(text, index);
    }
    const patience = Math.ceil(this.#threshold / 2);
    if (over < patience) return 0;
    const wordEnd = over === patience ? lastWordEnd(text) : endsInSpace(text) ? text.length : 0;
    if (wordEnd > 0 && !isBlank(text.slice(0, wordEnd))) return wordEnd;
    const limit = text.endsWith(unbreakable) ? 2 * maxWordChars : maxWordChars;
    return text.length >= limit ? wholeCharacters(text, text.length) : 0;
  }
}

const isBlank = (text: string): boolean => !/\S/u.test(text);
const endsInSpace = (text: string): boolean => /\s/u.test(text.charAt(text.length - 1));

/** The index after the last white space of `text`; 0 if there is none. */
function lastWordEnd(text: string): number {
  let end = text.length;
  while (end > 0 && !/\s/u.test(text.charAt(end - 1))) end -= 1;
  return end;
}
