import type { Problem } from "../protocol/problems.ts";
import type {
  ContextId,
  Event,
  SessionPlan,
  SessionTotals,
  TurnOutcome,
  TurnSummary,
} from "../protocol/speech.ts";
import type { Context, SpokenTurn } from "./context.ts";
import type { ContextTable } from "./context-table.ts";
import type { Outbox } from "./outbox.ts";

/** Whoever the contexts belong to. */
export interface EndsOwner {
  /** Sends an event that nobody waits for. */
  tell(event: Event): void;
  /** Tells the client what cannot be done, while all else goes on. */
  tellRefusal(problem: Problem, context: ContextId): void;
  /** A context is no more, and its client was told. */
  onEnded(context: Context, outcome: TurnOutcome | undefined): void;
  /** What each context said that was given text. */
  onTurn(turn: SpokenTurn): void;
}

/** What the contexts of a session work with. */
export interface EndsParts {
  readonly plan: Pick<SessionPlan, "details">;
  readonly contexts: ContextTable;
  readonly outbox: Outbox<Event>;
}

/** How the contexts of one session end: what becomes of their work, and what their client is told. */
export class ContextEnds {
  readonly #parts: EndsParts;
  readonly #owner: EndsOwner;
  readonly #totals = { turns: 0, characters: 0, audioMs: 0 };

  constructor(parts: EndsParts, owner: EndsOwner) {
    this.#parts = parts;
    this.#owner = owner;
  }

  /** What all contexts did that have ended. */
  get totals(): Omit<SessionTotals, "durationMs"> {
    return { ...this.#totals };
  }

  /** There is to be no context of this name until it is closed. */
  refuse(id: ContextId, problem: Problem): void {
    this.#parts.contexts.refuse(id);
    this.#owner.tellRefusal(problem, id);
    if (this.#parts.plan.details) {
      this.#owner.tell({ type: "turn_ended", context: id, turn: emptyTurn });
    }
    this.#owner.tell({ type: "final", context: id, turn: emptyTurn });
  }

  /** Stops a context that cannot go on. */
  fail(context: Context, problem: Problem): void {
    this.#parts.contexts.refuse(context.id);
    context.stop(this.#takeUnsent(context));
    context.inTurn(() => {
      this.#owner.tellRefusal(problem, context.id);
      this.#tellEnd(context, "failed", true);
    });
  }

  /** Stops a context; without an outcome its client is told nothing. */
  stop(context: Context, outcome: TurnOutcome | undefined): void {
    context.stop(this.#takeUnsent(context));
    context.inTurn(() => {
      if (outcome) this.#tellEnd(context, outcome, true);
      else this.remove(context, undefined);
    });
  }

  /** Stops a context and tells what was heard of it; without `isFinal` its client goes on with its name. */
  cancel(context: Context, playedMs: number | undefined, isFinal: boolean): void {
    const { spoken, remaining } = context.stop(this.#takeUnsent(context), playedMs);
    const { audioMs } = context.summary("cancelled");
    const cut = { audioMs, textSpoken: spoken, textRemaining: remaining };
    context.inTurn(() => {
      this.#owner.tell({ type: "cancelled", context: context.id, ...cut });
      this.#tellEnd(context, "cancelled", isFinal);
    });
  }

  /** Forgets a context whose end has been told. */
  remove(context: Context, outcome: TurnOutcome | undefined): void {
    if (!this.#parts.contexts.remove(context)) return;
    if (outcome) this.#count(context.summary(outcome));
    this.#settle(context, outcome ?? "cancelled");
    this.#owner.onEnded(context, outcome);
  }

  /** Stops all turns because the session ends; no final events tell of them. */
  cutOff(outcome: TurnOutcome): Event[] {
    return [...this.#parts.contexts]
      .filter((context) => context.hasText && context.isLive)
      .map((context) => {
        context.stop(this.#takeUnsent(context));
        const turn = context.summary(outcome);
        this.#count(turn);
        return { type: "turn_ended", context: context.id, turn };
      });
  }

  /** Stops all contexts and tells no client; `outcome` is what it means for them. */
  abandon(outcome: TurnOutcome): void {
    const { contexts } = this.#parts;
    for (const context of contexts) {
      context.stop();
      this.#settle(context, outcome);
    }
    contexts.clear();
  }

  #tellEnd(context: Context, outcome: TurnOutcome, isFinal: boolean): void {
    const turn = context.summary(outcome);
    const { id } = context;
    if (this.#parts.plan.details) this.#owner.tell({ type: "turn_ended", context: id, turn });
    if (isFinal) this.#owner.tell({ type: "final", context: id, turn });
    this.remove(context, outcome);
  }

  #settle(context: Context, outcome: TurnOutcome): void {
    context.settle();
    context.tellEnd(outcome);
    if (context.hasSpoken) this.#owner.onTurn(context.spoken);
  }

  #takeUnsent({ id, isQueued }: Context): Event[] {
    // What waits under its name is not its own.
    if (isQueued) return [];
    return this.#parts.outbox.drop(
      (event) => "context" in event && event.context === id && isSpeech(event),
    );
  }

  #count({ characters, audioMs }: TurnSummary): void {
    this.#totals.turns += 1;
    this.#totals.characters += characters;
    this.#totals.audioMs += audioMs;
  }
}

const emptyTurn: TurnSummary = {
  outcome: "failed",
  characters: 0,
  audioMs: 0,
  frames: 0,
  ttfbMs: undefined,
  synthesisMs: 0,
};

const speechEvents: ReadonlySet<Event["type"]> = new Set<Event["type"]>([
  "audio",
  "segment_begun",
  "segment_ended",
  "boundary",
  "flushed",
  "piece_ended",
]);

/** Whether an event is of no use to whoever does not want to listen any more. */
export const isSpeech = ({ type }: Event): boolean => speechEvents.has(type);
