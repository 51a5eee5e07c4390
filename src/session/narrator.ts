import type { Alignment } from "../protocol/alignment.ts";
import type { ContextId, Details, Event, SessionPlan } from "../protocol/speech.ts";
import { BoundaryFinder } from "./boundaries.ts";
import { SpokenText } from "./spoken-text.ts";
import type { Turn } from "./turn.ts";

/** Tells the client of one context what happens to its text, for those that ask for details. */
export class Narrator {
  readonly #context: ContextId;
  readonly #details: Details;
  readonly #turn: Turn;
  readonly #emit: (event: Event) => Promise<void> | undefined;
  readonly #boundaries: BoundaryFinder;
  readonly #spokenText = new SpokenText();
  #segment = 0;
  #segmentFrom = 0;
  #flushedTo = 0;
  /** Of the utterance being spoken: what is not aligned yet, and how much of it has no timings. */
  #unaligned: readonly string[] = [];
  #lead = 0;
  /** Up to where it is known when the context's text is heard, in its code points. */
  #alignedTo = 0;

  constructor(
    context: ContextId,
    { markup }: Pick<SessionPlan, "markup">,
    details: Details,
    turn: Turn,
    emit: (event: Event) => Promise<void> | undefined,
  ) {
    this.#context = context;
    this.#details = details;
    this.#turn = turn;
    this.#emit = emit;
    this.#boundaries = new BoundaryFinder(details.boundaries, markup);
  }

  /** The first `lead` characters of an utterance are not in its alignments. */
  async beginSegment(text: string, lead: number, textOffset: number): Promise<void> {
    this.#segmentFrom = this.#turn.samples;
    this.#unaligned = Array.from(text);
    this.#lead = lead;
    this.#alignedTo = textOffset;
    if (!this.#details.segments) return;
    await this.#emit({
      type: "segment_begun",
      context: this.#context,
      segment: this.#segment,
      text,
      textOffset,
    });
  }

  /** What is spoken next of the utterance, and when. */
  async align(alignment: Alignment): Promise<void> {
    const from = this.#turn.samples;
    const lead = this.#lead;
    const count = lead + alignment.original.chars.length;
    const text = this.#unaligned.slice(0, count);
    const textOffset = this.#alignedTo + lead;
    this.#unaligned = this.#unaligned.slice(count);
    this.#lead = 0;
    this.#alignedTo += text.length;
    this.#spokenText.add(text.join(""), from, alignment.original, lead);
    for (const boundary of this.#boundaries.find(alignment, textOffset, from)) {
      await this.#emit({ type: "boundary", context: this.#context, ...boundary });
    }
  }

  async endSegment(synthesisMs: number): Promise<void> {
    const segment = this.#segment;
    this.#segment += 1;
    if (!this.#details.segments) return;
    const audioMs = this.#turn.toMs(this.#turn.samples - this.#segmentFrom);
    await this.#emit({
      type: "segment_ended",
      context: this.#context,
      segment,
      audioMs,
      synthesisMs,
    });
  }

  async flushed(flush: number): Promise<void> {
    const audioMs = this.#turn.toMs(this.#turn.samples - this.#flushedTo);
    this.#flushedTo = this.#turn.samples;
    await this.#emit({ type: "flushed", context: this.#context, flush, audioMs });
  }

  /** Everything was spoken. */
  async endTurn(): Promise<void> {
    for (const boundary of this.#boundaries.rest()) {
      await this.#emit({ type: "boundary", context: this.#context, ...boundary });
    }
    const turn = this.#turn.summary("complete");
    await this.#emit({ type: "turn_ended", context: this.#context, turn });
  }

  /** What it is not yet known of when it is heard, of an utterance that begins there. */
  unalignedOf(text: string, textOffset: number): string {
    const aligned = this.#alignedTo - textOffset;
    return aligned <= 0 ? text : Array.from(text).slice(aligned).join("");
  }

  /** The text of all utterances so far, before and after a sample. */
  splitAt(sample: number): { readonly spoken: string; readonly rest: string } {
    return this.#spokenText.splitAt(sample);
  }
}
