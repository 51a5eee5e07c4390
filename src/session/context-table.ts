import type { ContextId, SessionRules } from "../protocol/speech.ts";
import type { Context } from "./context.ts";

/** Names of refused contexts that are remembered. */
const maxRefused = 1000;

/** The contexts of one session whose final event is still to come, in the order of their opening. */
export class ContextTable implements Iterable<Context> {
  readonly #contexts = new Set<Context>();
  /** Made when there is one. */
  #refused: Set<ContextId> | undefined;
  #order = 0;

  get size(): number {
    return this.#contexts.size;
  }

  /** Whether any context is being spoken. */
  get busy(): boolean {
    for (const context of this.#contexts) if (context.busy) return true;
    return false;
  }

  get backlogChars(): number {
    let sum = 0;
    for (const { backlogChars } of this.#contexts) sum += backlogChars;
    return sum;
  }

  /** How many take no commands any more. */
  get closing(): number {
    let closing = 0;
    for (const context of this.#contexts) if (!context.isOpen) closing += 1;
    return closing;
  }

  /** Contexts that were opened and never given text. */
  get unused(): Context[] {
    return [...this.#contexts].filter((context) => context.isOpen && !context.hasText);
  }

  /** Contexts whose client is owed more than it was sent. */
  get unfinished(): Context[] {
    return [...this.#contexts].filter((context) => context.isUnfinished);
  }

  [Symbol.iterator](): Iterator<Context> {
    return this.#contexts[Symbol.iterator]();
  }

  /** The newest context of a name. */
  get(id: ContextId): Context | undefined {
    let newest: Context | undefined;
    for (const context of this.#contexts) if (context.id === id) newest = context;
    return newest;
  }

  add(context: Context): void {
    context.order.opened = this.#nextOrder();
    this.#contexts.add(context);
  }

  /** To be told when the client closes a context. */
  noteClosing(context: Context): void {
    context.order.closed = this.#nextOrder();
  }

  /** Whether it was there. */
  remove(context: Context): boolean {
    return this.#contexts.delete(context);
  }

  clear(): void {
    this.#contexts.clear();
    this.#refused = undefined;
  }

  /** Whether an open context is one too many if it is given text. */
  isOneTooMany(context: Context, rules: SessionRules): boolean {
    const { countedContexts } = rules;
    if (countedContexts === "all") return false;
    const isCounted = countedContexts === "unspoken" ? context.hasUnspoken : context.hasText;
    return !isCounted && this.isFull(rules);
  }

  /** Whether one more context would be one too many. */
  isFull({ countedContexts, maxContexts }: SessionRules): boolean {
    if (countedContexts === "all") return this.#contexts.size >= maxContexts;
    let counted = 0;
    for (const context of this.#contexts) {
      const isSpoken = countedContexts === "unspoken" && !context.hasUnspoken;
      if (context.isOpen && context.hasText && !isSpoken) counted += 1;
    }
    return counted >= maxContexts;
  }

  /** What comes for this name until it is closed belongs to a context that was turned away. */
  refuse(id: ContextId): void {
    const refused = (this.#refused ??= new Set());
    refused.add(id);
    if (refused.size <= maxRefused) return;
    for (const oldest of refused) {
      refused.delete(oldest);
      return;
    }
  }

  isRefused(id: ContextId): boolean {
    return this.#refused?.has(id) ?? false;
  }

  readmit(id: ContextId): void {
    this.#refused?.delete(id);
  }

  /**
   * After a barge-in the new words come first: a context that was closed before a newer one was
   * opened keeps to real time while that one speaks, or is open and may go on. Whoever still
   * listens to it misses nothing. No more such contexts than `maxContexts` are worked on at once.
   */
  assignPaces({ backgroundPace, maxContexts }: SessionRules): void {
    if (backgroundPace === "free") return;
    let newest = 0;
    for (const { busy, isOpen, hasText, isQueued, order } of this.#contexts) {
      if ((busy || (isOpen && hasText)) && !isQueued) newest = order.opened;
    }
    let inBackground = 0;
    for (const context of this.#contexts) {
      const { busy, isQueued, order } = context;
      const isInterrupted = busy && !isQueued && (order.closed ?? newest) < newest;
      if (isInterrupted) inBackground += 1;
      if (isInterrupted) context.setPace(inBackground > maxContexts ? "held" : "realtime");
      else context.setPace("free");
    }
  }

  /** Lets every context send as fast as it can. */
  freePaces(): void {
    for (const context of this.#contexts) context.setPace("free");
  }

  /** The same, and however far ahead their listeners are: there is little time left. */
  rush(): void {
    for (const context of this.#contexts) context.rush();
  }

  #nextOrder(): number {
    this.#order += 1;
    return this.#order;
  }
}
