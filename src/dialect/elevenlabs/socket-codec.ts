import { z } from "zod";
import type { SocketCodec } from "../../protocol/dialect.ts";
import type { Problem } from "../../protocol/problems.ts";
import { type Command, type ContextId, defaultContext } from "../../protocol/speech.ts";
import type { Voice } from "../../protocol/voice.ts";
import { formatClose } from "./errors.ts";
import { readExtensionMessage } from "../extension.ts";
import {
  clampedMembers,
  type ConfigurationReader,
  type ClientMessage,
  clientMessageSchema,
  ignoredMembers,
  isKnownMember,
} from "./messages.ts";
import { type FrameStyle, FrameWriter } from "./socket-frames.ts";
import { shorten } from "../short-text.ts";

/** Reads the messages of one connection, in their order. */
export interface MessageReader {
  /** Whether what still comes is ignored. */
  readonly hasEnded: boolean;
  read(message: ClientMessage): Command[];
  readonly readConfiguration: ConfigurationReader;
  /** The context a message is about. */
  contextOf(message: Pick<ClientMessage, "context_id" | "contextId">): ContextId;
  /** What a cancelled context entails. */
  afterCancel(keep: boolean): Command[];
}

/**
 * One connection: its messages as `reader` understands them, its frames in `style`. Clients of the
 * extension are told what `voice` does not do for them.
 */
export function createSocketCodec(
  reader: MessageReader,
  style: FrameStyle,
  voice?: Voice,
): SocketCodec {
  const frames = new FrameWriter(style);
  const listener = style.extension && { voice };
  let isBroken = false;
  return {
    decode(data) {
      if (isBroken) return [];
      if (reader.hasEnded) return [{ type: "late", hasText: hasText(data) }];
      try {
        return decode(data, reader, listener);
      } catch (error) {
        isBroken = true;
        const reason = error instanceof MessageError ? error.message : "it is not understood";
        const problem: Problem = { code: "invalid_message", details: { reason } };
        return [{ type: "reject", problem }];
      }
    },
    encode: (event, allocate) => frames.encode(event, allocate),
    close: formatClose,
  };
}

const lateSchema = z.looseObject({ text: z.string() });

/** Whether a message that came too late has something to say. */
function hasText(data: string | Uint8Array): boolean {
  try {
    const late = lateSchema.safeParse(parseJson(data));
    return late.success && late.data.text.trim() !== "";
  } catch {
    return false;
  }
}

/** Says why a message cannot be read. */
class MessageError extends Error {}

/** Who wants to be told what is not done as asked. */
interface ExtendedListener {
  readonly voice: Voice | undefined;
}

function decode(
  data: string | Uint8Array,
  reader: MessageReader,
  listener: ExtendedListener | undefined,
): Command[] {
  const json = parseJson(data);
  const parsed = clientMessageSchema.safeParse(json);
  if (!parsed.success) {
    const member = parsed.error.issues[0]?.path.join(".");
    throw new MessageError(
      member ? `the member ${shorten(member)} has the wrong type` : "it is not a JSON object",
    );
  }
  const message = parsed.data;
  if (!listener) return reader.read(message);
  const context = reader.contextOf(message);
  if ("type" in message && message.text === undefined) {
    const command = readExtension(json, context);
    return command.type === "cancel" ? [command, ...reader.afterCancel(command.keep)] : [command];
  }
  return [...warningsOf(message, context, reader, listener), ...reader.read(message)];
}

function parseJson(data: string | Uint8Array): unknown {
  try {
    return JSON.parse(typeof data === "string" ? data : new TextDecoder().decode(data));
  } catch {
    throw new MessageError("it is not JSON");
  }
}

function readExtension(json: unknown, context: ContextId): Command {
  try {
    return readExtensionMessage(json, context);
  } catch {
    throw new MessageError("its type or one of its members is not one the extension knows");
  }
}

function warningsOf(
  message: ClientMessage,
  context: ContextId,
  { readConfiguration }: MessageReader,
  { voice }: ExtendedListener,
): Command[] {
  const named = context === defaultContext ? {} : { context };
  const unknown = Object.keys(message).filter((name) => !isKnownMember(name));
  return [
    ...unknown.map((name): Command => {
      const warning = { code: "unknown_member", details: { name: shorten(name) } } as const;
      return { type: "warn", warning, ...named };
    }),
    ...[
      ...clampedMembers(message, readConfiguration),
      ...(voice ? ignoredMembers(message, voice) : []),
    ].map((warning): Command => ({ type: "warn", warning, ...named })),
  ];
}
