import type { Command, ContextId } from "../../protocol/speech.ts";
import { missingMember, readMs, type MessageKind, type WireRequest } from "./messages.ts";
import type { SpokenRequest, SpokenRequests } from "./spoken-requests.ts";
import type { Voicing } from "./voicing.ts";

/** What the readers of a socket's messages work with. */
export interface ReaderParts {
  readonly requests: SpokenRequests;
  readonly kind: MessageKind;
  /** How long it must be quiet before `complete`, where a client has not said that its turn ends. */
  readonly completeMs: number;
  /** @throws {SpeechError} what is wrong with the request's voice, model or format */
  readVoicing(message: WireRequest): Voicing;
}

interface OpenRun {
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
    if (isBlank && !message.continue) {
      if (message.text === undefined && message.flush !== true) throw missingMember("text");
      // Some clients send a space now and then, to be remembered.
      const says = message.flush === true || message.continue === false;
      if (!says) return this.#keepAlive();
      if (!this.#open && message.voice_id === undefined) {
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

  /** The run was cancelled by a message of the extension; what is left of it is ignored. */
  onCancelled(keep: boolean): void {
    if (keep || !this.#open) return;
    this.#open = undefined;
    this.#isAbandoned = true;
  }

  /** A message could not be read: the run it belongs to is given up. */
  abandon(isContinued: boolean): Command[] {
    const run = this.#open;
    this.#open = undefined;
    this.#isAbandoned = isContinued || (run !== undefined && this.#isAbandoned);
    return run ? [cancel(run.context)] : [];
  }

  #speak(message: WireRequest, text: string): Command[] {
    const commands: Command[] = [];
    const run = this.#open ?? this.#begin(message, commands);
    const { context } = run;
    this.#parts.requests.rename(context, message);
    run.backoffMs = readMs(message, "complete_backoff_ms") ?? run.backoffMs;
    if (text !== "") commands.push({ type: "text", context, text });
    if (message.continue) {
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
    const { requests, kind } = this.#parts;
    const { warnings, ...voicing } = this.#voicing(message);
    const flushMs = readMs(message, "max_buffer_flush_ms", kind) ?? 0;
    const { context, request } = requests.open(message, voicing.format);
    commands.push({
      type: "configure",
      context,
      configuration: { ...voicing, ...(flushMs > 0 && { maxBufferDelayMs: flushMs }) },
      opens: true,
      after: this.#last,
    });
    commands.push(...warnings.map((warning): Command => ({ type: "warn", warning, context })));
    this.#last = context;
    const run = { context, request, backoffMs: undefined };
    if (message.continue) this.#open = run;
    return run;
  }

  #voicing(message: WireRequest): Voicing {
    try {
      return this.#parts.readVoicing(message);
    } catch (error) {
      this.#isAbandoned = message.continue === true;
      throw error;
    }
  }

  #keepAlive(): Command[] {
    return this.#open ? [{ type: "keep_alive", context: this.#open.context }] : [];
  }

  #cancelAll(): Command[] {
    this.#open = undefined;
    this.#isAbandoned = false;
    return this.#parts.requests.plain.map(cancel);
  }

  /** The open run may have ended without a word of the client's. */
  #noticeEnd(): void {
    const outcome = this.#open?.request.outcome;
    if (outcome === undefined) return;
    const { context } = this.#open ?? {};
    this.#open = undefined;
    this.#isAbandoned = outcome === "failed";
    if (context === this.#last) this.#last = undefined;
  }
}

const cancel = (context: ContextId): Command => ({
  type: "cancel",
  context,
  playedMs: undefined,
  keep: false,
});
