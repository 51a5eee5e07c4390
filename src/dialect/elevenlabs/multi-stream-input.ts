import {
  type Command,
  type Configuration,
  type ContextId,
  defaultContext,
} from "../../protocol/speech.ts";
import type { Rules } from "./compatibility.ts";
import { type ClientMessage, type ConfigurationReader, readCredential } from "./messages.ts";
import type { MessageReader } from "./socket-codec.ts";
import { triggerMinChars } from "./stream-input.ts";

/** How one connection wants to be treated. */
export interface MultiStreamOptions extends Pick<Rules, "emptyMessageOpens" | "closeSocket"> {
  /** How long contexts may still be finished after `close_socket`. */
  readonly closeGraceMs: number;
  /** Whether closing a context drops what has not been sent of it. */
  readonly discardsOnClose: boolean;
}

/**
 * Messages of `/v1/text-to-speech/{voice_id}/multi-stream-input`: flat objects, whose members
 * say what they do. The members of one message take effect in the order in which they are read
 * here, so that one message may speak, flush and close.
 */
export class MultiStreamReader implements MessageReader {
  readonly readConfiguration: ConfigurationReader;
  readonly #options: MultiStreamOptions;
  #isFirst = true;
  #hasEnded = false;

  constructor(readConfiguration: ConfigurationReader, options: MultiStreamOptions) {
    this.readConfiguration = readConfiguration;
    this.#options = options;
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  contextOf({ context_id, contextId }: Pick<ClientMessage, "context_id" | "contextId">): ContextId {
    return context_id ?? contextId ?? defaultContext;
  }

  read(message: ClientMessage): Command[] {
    const context = this.contextOf(message);
    const isFirst = this.#isFirst;
    this.#isFirst = false;
    const configuration = this.readConfiguration(message);
    return [
      ...(isFirst ? this.#readConnection(message, configuration) : []),
      ...this.#readText(message, context, isFirst ? undefined : configuration),
      ...this.#readFlush(message, context),
      ...this.#readClose(message, context),
    ];
  }

  afterCancel(): Command[] {
    return [];
  }

  /** The first message also speaks for contexts that say nothing of their own. */
  #readConnection(message: ClientMessage, configuration: Configuration | undefined): Command[] {
    return [
      { type: "authenticate", credential: readCredential(message) },
      ...(configuration ? [{ type: "inherit", configuration } as const] : []),
    ];
  }

  #readText(
    message: ClientMessage,
    context: ContextId,
    configuration: Configuration | undefined,
  ): Command[] {
    const { text } = message;
    const isEmpty = text === "" || (message.flush === true && !text);
    const opens = Boolean(text) || (this.#options.emptyMessageOpens && isEmpty);
    const commands: Command[] = [];
    if (configuration || (opens && !text)) {
      commands.push({ type: "configure", context, configuration: configuration ?? {}, opens });
    }
    if (text) commands.push({ type: "text", context, text });
    else if (!endsSocket(message)) commands.push({ type: "keep_alive", context });
    return commands;
  }

  #readFlush({ flush, try_trigger_generation }: ClientMessage, context: ContextId): Command[] {
    if (flush) return [{ type: "flush", context, minChars: 0 }];
    return try_trigger_generation ? [{ type: "flush", context, minChars: triggerMinChars }] : [];
  }

  #readClose(message: ClientMessage, context: ContextId): Command[] {
    const { closeGraceMs: withinMs, closeSocket, discardsOnClose: discard } = this.#options;
    const commands: Command[] = [];
    if (message.close_context ?? message.closeContext) {
      commands.push({ type: "close", context, discard });
    }
    if (endsSocket(message)) {
      this.#hasEnded = closeSocket === "grace";
      if (this.#hasEnded) commands.push({ type: "close_all", withinMs }, { type: "end" });
      else commands.push({ type: "end", takesMore: true });
    }
    return commands;
  }
}

const endsSocket = ({ close_socket, closeSocket, close_connection }: ClientMessage): boolean =>
  close_socket ?? closeSocket ?? close_connection ?? false;
