import type { Problem } from "../../protocol/problems.ts";
import type { Command, ContextId } from "../../protocol/speech.ts";
import {
  conflictingMember,
  missingMember,
  readMs,
  type Unreadable,
  type WireRequest,
} from "./messages.ts";
import { cancel, open, type OpenedContext, type Opening, type ReaderParts } from "./opening.ts";

/** A context of the client that is open. */
interface OpenContext {
  readonly opening: Opening;
  /** The session's context, unless it was cancelled and nothing has been said since. */
  speaking: OpenedContext | undefined;
  /** Whether its last message said that more of the same text follows. */
  isMidText: boolean;
}

/** Text of a context waits this long for more unless its client says otherwise. */
const defaultDelayMs = 3000;
/** A client that wants no delay gets the text of one packet as one. */
const shortestDelayMs = 1;
/** Contexts that are remembered: some clients use one for each utterance and close none. */
const maxNames = 64;

/**
 * Messages with a `context_id`. A context stays open until it is closed; each piece of its text
 * that is spoken in one go is a request, which ends in a `complete` of its own.
 */
export class Continuations {
  readonly #parts: ReaderParts;
  /** By name, those first that were not named for the longest time. */
  readonly #open = new Map<string, OpenContext>();
  /** Names of which the rest of a text is ignored, as its beginning was refused or has failed. */
  readonly #refused = new Set<string>();

  constructor(parts: ReaderParts) {
    this.#parts = parts;
  }

  /** The session's context of this name. */
  get(name: string): ContextId | undefined {
    return this.#find(name)?.speaking?.context;
  }

  /** A context was cancelled by a message of the extension. */
  onCancelled(name: string, keep: boolean): void {
    if (keep) this.#empty(name);
    else this.#open.delete(name);
  }

  /** @throws {SpeechError} what is wrong with the message */
  read(message: WireRequest, name: string): Command[] {
    refuseConflicts(message);
    if (message.cancel_request) return this.#cancel(name);
    const { text = "", context_close: closes = false } = message;
    if (message.text === undefined && !closes) throw missingMember("text");
    const isBlank = text.trim() === "";
    // Some clients send a space now and then, to be remembered.
    if (isBlank && message.continue === undefined && !closes) return [];
    const known = this.#find(name);
    if (this.#refused.has(name)) {
      if (closes || !message.continue) this.#refused.delete(name);
      return [];
    }
    const commands: Command[] = [];
    const named = isBlank ? known : (known ?? this.#begin(message, name, commands));
    if (named && !isBlank) named.speaking ??= this.#speak(named, name, commands);
    if (named) {
      commands.push(...commandsOf(message, named));
      named.isMidText = message.continue === true;
      this.#open.delete(name);
      if (!closes) this.#open.set(name, named);
    }
    return commands;
  }

  /** A message could not be read: the text that it belongs to is given up. */
  refuse(problem: Problem, { names = {}, ends }: Unreadable, name: string): Command[] {
    const { speaking, isMidText } = this.#find(name) ?? {};
    if (!speaking || !isMidText) {
      return [{ type: "refuse", problem, context: this.#parts.requests.refuse(names) }];
    }
    const { context } = speaking;
    this.#open.delete(name);
    if (!ends) this.#ignoreRest(name);
    // It is known by its names until it has ended.
    return [{ type: "refuse", problem, context }, cancel(context)];
  }

  /** What has failed is forgotten, but for the rest of its text. */
  #find(name: string): OpenContext | undefined {
    const named = this.#open.get(name);
    if (named?.speaking?.request.outcome === undefined) return named;
    this.#open.delete(name);
    if (named.isMidText) this.#ignoreRest(name);
    return undefined;
  }

  #begin(message: WireRequest, name: string, commands: Command[]): OpenContext {
    try {
      const voicing = this.#parts.readVoicing(message);
      const delayMs = readMs(message, "max_buffer_delay_ms") ?? defaultDelayMs;
      const maxBufferDelayMs = Math.max(shortestDelayMs, delayMs);
      const opening = { message, voicing, others: { maxBufferDelayMs, tellsPieces: true } };
      commands.push(...this.#forgetOldest());
      return { opening, speaking: undefined, isMidText: false };
    } catch (error) {
      if (message.continue) this.#ignoreRest(name);
      throw error;
    }
  }

  #speak({ opening }: OpenContext, name: string, commands: Command[]): OpenedContext {
    const opened = open(opening, this.#parts, this.#parts.requests.of(name).at(-1));
    commands.push(...opened.commands);
    return opened;
  }

  /** What was not named for the longest time is closed, as its client might have done. */
  #forgetOldest(): Command[] {
    const [oldest] = this.#open.keys();
    if (oldest === undefined || this.#open.size < maxNames) return [];
    const context = this.get(oldest);
    this.#open.delete(oldest);
    return context === undefined ? [] : [{ type: "close", context }];
  }

  #ignoreRest(name: string): void {
    this.#refused.add(name);
    const [oldest = name] = this.#refused;
    if (this.#refused.size > maxNames) this.#refused.delete(oldest);
  }

  /** Also what was closed and is still being spoken. */
  #cancel(name: string): Command[] {
    this.#empty(name);
    this.#refused.delete(name);
    return this.#parts.requests.of(name).map(cancel);
  }

  #empty(name: string): void {
    const named = this.#find(name);
    if (!named?.speaking) return;
    named.speaking.request.isResumed = true;
    named.speaking = undefined;
    named.isMidText = false;
  }
}

/** What a message asks of its context, if there is anything of it to be spoken. */
function commandsOf(message: WireRequest, { speaking }: OpenContext): Command[] {
  if (!speaking) return [];
  const { context, request } = speaking;
  const { text = "" } = message;
  request.names.add(text, message);
  return [
    ...(text === "" ? [] : [{ type: "text", context, text } as const]),
    ...(message.continue ? [] : [{ type: "flush", context, minChars: 0 } as const]),
    ...(message.context_close ? [{ type: "close", context } as const] : []),
  ];
}

function refuseConflicts(message: WireRequest): void {
  for (const [name, isSet] of [
    ["flush", message.flush === true],
    ["max_buffer_flush_ms", (message.max_buffer_flush_ms ?? 0) > 0],
  ] as const) {
    if (isSet) throw conflictingMember(name, `${name} cannot be used with context_id`);
  }
}
