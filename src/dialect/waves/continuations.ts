import type { Command, ContextId } from "../../protocol/speech.ts";
import { conflictingMember, missingMember, readMs, type WireRequest } from "./messages.ts";
import type { ReaderParts } from "./plain-runs.ts";
import type { SpokenRequest } from "./spoken-requests.ts";

interface OpenContext {
  readonly context: ContextId;
  readonly request: SpokenRequest;
  readonly opening: Command;
  /** Whether it may have to be opened again: one that was emptied and left alone is forgotten. */
  mayBeGone: boolean;
}

/** Text of a context waits this long for more unless its client says otherwise. */
const defaultDelayMs = 3000;
/** A client that wants no delay gets the text of one packet as one. */
const shortestDelayMs = 1;

/**
 * Messages with a `context_id`. A context stays open until it is closed; each piece of its text
 * that is spoken in one go is a request, which ends in a `complete` of its own.
 */
export class Continuations {
  readonly #parts: ReaderParts;
  readonly #open = new Map<string, OpenContext>();

  constructor(parts: ReaderParts) {
    this.#parts = parts;
  }

  /** The session's context of this name. */
  get(name: string): ContextId | undefined {
    return this.#live(name)?.context;
  }

  /** A context was cancelled by a message of the extension. */
  onCancelled(name: string, keep: boolean): void {
    const open = this.#live(name);
    if (open && keep) open.mayBeGone = true;
    else this.#open.delete(name);
  }

  /** @throws {SpeechError} what is wrong with the message */
  read(message: WireRequest, name: string): Command[] {
    refuseConflicts(message);
    if (message.cancel_request) return this.#cancel(name);
    const { text } = message;
    const isRequest = text !== undefined || message.context_close === true;
    if (!isRequest) throw missingMember("text");
    const commands: Command[] = [];
    const isBlank = text === undefined || text.trim() === "";
    const open = this.#live(name) ?? (isBlank ? undefined : this.#begin(message, name, commands));
    if (!open) return [];
    const { context } = open;
    this.#parts.requests.rename(context, message);
    if (open.mayBeGone && !isBlank) commands.push(open.opening);
    if (!isBlank) open.mayBeGone = false;
    if (text) commands.push({ type: "text", context, text });
    if (!message.continue && !isKeepAlive(message)) {
      commands.push({ type: "flush", context, minChars: 0 });
    }
    if (message.context_close) {
      this.#open.delete(name);
      commands.push({ type: "close", context });
    }
    return commands;
  }

  /** What has ended without a word of the client's is forgotten. */
  #live(name: string): OpenContext | undefined {
    const open = this.#open.get(name);
    if (open?.request.outcome === undefined) return open;
    this.#open.delete(name);
    return undefined;
  }

  #begin(message: WireRequest, name: string, commands: Command[]): OpenContext {
    const { requests } = this.#parts;
    const { warnings, ...voicing } = this.#parts.readVoicing(message);
    const delayMs = readMs(message, "max_buffer_delay_ms") ?? defaultDelayMs;
    const after = requests.lastOf(name);
    const { context, request } = requests.open(message, voicing.format);
    const configuration = {
      ...voicing,
      maxBufferDelayMs: Math.max(shortestDelayMs, delayMs),
      tellsPieces: true,
    };
    const opening: Command = { type: "configure", context, configuration, opens: true, after };
    commands.push(opening);
    commands.push(...warnings.map((warning): Command => ({ type: "warn", warning, context })));
    const open = { context, request, opening, mayBeGone: false };
    this.#open.set(name, open);
    return open;
  }

  #cancel(name: string): Command[] {
    const open = this.#live(name);
    if (!open) return [];
    open.mayBeGone = true;
    return [{ type: "cancel", context: open.context, playedMs: undefined, keep: true }];
  }
}

function refuseConflicts(message: WireRequest): void {
  for (const [name, isSet] of [
    ["flush", message.flush === true],
    ["max_buffer_flush_ms", (message.max_buffer_flush_ms ?? 0) > 0],
  ] as const) {
    if (isSet) throw conflictingMember(name, `${name} cannot be used with context_id`);
  }
}

const isKeepAlive = ({ text, continue: continues, context_close }: WireRequest): boolean =>
  text !== undefined && text.trim() === "" && continues === undefined && !context_close;
