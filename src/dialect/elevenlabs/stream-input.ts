import type { AlignmentSlice } from "../../protocol/alignment.ts";
import type { SocketCodec } from "../../protocol/dialect.ts";
import type { Problem } from "../../protocol/problems.ts";
import type { AudioEvent, Command, Event } from "../../protocol/speech.ts";
import { formatClose, formatSocketError } from "./errors.ts";
import {
  type ClientMessage,
  clientMessageSchema,
  readCredential,
  readSchedule,
  readVoiceSettings,
  speedRanges,
} from "./messages.ts";
import { formatSocketAlignment, type SocketAlignment, type TimeBase } from "./wire-alignment.ts";

/** A stream-input socket has one stream, which has no name. */
const context = "";
/** Below this many buffered characters `try_trigger_generation` does nothing. */
const triggerMinChars = 50;
const finalFrame = '{"audio":null,"isFinal":true,"normalizedAlignment":null,"alignment":null}';

/** One connection of `/v1/text-to-speech/{voice_id}/stream-input`. */
export class StreamInputCodec implements SocketCodec {
  readonly #timeBase: TimeBase;
  #isFirst = true;
  #hasEnded = false;

  constructor(timeBase: TimeBase) {
    this.#timeBase = timeBase;
  }

  decode(data: string | Uint8Array): Command[] {
    if (this.#hasEnded) return [];
    const message = parse(data);
    if (typeof message !== "string") return this.#read(message);
    this.#hasEnded = true;
    return [{ type: "reject", problem: { code: "invalid_message", details: { reason: message } } }];
  }

  encode(
    event: Exclude<Event, { type: "close" }>,
    allocate: (sizeBytes: number) => Uint8Array,
  ): string | Uint8Array {
    switch (event.type) {
      case "audio":
        return formatAudioFrame(event, this.#timeBase, allocate);
      case "final":
        return finalFrame;
      case "error":
        return JSON.stringify(formatSocketError(event.problem));
    }
  }

  close(problem: Problem | undefined): ReturnType<typeof formatClose> {
    return formatClose(problem);
  }

  #read(message: ClientMessage): Command[] {
    const { text } = message;
    const isFirst = this.#isFirst;
    const commands: Command[] = [];
    if (isFirst) {
      commands.push({ type: "authenticate", credential: readCredential(message) });
      commands.push({ type: "open", context });
    }
    commands.push(...configure(message));
    // The " " that opens the stream is not part of what is spoken; a later one is.
    if (text && !(isFirst && text === " ")) commands.push({ type: "text", context, text });
    if (message.flush) commands.push({ type: "flush", context, minChars: 0 });
    else if (message.try_trigger_generation) {
      commands.push({ type: "flush", context, minChars: triggerMinChars });
    }
    this.#isFirst = false;
    this.#hasEnded = text === "" ? !message.flush : isFirst && typeof text !== "string";
    if (this.#hasEnded) commands.push({ type: "close", context }, { type: "end" });
    return commands;
  }
}

/** The message, or why it cannot be read. */
function parse(data: string | Uint8Array): ClientMessage | string {
  let json: unknown;
  try {
    json = JSON.parse(typeof data === "string" ? data : new TextDecoder().decode(data));
  } catch {
    return "it is not JSON";
  }
  const message = clientMessageSchema.safeParse(json);
  if (message.success) return message.data;
  const member = message.error.issues[0]?.path.join(".");
  return member ? `the member ${member} has the wrong type` : "it is not a JSON object";
}

function configure(message: ClientMessage): Command[] {
  const scheduleChars = readSchedule(message);
  const voice = message.voice_settings
    ? readVoiceSettings(message.voice_settings, speedRanges.socket)
    : undefined;
  if (!scheduleChars && !voice) return [];
  return [
    {
      type: "configure",
      context,
      ...(voice && { voice }),
      ...(scheduleChars && { scheduleChars }),
    },
  ];
}

const frameStart = '{"audio":"';

const withoutAlignment = '","isFinal":null,"normalizedAlignment":null,"alignment":null}';

/** What follows the audio of a frame. */
function formatAlignments(slice: AlignmentSlice, timeBase: TimeBase): string {
  const json = (which: "original" | "normalized"): string => {
    const wire = formatSocketAlignment(slice, which, timeBase);
    return wire ? stringify(wire) : "null";
  };
  return `","isFinal":null,"normalizedAlignment":${json("normalized")},"alignment":${json("original")}}`;
}

/** Only the characters can need escaping. */
const stringify = ({ chars, charStartTimesMs, charDurationsMs }: SocketAlignment): string =>
  `{"chars":${JSON.stringify(chars)},"charStartTimesMs":[${charStartTimesMs.join()}],"charDurationsMs":[${charDurationsMs.join()}]}`;

/**
 * Joins the frame around the base64, which needs no escaping: stringifying audio costs ten times
 * as much. It is built as bytes because the socket would copy a text once more.
 */
function formatAudioFrame(
  { bytes, alignment }: AudioEvent,
  timeBase: TimeBase,
  allocate: (sizeBytes: number) => Uint8Array,
): Uint8Array {
  const audio = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("base64");
  const rest = alignment ? formatAlignments(alignment, timeBase) : withoutAlignment;
  const audioEnd = frameStart.length + audio.length;
  const restBytes = alignment ? Buffer.byteLength(rest) : rest.length;
  const { buffer, byteOffset, length } = allocate(audioEnd + restBytes);
  const frame = Buffer.from(buffer, byteOffset, length);
  frame.write(frameStart, 0, "latin1");
  frame.write(audio, frameStart.length, "latin1");
  frame.write(rest, audioEnd, "utf8");
  return frame;
}
