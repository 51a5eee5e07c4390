import { flagOf } from "../protocol/connections.ts";
import { countCharacters } from "../protocol/records.ts";
import type { Command, ContextId } from "../protocol/speech.ts";

/** What a message of a client is, whatever it says. */
export interface MessageOutline {
  /** Flags of `messageParts`. */
  readonly parts: number;
  /** The context it is for; undefined if it is for the connection. */
  readonly context: ContextId | undefined;
  /** Of its text, in Unicode code points. */
  readonly characters: number;
}

export const pingPart: number = flagOf("ping");

const flags: Readonly<
  Record<Exclude<Command["type"], "text" | "end" | "late" | "authenticate">, number>
> = {
  inherit: flagOf("settings"),
  configure: flagOf("settings"),
  flush: flagOf("flush"),
  keep_alive: flagOf("keep_alive"),
  close: flagOf("close_context"),
  cancel: flagOf("cancel"),
  close_all: flagOf("close_socket"),
  warn: 0,
  refuse: flagOf("refused"),
  reject: flagOf("unreadable"),
};
const textFlag = flagOf("text");
const blankFlag = flagOf("blank_text");
const endFlag = flagOf("end");
const impliedEndFlag = flagOf("end_implied");
const lateFlag = flagOf("late");
const lateTextFlag = flagOf("late_text");
const credentialFlag = flagOf("credential");

/** Outlines a message by the commands that were read from it. */
export function outlineOf(commands: readonly Command[]): MessageOutline {
  let parts = 0;
  let context: ContextId | undefined;
  let characters = 0;
  for (const command of commands) {
    parts |= flagsOf(command);
    if ("context" in command) context ??= command.context;
    if (command.type === "text") characters += countCharacters(command.text);
  }
  return { parts, context, characters };
}

function flagsOfEnd({ isImplied, takesMore }: Extract<Command, { type: "end" }>): number {
  if (isImplied) return endFlag | impliedEndFlag;
  // Whoever may go on has asked for the end of the socket, and not of its text.
  return takesMore ? endFlag | flags.close_all : endFlag;
}

function flagsOf(command: Command): number {
  if (command.type === "text") return command.text.trim() === "" ? blankFlag : textFlag;
  if (command.type === "end") return flagsOfEnd(command);
  if (command.type === "late") return command.hasText ? lateFlag | lateTextFlag : lateFlag;
  if (command.type === "authenticate") return command.credential ? credentialFlag : 0;
  const isEmpty = "configuration" in command && Object.keys(command.configuration).length === 0;
  return isEmpty ? 0 : flags[command.type];
}
