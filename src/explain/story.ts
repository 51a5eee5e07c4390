import {
  type MessagePart,
  partsOf,
  type StoryEvent,
  type StoryEventType,
  storyEventTypes,
} from "../protocol/connections.ts";
import type { ContextId } from "../protocol/speech.ts";

/** The beginning of a story is kept whole, and of what follows the end. */
const keptFirst = 64;
const keptLast = 448;
/** Names of contexts that are kept at a time: of events that left, others take their places. */
const maxContexts = 128;
const maxNameLength = 100;
/** Of all messages of a connection that are kept as they are, in UTF-16 code units. */
const maxContentLength = 4 * 1024 * 1024;
/** Numbers of one event: time, type, context, word, two values. */
const width = 6;
const firstRoom = 8;

/** What the two values of an event are, by its type. */
const valueNames: Partial<Record<StoryEventType, readonly string[]>> = {
  received: ["sizeBytes", "characters"],
  sent: ["sizeBytes"],
  utterance: ["characters"],
  dispatched: ["queuedMs"],
  first_audio: ["firstAudioMs"],
  synthesized: ["audioMs", "synthesisMs"],
  underrun: ["dryMs"],
  timer_fired: ["limitMs", "lastResetAtMs"],
  context_ended: ["characters", "audioMs"],
  closed: ["code"],
};

/** Words that stories share: outcomes, codes, names of timers. There are few of them. */
export class Words {
  readonly #numbers = new Map<string, number>();
  readonly #words: string[] = [];

  numberOf(word: string): number {
    let number = this.#numbers.get(word);
    if (number === undefined) {
      number = this.#words.push(word) - 1;
      this.#numbers.set(word, number);
    }
    return number;
  }

  wordOf(number: number): string | undefined {
    return this.#words[number];
  }
}

/**
 * What happened on one connection, bounded: its beginning and its end, as numbers in one array that
 * grows when there is something to tell. An idle connection has none.
 */
export class Story {
  readonly #words: Words;
  #rows: Float64Array | undefined;
  #count = 0;
  #contexts: ContextId[] | undefined;
  /** Messages themselves, by the number of their event. */
  #contents: Map<number, string> | undefined;
  #contentLength = 0;

  constructor(words: Words) {
    this.#words = words;
  }

  /** What happened and is not kept. */
  get leftOut(): number {
    return Math.max(0, this.#count - keptFirst - keptLast);
  }

  note(
    atMs: number,
    type: StoryEventType,
    context: ContextId | undefined,
    word: string | number | undefined,
    first: number = Number.NaN,
    second: number = Number.NaN,
  ): void {
    const place = this.#place();
    this.#forget(place);
    const at = place * width;
    const rows = this.#roomFor(at + width);
    rows[at] = atMs;
    rows[at + 1] = storyEventTypes.indexOf(type);
    rows[at + 2] = context === undefined ? -1 : this.#contextNumber(context);
    rows[at + 3] = typeof word === "string" ? this.#words.numberOf(word) : (word ?? -1);
    rows[at + 4] = first;
    rows[at + 5] = second;
    this.#count += 1;
  }

  /** Adds to the last event the message that it tells of, if there is room. */
  attach(message: string): void {
    if (this.#contentLength + message.length > maxContentLength) return;
    this.#contentLength += message.length;
    (this.#contents ??= new Map()).set(this.#count - 1, message);
  }

  /** In the order in which they happened. */
  events(): StoryEvent[] {
    const kept = Math.min(this.#count, keptFirst + keptLast);
    return Array.from({ length: kept }, (_, index) => {
      const event = this.#read(this.#placeOfKept(index));
      const content = this.#contents?.get(index < keptFirst ? index : index + this.leftOut);
      return content === undefined ? event : { ...event, content };
    });
  }

  /** What stood at a place that is taken again is told no more. */
  #forget(place: number): void {
    const before = this.#count - keptLast;
    if (!this.#contents || before < keptFirst || place < keptFirst) return;
    this.#contentLength -= this.#contents.get(before)?.length ?? 0;
    this.#contents.delete(before);
  }

  /** Where the next event goes: past the beginning, the oldest one makes room. */
  #place(): number {
    const after = this.#count - keptFirst;
    return after < 0 ? this.#count : keptFirst + (after % keptLast);
  }

  #placeOfKept(index: number): number {
    if (index < keptFirst || this.leftOut === 0) return index;
    const first = (this.#count - keptFirst) % keptLast;
    return keptFirst + ((first + index - keptFirst) % keptLast);
  }

  #roomFor(length: number): Float64Array {
    const rows = this.#rows;
    if (rows && rows.length >= length) return rows;
    const most = (keptFirst + keptLast) * width;
    const grown = new Float64Array(Math.min(most, (rows?.length ?? (firstRoom * width) / 2) * 2));
    if (rows) grown.set(rows);
    this.#rows = grown;
    return grown;
  }

  #contextNumber(context: ContextId): number {
    const contexts = (this.#contexts ??= []);
    // The one that is spoken to is mostly the last one.
    const known = contexts.lastIndexOf(context.slice(0, maxNameLength));
    if (known >= 0) return known;
    const name = context.slice(0, maxNameLength);
    if (contexts.length < maxContexts) return contexts.push(name) - 1;
    const free = this.#freeContext();
    if (free >= 0) contexts[free] = name;
    return free;
  }

  /** The place of a name that no event has any more; -1 if there is none. */
  #freeContext(): number {
    const rows = this.#rows ?? [];
    const isUsed = Array.from({ length: maxContexts }, () => false);
    for (let at = 2; at < rows.length; at += width) {
      const number = rows[at] ?? -1;
      if (number >= 0) isUsed[number] = true;
    }
    return isUsed.indexOf(false);
  }

  #read(place: number): StoryEvent {
    const row = this.#rows?.subarray(place * width, (place + 1) * width) ?? [];
    const [atMs = 0, typeNumber = 0, context = -1, word = -1, ...values] = row;
    const type = storyEventTypes[typeNumber] ?? "closed";
    const isReceived = type === "received";
    return {
      atMs,
      type,
      context: this.#contexts?.[context],
      word: isReceived ? undefined : this.#words.wordOf(word),
      values: named(type, values),
      parts: isReceived ? partsOf(word) : noParts,
    };
  }
}

const noParts: readonly MessagePart[] = [];

function named(type: StoryEventType, values: readonly number[]): Record<string, number> {
  const pairs = (valueNames[type] ?? []).map((name, index) => [name, values[index]] as const);
  return Object.fromEntries(pairs.filter(([, value]) => !Number.isNaN(value))) as Record<
    string,
    number
  >;
}
