import type { VoiceSettings } from "../../protocol/voice.ts";
import { cutUtterances, utteranceSizes } from "../clauses.ts";
import { type Container, findMarks, type Mark, type MarkupFault } from "./marks.ts";

/** A stretch of text to be synthesized in one go, or a break with the text that stands for it. */
export interface MarkupPart {
  readonly text: string;
  /** The text needs no voice, but silence of this length. */
  readonly breakMs?: number;
  /** What the speed is multiplied by, if that is not 1; for `atRate`. */
  readonly rate?: number;
}

/** A text in parts that joined are the text, and what was wrong with it, in order. */
export interface MarkupCut {
  readonly parts: readonly MarkupPart[];
  readonly faults: readonly MarkupFault[];
}

/** The slowest and the fastest an engine takes. */
const speeds = { min: 0.25, max: 4 } as const;

/** The settings of a part: faster or slower by its rate, as far as engines go. */
export function atRate(settings: VoiceSettings, rate: number | undefined): VoiceSettings {
  if (rate === undefined) return settings;
  const speed = Math.min(speeds.max, Math.max(speeds.min, settings.speed * rate));
  return { ...settings, speed };
}

interface OpenElement {
  readonly name: Container;
  /** With those of the elements around it. */
  readonly rate: number;
}

/** More elements inside one another than this mean nothing: nobody nests as deep by intention. */
const maxDepth = 100;

/**
 * Cuts the text of one context that may hold markup. What an element around a passage does lasts
 * until it ends, over as many texts as that takes.
 */
export class MarkupCutter {
  readonly #open: OpenElement[] = [];

  /** Cuts a text as `cutUtterances` does, and at its breaks and changes of rate. */
  cut(text: string, first: boolean): MarkupCut {
    const marks = findMarks(text);
    const run = new Run(text, first, this.#rate);
    const faults: MarkupFault[] = [];
    for (const mark of marks) {
      run.addText(mark.start);
      if ("fault" in mark) faults.push(mark.fault);
      if (mark.type === "broken" && mark.begins) this.#begin(mark.begins, 1);
      if (mark.type === "begin") {
        faults.push(...this.#begin(mark.name, mark.rate));
        run.changeRate(this.#rate, mark.start);
      }
      run.addMark(mark);
      if (mark.type === "end") {
        faults.push(...this.#end(mark.name));
        run.changeRate(this.#rate, mark.end);
      }
    }
    run.addText(text.length);
    return { parts: run.finish(), faults };
  }

  /** What is wrong because no more text comes: one fault for each element without its end. */
  end(): MarkupFault[] {
    return this.#open.splice(0).map(() => "unclosed");
  }

  get #rate(): number {
    return this.#open.at(-1)?.rate ?? 1;
  }

  #begin(name: Container, rate: number): MarkupFault[] {
    if (this.#open.length >= maxDepth) return ["unclosed"];
    this.#open.push({ name, rate: this.#rate * rate });
    return [];
  }

  #end(name: Container): MarkupFault[] {
    const index = this.#open.findLastIndex((element) => element.name === name);
    if (index === -1) return ["unopened"];
    return this.#open
      .splice(index)
      .slice(1)
      .map(() => "unclosed");
  }
}

const speakable = /[\p{L}\p{N}]/u;
/** What belongs to the words before it: closing signs and the white space after them. */
const trailing = /[^\s\p{L}\p{N}<&]*\s*/uy;
const trailingBreakEnd = /\s*(?:<\/break\s*>\s*)?/iy;
/** An element counts as what is spoken of it, but never so much that an utterance would be one. */
const maxElementChars = utteranceSizes.max - 1;
/** Tags say nothing, but their characters travel with the audio: no utterance has more than these. */
const maxSourceChars = 4_000;

/** The parts made so far, and the text of one rate that is being gathered for the next ones. */
class Run {
  readonly #text: string;
  readonly #parts: MarkupPart[] = [];
  #first: boolean;
  #rate: number;
  #start = 0;
  #end = 0;
  /** What is heard of the text gathered; elements as so many letters. */
  #heard = "";
  #hasWords = false;
  /** [#heard.length] where in the text each of its code units ends. */
  #heardEnds: number[] = [];

  constructor(text: string, first: boolean, rate: number) {
    this.#text = text;
    this.#first = first;
    this.#rate = rate;
  }

  /** Gathers text without markup up to `end`. */
  addText(end: number): void {
    for (let at = this.#end; at < end; at += 1) this.#heardEnds.push(at + 1);
    if (end > this.#end) this.#hear(this.#text.slice(this.#end, end));
    this.#end = Math.max(this.#end, end);
  }

  addMark(mark: Mark): void {
    // White space that went with what stands before it may reach into nothing else.
    if (mark.end <= this.#end) return;
    if (mark.type === "broken") return this.addText(mark.end);
    if (mark.type === "break") return this.#addBreak(mark.end, mark.breakMs);
    const heard = heardOf(mark);
    this.#hear(heard);
    for (let at = 0; at < heard.length; at += 1) this.#heardEnds.push(mark.end);
    this.#end = mark.end;
    if (this.#end - (this.#heardEnds.at(-1) ?? this.#start) > maxSourceChars) this.#cut();
  }

  /** From the next words on, another rate; signs that end the words before stay with them. */
  changeRate(rate: number, at: number): void {
    if (rate === this.#rate) return;
    if (this.#hasWords) {
      this.addText(matchEnd(trailing, this.#text, at));
      this.#cut();
    }
    this.#rate = rate;
  }

  finish(): MarkupPart[] {
    const last = this.#parts.at(-1);
    if (last && !this.#hasWords) {
      this.#parts[this.#parts.length - 1] = { ...last, text: last.text + this.#gathered() };
    } else {
      this.#cut();
    }
    return this.#parts;
  }

  #addBreak(end: number, breakMs: number): void {
    if (this.#hasWords) this.#cut();
    this.#end = matchEnd(trailingBreakEnd, this.#text, end);
    this.#parts.push({ text: this.#gathered(), breakMs });
    this.#clear();
  }

  #hear(heard: string): void {
    this.#heard += heard;
    this.#hasWords ||= speakable.test(heard);
  }

  #gathered(): string {
    return this.#text.slice(this.#start, this.#end);
  }

  /** Makes utterances of what is gathered; a cut through an element is put after it. */
  #cut(): void {
    let heardEnd = 0;
    for (const utterance of cutUtterances(this.#heard, this.#first)) {
      const start = heardEnd;
      heardEnd += utterance.length;
      for (let index = start + 1; index < heardEnd; index += 1) {
        const isLong = (this.#heardEnds[index] ?? 0) - this.#start > maxSourceChars;
        if (isLong) this.#push(this.#heardEnds[index - 1] ?? 0);
      }
      this.#push(
        heardEnd === this.#heard.length ? this.#end : (this.#heardEnds[heardEnd - 1] ?? 0),
      );
    }
    this.#push(this.#end);
    this.#first = false;
    this.#clear();
  }

  #push(end: number): void {
    if (end <= this.#start) return;
    const text = this.#text.slice(this.#start, end);
    this.#parts.push(this.#rate === 1 ? { text } : { text, rate: this.#rate });
    this.#start = end;
  }

  #clear(): void {
    this.#start = this.#end;
    this.#heard = "";
    this.#hasWords = false;
    this.#heardEnds = [];
  }
}

function heardOf(mark: Mark): string {
  if (mark.type === "entity") return mark.character;
  if (mark.type !== "element") return "";
  return "x".repeat(Math.min(maxElementChars, Math.max(1, spokenChars(mark))));
}

function spokenChars({ reading, contentStart, contentEnd }: Mark & { type: "element" }): number {
  if (reading.type === "as_written") return contentEnd - contentStart;
  return reading.type === "alias" ? reading.text.length : 2 * reading.phones.length;
}

function matchEnd(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return at + (pattern.exec(text)?.[0].length ?? 0);
}
