import type { SocketCodec } from "../../protocol/dialect.ts";
import { type Problem, SpeechError } from "../../protocol/problems.ts";
import type { Command, ContextId } from "../../protocol/speech.ts";
import type { Model } from "../../protocol/voice.ts";
import { readExtensionMessage } from "../extension.ts";
import { shorten } from "../short-text.ts";
import { Continuations } from "./continuations.ts";
import { formatClose } from "./errors.ts";
import {
  clampedMembers,
  isKnownMember,
  readRequest,
  readUnreadable,
  type WireRequest,
} from "./messages.ts";
import type { ReaderParts } from "./opening.ts";
import { PlainRuns } from "./plain-runs.ts";
import { type FrameStyle, FrameWriter } from "./socket-frames.ts";

/** How one connection is read and written. */
export interface SocketCodecParts extends ReaderParts {
  readonly style: FrameStyle;
  readonly model: Pick<Model, "id" | "maxTextChars">;
}

/** One connection of the protocol. */
export function createSocketCodec(parts: SocketCodecParts): SocketCodec {
  const frames = new FrameWriter(parts.requests, parts.style);
  const reader = new MessageReader(parts);
  return {
    decode: (data) => reader.decode(data),
    encode: (event, allocate) => frames.encode(event, allocate),
    close: formatClose,
  };
}

type JsonObject = Readonly<Record<string, unknown>>;

class MessageReader {
  readonly #parts: SocketCodecParts;
  readonly #runs: PlainRuns;
  readonly #continuations: Continuations;

  constructor(parts: SocketCodecParts) {
    this.#parts = parts;
    this.#runs = new PlainRuns(parts);
    this.#continuations = new Continuations(parts);
  }

  decode(data: string | Uint8Array): Command[] {
    // What is binary has no meaning, but it is a sign of life.
    if (typeof data !== "string") return [];
    let json: unknown;
    try {
      json = JSON.parse(data);
    } catch {
      return this.#refuse(invalidJson, undefined);
    }
    try {
      return this.#read(json);
    } catch (error) {
      if (!(error instanceof SpeechError)) throw error;
      return this.#refuse(error.problem, json);
    }
  }

  #read(json: unknown): Command[] {
    const { style, model, kind } = this.#parts;
    if (isObject(json)) {
      const isExtension = "type" in json && json["text"] === undefined;
      if (style.ready && isExtension) return this.#readExtension(json);
      if (isForeign(json)) return [];
    }
    const message = readRequest(json, model, kind);
    const name = message.context_id;
    const commands =
      name === undefined ? this.#runs.read(message) : this.#continuations.read(message, name);
    if (!style.ready || !isObject(json)) return commands;
    return [...warningsOf(json, message, this.#parts), ...commands];
  }

  #readExtension(json: JsonObject): Command[] {
    const name = json["context_id"];
    const context = typeof name === "string" ? this.#continuations.get(name) : this.#runs.current;
    try {
      const command = readExtensionMessage(json, context ?? unknownContext);
      if (context === undefined) return [];
      if (command.type !== "cancel") return [command];
      if (typeof name === "string") this.#continuations.onCancelled(name, command.keep);
      else this.#runs.onCancelled(command.keep);
      // Another context of the session goes on with what this one was kept for.
      return [{ ...command, keep: false }];
    } catch {
      const reason = "its type or one of its members is not one the extension knows";
      throw new SpeechError("invalid_message", { reason });
    }
  }

  /** The problem is told; a text that the message belongs to is given up. */
  #refuse(problem: Problem, json: unknown): Command[] {
    const message = readUnreadable(json);
    const { names, isForContext } = message;
    if (!isForContext) return this.#runs.refuse(problem, message);
    if (names?.context_id !== undefined) {
      return this.#continuations.refuse(problem, message, names.context_id);
    }
    return [{ type: "refuse", problem, context: this.#parts.requests.refuse(names ?? {}) }];
  }
}

const unknownContext: ContextId = "";

const invalidJson: Problem = {
  code: "invalid_message",
  details: { reason: "it is not JSON", kind: "invalid_json" },
};

const isObject = (json: unknown): json is JsonObject =>
  typeof json === "object" && json !== null && !Array.isArray(json);

/** Some clients introduce themselves as they do to other models. */
const isForeign = (json: JsonObject): boolean =>
  ["type", "event", "init"].some((name) => Object.hasOwn(json, name)) &&
  !["text", "voice_id", "flush", "cancel_request", "context_close"].some((name) =>
    Object.hasOwn(json, name),
  );

function warningsOf(
  json: JsonObject,
  message: WireRequest,
  { kind }: Pick<SocketCodecParts, "kind">,
): Command[] {
  const unknown = Object.keys(json).filter((name) => !isKnownMember(name));
  return [
    ...unknown.map(
      (name) => ({ code: "unknown_member", details: { name: shorten(name) } }) as const,
    ),
    ...clampedMembers(message, kind),
  ].map((warning) => ({ type: "warn", warning }));
}
