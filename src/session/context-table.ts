import type { ContextId, SessionRules } from "../protocol/speech.ts";
import type { Context } from "./context.ts";

/** Names of refused contexts that are remembered. */
const maxRefused = 1000;

/** The contexts of one session whose final event is still to come, in the order of their opening. */
export class ContextTable implements Iterable<Context> {
  readonly #contexts = new Set<Context>();
  readonly #newest = new Map<ContextId, Context>();
  readonly #refused = new Set<ContextId>();

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

  /** Contexts that were opened and never given text. */
  get unused(): Context[] {
    return [...this.#contexts].filter((context) => context.isOpen && !context.hasText);
  }

  [Symbol.iterator](): Iterator<Context> {
    return this.#contexts[Symbol.iterator]();
  }

  /** The newest context of a name. */
  get(id: ContextId): Context | undefined {
    return this.#newest.get(id);
  }

  add(context: Context): void {
    this.#contexts.add(context);
    this.#newest.set(context.id, context);
  }

  /** Whether it was there. */
  remove(context: Context): boolean {
    if (this.#newest.get(context.id) === context) this.#newest.delete(context.id);
    return this.#contexts.delete(context);
  }

  clear(): void {
    this.#contexts.clear();
    this.#newest.clear();
    this.#refused.clear();
  }

  /** Whether one more context would be one too many. */
  isFull({ countedContexts, maxContexts }: SessionRules): boolean {
    if (countedContexts === "all") return this.#contexts.size >= maxContexts;
    let speaking = 0;
    for (const context of this.#contexts) if (context.isOpen && context.hasText) speaking += 1;
    return speaking >= maxContexts;
  }

  /** What comes for this name until it is closed belongs to a context that was turned away. */
  refuse(id: ContextId): void {
    this.#refused.add(id);
    if (this.#refused.size <= maxRefused) return;
    for (const oldest of this.#refused) {
      this.#refused.delete(oldest);
      return;
    }
  }

  isRefused(id: ContextId): boolean {
    return this.#refused.has(id);
  }

  readmit(id: ContextId): void {
    this.#refused.delete(id);
  }

  /**
   * Lets the newest speaking context send as fast as it can, so that after a barge-in the new
   * words come first. Older ones that are being closed keep to real time meanwhile: whoever still
   * listens to them misses nothing. No more of them than `maxContexts` are worked on at once.
   */
  assignPaces({ backgroundPace, maxContexts }: SessionRules): void {
    if (backgroundPace === "free") return;
    let newerSpeaks = false;
    const background: Context[] = [];
    for (const context of [...this.#contexts].toReversed()) {
      if (!context.busy) continue;
      if (newerSpeaks && !context.isOpen) background.unshift(context);
      else context.setPace("free");
      newerSpeaks = true;
    }
    background.forEach((context, index) => {
      context.setPace(index < maxContexts ? "realtime" : "held");
    });
  }

  /** Lets every context send as fast as it can. */
  freePaces(): void {
    for (const context of this.#contexts) context.setPace("free");
  }
}
