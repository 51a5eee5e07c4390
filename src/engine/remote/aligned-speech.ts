import { skipSpace } from "../../text/clauses.ts";
import type { Pcm } from "../synthesizer.ts";
import { PieceBuilder } from "./piece-builder.ts";
import { checkLength, checkTold, type SpeechRequest } from "./speech-request.ts";
import { UpstreamFailure } from "./upstream-failure.ts";

/** Characters as a server tells when they end, in seconds from the start of the utterance. */
export interface ToldTimings {
  readonly chars: readonly string[];
  readonly endsAtSeconds: readonly number[];
}

/** What comes at one time. */
export interface AlignedAudio {
  readonly samples: Int16Array<ArrayBuffer>;
  readonly original: ToldTimings | undefined;
  readonly normalized: ToldTimings | undefined;
}

/** How far ahead in the text a character is looked for that was not the next one. */
const lookAhead = 12;
/** With less audio than this for what has no times, it was not said. */
const leastMsPerChar = 15;

/** Puts the pieces of an utterance together from audio and the times that come with it. */
export class AlignedSpeech {
  readonly #request: SpeechRequest;
  readonly #builder: PieceBuilder;
  readonly #text: string;
  /** Characters and portions that the server has told of. */
  #told = 0;

  constructor(request: SpeechRequest) {
    this.#request = request;
    this.#builder = new PieceBuilder(request.plain, request.sampleRateHz);
    this.#text = request.plain.text;
  }

  /**
   * Takes what came, and gives the words that are whole by now.
   * @throws {UpstreamFailure} bad_answer, too_much_audio
   */
  add({ samples, original, normalized }: AlignedAudio): Pcm | undefined {
    this.#told += 1 + lengthOf(original) + lengthOf(normalized);
    checkTold(this.#told, this.#request);
    this.#builder.addSamples(samples);
    checkLength(this.#builder.received, this.#request.sampleRateHz, this.#request);
    if (original) this.#match(original);
    if (normalized) this.#takeSpoken(normalized);
    return this.#builder.take();
  }

  /** What is left. @throws {UpstreamFailure} no_audio, incomplete */
  finish(): Pcm {
    const builder = this.#builder;
    const untimed = this.#text.slice(builder.timedUnits).trim();
    const leftMs = this.#toMs(builder.received - Math.min(builder.received, builder.timedUntil));
    const atLeastMs = untimed.length * leastMsPerChar;
    const last = builder.received > 0 && leftMs >= atLeastMs ? builder.finish() : undefined;
    if (!last) throw new UpstreamFailure(builder.received > 0 ? "incomplete" : "no_audio");
    return last;
  }

  /**
   * Finds the characters in the text that was sent. Those that the server left out end with the
   * ones before them, and those it put in belong to the last one.
   */
  #match({ chars, endsAtSeconds }: ToldTimings): void {
    for (const [index, told] of chars.entries()) {
      const end = (endsAtSeconds[index] ?? 0) * this.#request.sampleRateHz;
      const from = this.#builder.timedUnits;
      const nearby = this.#text.slice(from, skipSpace(this.#text, from) + lookAhead);
      const place = nearby.indexOf(told);
      if (told === "" || place < 0) continue;
      const skipped = Array.from({ length: place }, () => this.#builder.timedUntil);
      this.#builder.addUnitEnds([...skipped, ...Array.from({ length: told.length }, () => end)]);
    }
  }

  #takeSpoken({ chars, endsAtSeconds }: ToldTimings): void {
    chars.forEach((char, index) => {
      const end = (endsAtSeconds[index] ?? 0) * this.#request.sampleRateHz;
      for (const each of char) this.#builder.addSpoken(each, end);
    });
  }

  #toMs(samples: number): number {
    return (samples * 1000) / this.#request.sampleRateHz;
  }
}

const lengthOf = (timings: ToldTimings | undefined): number =>
  timings?.chars.reduce((sum, char) => sum + Math.max(1, char.length), 0) ?? 0;
