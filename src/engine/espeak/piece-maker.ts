import type { GivePiece } from "../child-main.ts";
import { type EspeakEvent, sampleRateHz } from "./program.ts";
import type { ScriptChar } from "./script.ts";
import { type HeardWord, timeChars, timeSource, timeSpoken } from "./timing.ts";

interface PlacedEvent {
  readonly type: string;
  readonly isSilence: boolean;
  readonly atSample: number;
  /** The character that it is about, of the whole script. */
  readonly char: number;
}

/** A text with no sound in it still has its place in time. */
const silentMs = 20;

/** Puts samples and events together as they come, and gives a piece whenever a word has ended. */
export class PieceMaker {
  readonly #chars: readonly ScriptChar[];
  readonly #text: string;
  readonly #give: GivePiece;
  /** Audio of the current piece and what has come behind it. */
  readonly #audio: Int16Array[] = [];
  #length = 0;
  #pieceStart = 0;
  #firstChar = 0;
  #sourceStart: number;
  #words: HeardWord[] = [];
  #soundEnds: number[] = [];
  #isSounding = false;
  /** What begins in audio that has not come yet. */
  #events: PlacedEvent[] = [];
  #lastEventAt = 0;
  #isFirst: boolean;

  constructor(chars: readonly ScriptChar[], text: string, from: number, give: GivePiece) {
    this.#chars = chars;
    this.#text = text.endsWith(" ") ? text : `${text} `;
    this.#sourceStart = from;
    this.#isFirst = from === 0;
    this.#give = give;
  }

  /** Where the audio ends that has come. */
  get endSample(): number {
    return this.#pieceStart + this.#length;
  }

  /**
   * Takes audio and events of a part of the script that began at `startSample`; `charAt` tells the
   * character of each code point that was asked.
   */
  accept(
    samples: Int16Array,
    events: readonly EspeakEvent[],
    startSample: number,
    charAt: readonly number[],
  ): void {
    this.#append(samples);
    for (const { type, text_position, audio_position, id } of events) {
      const atSample = startSample + Math.round((audio_position * sampleRateHz) / 1000);
      this.#lastEventAt = Math.max(this.#lastEventAt, atSample);
      const char = charAt[text_position - 1] ?? charAt.at(-1) ?? 0;
      this.#events.push({ type, isSilence: id === "", atSample: this.#lastEventAt, char });
    }
    this.#settle(this.endSample);
  }

  addSilence(samples: number): void {
    this.#append(new Int16Array(Math.round(samples)));
  }

  /** Gives the last piece. */
  finish(): void {
    this.#settle(Number.POSITIVE_INFINITY);
    if (this.#length === 0) this.addSilence((sampleRateHz * silentMs) / 1000);
    this.#endPiece(this.#chars.length, this.#text.length, this.endSample);
  }

  #append(samples: Int16Array): void {
    this.#audio.push(samples);
    this.#length += samples.length;
  }

  /** The first samples of the audio that has come, which is then without them. */
  #take(count: number): Int16Array<ArrayBuffer> {
    const taken = new Int16Array(count);
    let at = 0;
    while (at < count) {
      const next = this.#audio.shift();
      if (!next) break;
      const part = next.subarray(0, count - at);
      taken.set(part, at);
      at += part.length;
      if (part.length < next.length) this.#audio.unshift(next.subarray(part.length));
    }
    this.#length -= count;
    return taken;
  }

  #settle(until: number): void {
    const count = this.#events.findIndex(({ atSample }) => atSample > until);
    const due = this.#events.splice(0, count < 0 ? this.#events.length : count);
    for (const event of due) this.#settleEvent(event);
  }

  #settleEvent({ type, isSilence, atSample, char }: PlacedEvent): void {
    const at = Math.min(atSample, this.endSample);
    if (this.#isSounding) this.#soundEnds.push(at - this.#pieceStart);
    this.#isSounding = type === "phoneme" && !isSilence;
    if (type !== "word") return;
    this.#endPieceBefore(char, at);
    this.#soundEnds = [];
    const first = Math.max(0, char - this.#firstChar);
    this.#words.push({ first, startSample: at - this.#pieceStart, soundEnds: this.#soundEnds });
  }

  /** Ends the piece before the white-space delimited word that a character belongs to. */
  #endPieceBefore(char: number, at: number): void {
    let place = char;
    while (place > this.#firstChar && this.#chars[place]?.pieceStart === undefined) place -= 1;
    const source = this.#chars[place]?.pieceStart;
    if (place <= this.#firstChar || source === undefined || at <= this.#pieceStart) return;
    this.#endPiece(place, source, at);
  }

  #endPiece(endChar: number, sourceEnd: number, endSample: number): void {
    const chars = this.#chars.slice(this.#firstChar, endChar);
    const total = endSample - this.#pieceStart;
    const ends = timeChars(chars, this.#words, total);
    const source = this.#text.slice(this.#sourceStart, sourceEnd);
    const original = timeSource(source, this.#sourceStart, chars, ends);
    const normalized = timeSpoken(chars, ends, this.#isFirst);
    this.#give({
      samples: this.#take(total),
      alignment: { sampleRateHz, original, normalized },
    });
    this.#pieceStart = endSample;
    this.#firstChar = endChar;
    this.#sourceStart = sourceEnd;
    this.#words = [];
    this.#isFirst = false;
  }
}
