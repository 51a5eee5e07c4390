import type { Problem } from "../../protocol/problems.ts";
import type { Command, ContextId } from "../../protocol/speech.ts";
import { missingMember, readMs, type Unreadable, type WireRequest } from "./messages.ts";
import { cancel, open, type Opening, type ReaderParts } from "./opening.ts";
import type { SpokenRequest } from "./spoken-requests.ts";

interface OpenRun {
  readonly opening: Opening;
  readonly context: ContextId;
  readonly request: SpokenRequest;
  backoffMs: number | undefined;
}

/**
 * Messages without a `context_id`: runs, each of them messages with `continue` up to one without.
 * A run is a context of the session that is closed with its last message, and speaks after the
 * run before it. Its settings are those of its first message.
 */
export class PlainRuns {
  readonly #parts: ReaderParts;
  #open: OpenRun | undefined;
  /** How the run goes on that was emptied by a message of the extension. */
  #emptied: Opening | undefined;
  /** The rest of a run that was refused or has failed is ignored. */
  #isAbandoned = false;
  #last: ContextId | undefined;

  constructor(parts: ReaderParts) {
    this.#parts = parts;
  }

  /** The run that messages of an extension are about. */
  get current(): ContextId | undefined {
    return this.#last;
  }

  /** @throws {SpeechError} what is wrong with the message */
  read(message: WireRequest): Command[] {
    if (message.cancel_request) return this.#cancelAll();
    this.#noticeEnd();
    const { text = "" } = message;
    const isBlank = text.trim() === "";
    const isOpen = this.#open !== undefined || this.#emptied !== undefined;
    if (isBlank && !message.continue) {
      if (message.text === undefined && message.flush !== true) throw missingMember("text");
      // Some clients send a space now and then, to be remembered.
      const says = message.flush === true || message.continue === false;
      if (!says) return [];
      if (!isOpen && message.voice_id === undefined) {
        this.#isAbandoned = false;
        return [];
      }
    }
    if (message.text === undefined && message.continue) throw missingMember("text");
    if (this.#isAbandoned) {
      this.#isAbandoned = message.continue === true;
      return [];
    }
    if (isBlank && message.continue && !this.#open) return [];
    return this.#speak(message, text);
  }

  /** The run was cancelled by a message of the extension; unless kept, what is left of it is ignored. */
  onCancelled(keep: boolean): void {
    if (!this.#open) return;
    if (keep) this.#emptied = this.#open.opening;
    else this.#isAbandoned = true;
    this.#open.request.isResumed = keep;
    this.#open = undefined;
  }

  /** A message could not be read: the run it belongs to is given up. */
  refuse(problem: Problem, message: Unreadable): Command[] {
    this.#noticeEnd();
    const run = this.#open;
    const isOpen = run !== undefined || this.#emptied !== undefined;
    this.#isAbandoned =
      isOpen || this.#isAbandoned ? !message.ends : message.names?.continue === true;
    this.#open = undefined;
    this.#emptied = undefined;
    const { names } = message;
    const context = run?.context ?? (names && this.#parts.requests.refuse(names));
    // The run is known by its names until it has ended.
    return [{ type: "refuse", problem, context }, ...(run ? [cancel(run.context)] : [])];
  }

  #speak(message: WireRequest, text: string): Command[] {
    const commands: Command[] = [];
    const run = this.#open ?? this.#begin(message, commands);
    const { context } = run;
    run.backoffMs = readMs(message, "complete_backoff_ms") ?? run.backoffMs;
    if (text !== "") commands.push({ type: "text", context, text });
    if (message.continue) {
      this.#open = run;
      if (message.flush) commands.push({ type: "flush", context, minChars: 0 });
      return commands;
    }
    this.#open = undefined;
    const isExplicit = message.flush === true || message.continue === false;
    const quietMs = run.backoffMs ?? (isExplicit ? 0 : this.#parts.completeMs);
    commands.push({ type: "close", context, quietMs });
    return commands;
  }

  #begin(message: WireRequest, commands: Command[]): OpenRun {
    const opening = this.#emptied ?? this.#readOpening(message);
    this.#emptied = undefined;
    const opened = open(opening, this.#parts, this.#last);
    commands.push(...opened.commands);
    this.#last = opened.context;
    return { ...opened, opening, backoffMs: undefined };
  }

  #readOpening(message: WireRequest): Opening {
    const voicing = this.#parts.readVoicing(message);
    const flushMs = readMs(message, "max_buffer_flush_ms", this.#parts.kind) ?? 0;
    return { message, voicing, others: flushMs > 0 ? { maxBufferDelayMs: flushMs } : {} };
  }

  #cancelAll(): Command[] {
    this.#open = undefined;
    this.#emptied = undefined;
    this.#isAbandoned = false;
    return this.#parts.requests.of(undefined).map(cancel);
  }

  /** The open run may have ended without a word of the client's. */
  #noticeEnd(): void {
    const outcome = this.#open?.request.outcome;
    if (outcome === undefined) return;
    this.#open = undefined;
    this.#isAbandoned = outcome === "failed";
  }
}
