import { type Command, defaultContext as context } from "../../protocol/speech.ts";
import { type ClientMessage, type ConfigurationReader, readCredential } from "./messages.ts";
import type { MessageReader } from "./socket-codec.ts";

/** Below this many buffered characters `try_trigger_generation` does nothing. */
export const triggerMinChars = 50;

/** Messages of `/v1/text-to-speech/{voice_id}/stream-input`: one stream, which has no name. */
export class StreamInputReader implements MessageReader {
  readonly readConfiguration: ConfigurationReader;
  #isFirst = true;
  #hasEnded = false;

  constructor(readConfiguration: ConfigurationReader) {
    this.readConfiguration = readConfiguration;
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  contextOf(): typeof context {
    return context;
  }

  read(message: ClientMessage): Command[] {
    const { text } = message;
    const isFirst = this.#isFirst;
    const commands: Command[] = [];
    if (isFirst) commands.push({ type: "authenticate", credential: readCredential(message) });
    const configuration = this.readConfiguration(message);
    if (isFirst || configuration) {
      commands.push({
        type: "configure",
        context,
        configuration: configuration ?? {},
        opens: isFirst,
      });
    }
    if (text) commands.push({ type: "text", context, text });
    if (message.flush) commands.push({ type: "flush", context, minChars: 0 });
    else if (message.try_trigger_generation) {
      commands.push({ type: "flush", context, minChars: triggerMinChars });
    }
    this.#isFirst = false;
    const isImplied = isFirst && typeof text !== "string";
    this.#hasEnded = text === "" ? !message.flush : isImplied;
    if (this.#hasEnded) commands.push({ type: "close", context }, { type: "end", isImplied });
    return commands;
  }

  afterCancel(keep: boolean): Command[] {
    this.#hasEnded = !keep;
    return keep ? [] : [{ type: "end" }];
  }
}
