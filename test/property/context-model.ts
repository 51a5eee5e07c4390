import type { HeardFrame, MultiFrame } from "../support/multi-stream-input.ts";

/** A message and when it was sent. */
export interface Said {
  readonly at: number;
  readonly message: Readonly<Record<string, unknown>>;
}

/** One context as its client knows it, from its first message to its final frame. */
export interface Expected {
  readonly name: string | null;
  readonly openedAt: number;
  readonly predecessor: Expected | undefined;
  /** What the client said to it and to no other. */
  readonly said: Said[];
  /** All text as it was sent. */
  text: string;
  flushes: number;
  lastNamedAt: number;
  /** What the client has done about its end. */
  end: "none" | "closed" | "cancelled" | "kept";
  /** How many frames had been heard when the client ended it. */
  framesAtEnd: number;
  /** Whether it was cancelled while it was being closed: then either may have come first. */
  mayBeCut: boolean;
  readonly frames: HeardFrame[];
  /** Its turn's end in the extension, else its final frame. */
  last: HeardFrame | undefined;
  finals: number;
}

export interface ModelRules {
  readonly idleMs: number;
  readonly emptyMessageOpens: boolean;
  readonly isExtended: boolean;
  /** Whether closing drops what was not sent. */
  readonly discards: boolean;
}

/** Ends that nobody waits for: those of contexts that were stopped. */
function isWork({
  frame,
  last,
  end,
  mayBeCut,
}: Expected & { readonly frame: MultiFrame }): boolean {
  const isEnd = frame.isFinal || frame.type === "turn_end";
  if (!isEnd) return frame.type !== "cancelled";
  const reason = last?.frame.reason;
  return reason === undefined ? end !== "none" && !mayBeCut : reason === "complete";
}

const workOf = (context: Expected): HeardFrame[] =>
  context.frames.filter(({ frame }) => isWork({ ...context, frame }));

/** Keeps account of the contexts that a client's messages open and end, from the spec alone. */
export class ContextModel {
  readonly contexts: Expected[] = [];
  readonly #rules: ModelRules;
  #attributed = 0;
  #lastMessageAt = 0;
  #lastWorkAt = 0;

  constructor(rules: ModelRules) {
    this.#rules = rules;
  }

  /** The contexts of a name whose end has not been heard, oldest first. */
  live(name: string | null): Expected[] {
    return this.contexts.filter((each) => each.name === name && !each.last);
  }

  open(name: string | null): Expected | undefined {
    const newest = this.live(name).at(-1);
    return newest?.end === "none" ? newest : undefined;
  }

  opens({ text, flush }: Said["message"]): boolean {
    return Boolean(text) || (this.#rules.emptyMessageOpens && (text === "" || flush === true));
  }

  say(said: Said, name: string | null, heardFrames: number): void {
    const { at, message } = said;
    this.#lastMessageAt = at;
    const context = this.open(name) ?? (this.opens(message) ? this.#create(name, at) : undefined);
    if (!context) return;
    context.lastNamedAt = at;
    context.said.push(said);
    if (typeof message["text"] === "string") context.text += message["text"];
    if (message["flush"] === true) context.flushes += 1;
    if (message["close_context"] === true) this.#end(context, "closed", heardFrames);
  }

  cancel(name: string | null, keep: boolean, at: number, heardFrames: number): void {
    this.#lastMessageAt = at;
    const newest = this.open(name);
    for (const context of this.live(name)) {
      if (context === newest) this.#end(context, keep ? "kept" : "cancelled", heardFrames);
      else context.mayBeCut = true;
    }
    if (keep && newest) this.#create(name, at);
  }

  /** The client closes the socket, and with it every context, if `closesContexts`. */
  closeSocket(at: number, heardFrames: number, closesContexts: boolean): void {
    this.#lastMessageAt = at;
    if (!closesContexts) return;
    for (const context of this.contexts) {
      if (context.last || context.end !== "none") continue;
      context.said.push({ at, message: { close_context: true } });
      this.#end(context, "closed", heardFrames);
    }
  }

  /** Gives each new frame to its context; returns what no context can have sent. */
  attribute(frames: readonly HeardFrame[]): MultiFrame[] {
    const strays: MultiFrame[] = [];
    for (const heard of frames.slice(this.#attributed)) {
      const { frame } = heard;
      const isOwn = frame.contextId !== undefined && frame.type !== "warning";
      const context = isOwn ? this.#ownerOf(frame) : undefined;
      if (isOwn && !context) strays.push(frame);
      if (!isOwn && frame.error === undefined && frame.type === undefined) strays.push(frame);
      if (!context) continue;
      context.frames.push(heard);
      if (frame.isFinal) context.finals += 1;
      const ends = this.#rules.isExtended ? frame.type === "turn_end" : frame.isFinal;
      if (ends) context.last = heard;
    }
    this.#attributed = frames.length;
    this.#lastWorkAt = this.contexts
      .flatMap(workOf)
      .reduce((latest, { doneAt }) => Math.max(latest, doneAt), 0);
    return strays;
  }

  /** Since when nothing has kept a context from being idle; what waits for another is not. */
  quietSince(context: Expected): number {
    const { predecessor } = context;
    if (predecessor && !predecessor.last) return Number.POSITIVE_INFINITY;
    const own = context.frames.map(({ doneAt }) => doneAt);
    const older = predecessor && workOf(predecessor).at(-1)?.doneAt;
    return Math.max(context.lastNamedAt, older ?? 0, ...own);
  }

  /** The same for the whole session. */
  get sessionQuietSince(): number {
    return Math.max(this.#lastMessageAt, this.#lastWorkAt);
  }

  /** Contexts that nothing was said in end without a word. */
  forgetBlank(now: number): void {
    for (const context of this.contexts) {
      const isBlank = context.text.trim() === "" && context.end === "none" && !context.last;
      if (!isBlank || this.quietSince(context) + this.#rules.idleMs > now) continue;
      this.contexts.splice(this.contexts.indexOf(context), 1);
      return this.forgetBlank(now);
    }
  }

  #create(name: string | null, at: number): Expected {
    const context: Expected = {
      name,
      openedAt: at,
      predecessor: this.live(name).at(-1),
      said: [],
      text: "",
      flushes: 0,
      lastNamedAt: at,
      end: "none",
      framesAtEnd: 0,
      mayBeCut: false,
      frames: [],
      last: undefined,
      finals: 0,
    };
    this.contexts.push(context);
    return context;
  }

  #end(context: Expected, end: Expected["end"], heardFrames: number): void {
    context.end = end;
    context.framesAtEnd = heardFrames;
    if (this.#rules.discards || end !== "closed") context.mayBeCut = true;
  }

  /** The final frame follows the turn's end at once. */
  #ownerOf({ contextId, isFinal }: MultiFrame): Expected | undefined {
    const own = this.contexts.filter(({ name }) => name === contextId);
    if (!this.#rules.isExtended || !isFinal) return own.find(({ last }) => !last);
    return own.findLast(({ last, finals, end }) => last && finals === 0 && end !== "kept");
  }
}
