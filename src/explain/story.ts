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
/** Numbers of one event: its time, its name, and two values. */
const width = 4;
/** A name is its type, context and word in one number; of the latter two, 0 is none. */
const typeRoom = 32;
const contextRoom = 256;

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
  /** An array grows by little at first, where a typed one would cost a kilobyte: most stories are short. */
  #rows: number[] | undefined;
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
    const contextNumber = context === undefined ? 0 : this.#contextNumber(context) + 1;
    const wordNumber = typeof word === "string" ? this.#words.numberOf(word) + 1 : (word ?? 0);
    const name =
      (wordNumber * contextRoom + contextNumber) * typeRoom + storyEventTypes.indexOf(type);
    const rows = (this.#rows ??= []);
    const at = place * width;
    if (at === rows.length) {
      rows.push(atMs, name, first, second);
    } else {
      rows[at] = atMs;
      rows[at + 1] = name;
      rows[at + 2] = first;
      rows[at + 3] = second;
    }
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

  #contextNumber(context: ContextId): number {
    const name = context.slice(0, maxNameLength);
    // Most connections have one, and an array that is added to has room for many.
    const contexts = (this.#contexts ??= [name]);
    // The one that is spoken to is mostly the last one.
    const known = contexts.lastIndexOf(name);
    if (known >= 0) return known;
    if (contexts.length < maxContexts) return contexts.push(name) - 1;
    const free = this.#freeContext();
    if (free >= 0) contexts[free] = name;
    return free;
  }

  /** The place of a name that no event has any more; -1 if there is none. */
  #freeContext(): number {
    const rows = this.#rows ?? [];
    const isUsed = Array.from({ length: maxContexts }, () => false);
    for (let at = 1; at < rows.length; at += width) {
      const number = Math.floor((rows[at] ?? 0) / typeRoom) % contextRoom;
      if (number > 0) isUsed[number - 1] = true;
    }
    return isUsed.indexOf(false);
  }

  #read(place: number): StoryEvent {
    const rows = this.#rows ?? [];
    const at = place * width;
    const name = rows[at + 1] ?? 0;
    const type = storyEventTypes[name % typeRoom] ?? "closed";
    const context = (Math.floor(name / typeRoom) % contextRoom) - 1;
    const word = Math.floor(name / (typeRoom * contextRoom));
    const isReceived = type === "received";
    return {
      atMs: rows[at] ?? 0,
      type,
      context: this.#contexts?.[context],
      word: isReceived ? undefined : this.#words.wordOf(word - 1),
      values: named(type, rows, at + 2),
      parts: isReceived ? partsOf(word) : noParts,
    };
  }
}

const noParts: readonly MessagePart[] = [];

/** The values that begin at a place, by their names; NaN is none. */
function named(
  type: StoryEventType,
  rows: readonly number[],
  firstAt: number,
): Record<string, number> {
  const values: Record<string, number> = {};
  valueNames[type]?.forEach((name, index) => {
    const value = rows[firstAt + index];
    if (value !== undefined && !Number.isNaN(value)) values[name] = value;
  });
  return values;
}
