import type { TurnRecord } from "../protocol/records.ts";
import type { HistoryPage, HistoryQuery, HistoryStore } from "../protocol/stores.ts";

export interface HistoryLimits {
  readonly maxTurns: number;
  /** Of all texts together. */
  readonly maxCharacters: number;
}

const defaultLimits: HistoryLimits = { maxTurns: 1000, maxCharacters: 4_000_000 };

/**
 * The latest turns, in memory: 1,000 of them and 4,000,000 characters unless told otherwise. What
 * was added first goes first. A turn that is too long by itself is not kept at all.
 */
export class MemoryHistory implements HistoryStore {
  readonly #limits: HistoryLimits;
  /** By id, in the order in which they came. */
  readonly #turns = new Map<string, TurnRecord>();
  #characters = 0;

  constructor(limits: HistoryLimits = defaultLimits) {
    this.#limits = limits;
  }

  add(turn: TurnRecord): Promise<void> {
    this.#forget(turn.id);
    this.#turns.set(turn.id, turn);
    this.#characters += turn.characters;
    for (const id of this.#turns.keys()) {
      if (
        this.#turns.size <= this.#limits.maxTurns &&
        this.#characters <= this.#limits.maxCharacters
      )
        break;
      this.#forget(id);
    }
    return Promise.resolve();
  }

  list(query: HistoryQuery): Promise<HistoryPage> {
    const found = [...this.#turns.values()].filter(createFilter(query)).toSorted(byId);
    if (query.order === "newest-first") found.reverse();
    const turns = found.slice(0, query.pageSize);
    return Promise.resolve({ turns, hasMore: turns.length < found.length });
  }

  find(id: string): Promise<TurnRecord | undefined> {
    return Promise.resolve(this.#turns.get(id));
  }

  delete(id: string): Promise<boolean> {
    return Promise.resolve(this.#forget(id));
  }

  #forget(id: string): boolean {
    this.#characters -= this.#turns.get(id)?.characters ?? 0;
    return this.#turns.delete(id);
  }
}

/** Not by `localeCompare`: an id's order is that of its characters' codes. */
function byId(a: TurnRecord, b: TurnRecord): number {
  if (a.id === b.id) return 0;
  return a.id < b.id ? -1 : 1;
}

function createFilter(query: HistoryQuery): (turn: TurnRecord) => boolean {
  const { order, afterId, voiceId, modelId, fromUnix = 0, untilUnix = Infinity } = query;
  const words = query.search?.toLowerCase();
  return (turn) =>
    (afterId === undefined || (order === "newest-first" ? turn.id < afterId : turn.id > afterId)) &&
    (voiceId === undefined || turn.voiceId === voiceId) &&
    (modelId === undefined || turn.modelId === modelId) &&
    turn.startedAtUnix >= fromUnix &&
    turn.startedAtUnix < untilUnix &&
    (words === undefined || turn.text.toLowerCase().includes(words));
}
