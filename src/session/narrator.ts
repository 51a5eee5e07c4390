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
  readonly #emit: (event: Event) => Promise<void>;
  readonly #boundaries: BoundaryFinder;
  readonly #spokenText = new SpokenText();
  #segment = 0;
  #segmentFrom = 0;
  #flushedTo = 0;
  #alignedTo = -1;

  constructor(
    context: ContextId,
    { markup }: Pick<SessionPlan, "markup">,
    details: Details,
    turn: Turn,
    emit: (event: Event) => Promise<void>,
  ) {
    this.#context = context;
    this.#details = details;
    this.#turn = turn;
    this.#emit = emit;
    this.#boundaries = new BoundaryFinder(details.boundaries, markup);
  }

  async beginSegment(text: string, textOffset: number): Promise<void> {
    this.#segmentFrom = this.#turn.samples;
    if (!this.#details.segments) return;
    await this.#emit({
      type: "segment_begun",
      context: this.#context,
      segment: this.#segment,
      text,
      textOffset,
    });
  }

  /** What is spoken from here on, and when. The first `lead` characters are not in the alignment. */
  async align(text: string, lead: number, textOffset: number, alignment: Alignment): Promise<void> {
    const from = this.#segmentFrom;
    this.#alignedTo = textOffset;
    this.#spokenText.add(text, from, alignment.original, lead);
    for (const boundary of this.#boundaries.find(alignment, textOffset + lead, from)) {
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

  /** Whether it is known when the utterance that begins there is heard. */
  hasAligned(textOffset: number): boolean {
    return textOffset <= this.#alignedTo;
  }

  /** The text of all utterances so far, before and after a sample. */
  splitAt(sample: number): { readonly spoken: string; readonly rest: string } {
    return this.#spokenText.splitAt(sample);
  }
}
