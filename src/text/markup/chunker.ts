import { Chunker, type TextBuffer, unbreakable } from "../chunker.ts";
import { AtomReader } from "./tag.ts";

/** A tag, to whoever cuts text, is a word that says nothing; an element is one that says something. */
const atomEnds = { tag: '"', "end tag": "x", content: "x" } as const;

/**
 * The text buffer of a context whose text holds markup: a `Chunker` that cuts neither tags nor
 * elements that must stay whole, and holds one back whose end has not arrived yet.
 */
export class MarkupChunker implements TextBuffer {
  /** Cuts the text's outline: of the same length, with one word in the place of each atom. */
  readonly #chunker: Chunker;
  /** The text of which the chunker has the outline. */
  #text = "";
  /** What may become an atom, from its `<` on. */
  #held = "";
  #reader: AtomReader | undefined;
  #begun = false;

  constructor(scheduleChars: readonly number[]) {
    this.#chunker = new Chunker(scheduleChars);
  }

  get bufferedChars(): number {
    return this.#chunker.bufferedChars + this.#held.length;
  }

  get buffered(): string {
    return this.#text + this.#held;
  }

  reschedule(scheduleChars: readonly number[]): void {
    this.#chunker.reschedule(scheduleChars);
  }

  hold(text: string): void {
    this.#chunker.hold(this.#outline(text));
  }

  append(text: string): string[] {
    return this.#chunker.append(this.#outline(text)).map((piece) => this.#take(piece));
  }

  /** Gives everything that is buffered, half a tag too. */
  flush(): string {
    this.#chunker.hold(plain(this.#held));
    this.#text += this.#held;
    this.#held = "";
    this.#reader = undefined;
    return this.flushWhole();
  }

  /** Gives what is buffered, but not what waits for the end of a tag or an element. */
  flushWhole(): string {
    return this.#take(this.#chunker.flushWhole());
  }

  flushWords(): string {
    return this.#take(this.#chunker.flushWords());
  }

  #take(outline: string): string {
    const piece = this.#text.slice(0, outline.length);
    this.#text = this.#text.slice(outline.length);
    return piece;
  }

  /** Takes text in and gives the outline of what need not be held back any more. */
  #outline(text: string): string {
    // As the chunker does: its buffer and the text here must stay of one length.
    const added = this.#begun ? text : text.trimStart();
    this.#begun ||= added !== "";
    const waiting = this.#held + added;
    let reader = this.#reader;
    let at = this.#held.length;
    let released = 0;
    let outline = "";
    while (released < waiting.length) {
      if (!reader) {
        const next = waiting.indexOf("<", released);
        const end = next === -1 ? waiting.length : next;
        outline += plain(waiting.slice(released, end));
        released = end;
        if (next === -1) break;
        reader = new AtomReader();
        at = next + 1;
      }
      let result: ReturnType<AtomReader["take"]> = "more";
      for (; result === "more" && at < waiting.length; at += 1) {
        result = reader.take(waiting.charAt(at));
      }
      if (result === "more") break;
      // What is broken is text, and only its first character is known to begin nothing.
      const end = result === "whole" ? at : released + 1;
      outline += result === "whole" ? outlineOf(end - released, reader.phase) : "<";
      released = end;
      reader = undefined;
    }
    this.#text += waiting.slice(0, released);
    this.#held = waiting.slice(released);
    this.#reader = reader;
    return outline;
  }
}

function outlineOf(length: number, phase: AtomReader["phase"]): string {
  return unbreakable.repeat(length - 1) + atomEnds[phase];
}

/** Text without markup, in which nothing may be taken for the outline of an atom. */
function plain(text: string): string {
  return text.replaceAll(unbreakable, "\u{e001}");
}
