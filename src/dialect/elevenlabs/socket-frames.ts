import type { WireMessage } from "../../protocol/dialect.ts";
import {
  type AudioEvent,
  type BasicEvent,
  type ContextId,
  defaultContext,
  type Event,
} from "../../protocol/speech.ts";
import { formatSocketError } from "./errors.ts";
import { type Allocate, Base64Frame } from "../base64-frame.ts";
import { formatDetail, formatErrorDetails, formatMetrics } from "../extension.ts";
import { type TimeBase, writeSocketAlignments } from "./wire-alignment.ts";

/** How the frames of one socket look. */
export interface FrameStyle {
  readonly timeBase: TimeBase;
  /** Whether frames name their context. */
  readonly namesContexts: boolean;
  readonly duplicateSpellings: boolean;
  readonly errorsNameContext: boolean;
  /** Names the connection in errors, so that they can be asked about. */
  readonly traceId: string | undefined;
  /** Of clients that asked for it. */
  readonly extension: ExtensionStyle | undefined;
}

export interface ExtensionStyle {
  /** The first frame. */
  readonly ready: object;
  readonly audioTransport: "json" | "binary";
  /** Samples that leave for each sample of the voice. */
  readonly resampling: number;
}

/** Events that the vendor's own protocol has frames for. */
type ToldBasicEvent = Exclude<BasicEvent, { type: "close" }>;

const isBasic = (event: Event): event is ToldBasicEvent =>
  event.type === "audio" || event.type === "final" || event.type === "error";

const text = (data: string | Uint8Array): WireMessage => ({ data, isBinary: false });
/** One for all sockets: a frame is built in one go. */
const frame = new Base64Frame();
const finalMembers = '"audio":null,"isFinal":true,"normalizedAlignment":null,"alignment":null';

/** Makes the frames of one socket. */
export class FrameWriter {
  readonly #style: FrameStyle;
  #sequence = 0;
  /** How the last context was named: mostly the next frame is of the same one. */
  #lastName: readonly [ContextId, string] | undefined;

  constructor(style: FrameStyle) {
    this.#style = style;
  }

  /** The messages that tell of an event. */
  encode(event: Exclude<Event, { type: "close" }>, allocate: Allocate): readonly WireMessage[] {
    if (isBasic(event)) return this.#formatBasic(event, allocate);
    // Asked for by commands that this family has no messages for.
    if (event.type === "piece_ended" || event.type === "quiet") return [];
    if (event.type === "ready") return [text(JSON.stringify(this.#style.extension?.ready))];
    const frame = JSON.stringify(formatDetail(event)).slice(0, -1);
    const { context } = event as { context?: ContextId };
    return [text(`${frame}${context === undefined ? "" : this.#name(context)}}`)];
  }

  #formatBasic(event: ToldBasicEvent, allocate: Allocate): readonly WireMessage[] {
    const { extension } = this.#style;
    switch (event.type) {
      case "audio":
        return extension?.audioTransport === "binary"
          ? this.#formatBinaryAudio(event, extension, allocate)
          : [text(this.#formatAudio(event, allocate))];
      case "final": {
        const isFinal = this.#style.duplicateSpellings ? ',"is_final":true' : "";
        const metrics = { metrics: formatMetrics(event.turn) };
        return [
          text(`{${finalMembers}${isFinal}${this.#name(event.context)}${this.#ext(metrics)}}`),
        ];
      }
      case "error": {
        const frame = JSON.stringify(formatSocketError(event.problem)).slice(0, -1);
        const isNamed = this.#style.errorsNameContext && event.context !== undefined;
        const name = isNamed ? this.#name(event.context ?? defaultContext) : "";
        const { traceId } = this.#style;
        const trace = traceId === undefined ? "" : `,"trace_id":${JSON.stringify(traceId)}`;
        return [text(`${frame}${name}${trace}${this.#ext(formatErrorDetails(event.problem))}}`)];
      }
    }
  }

  /** Members that name a context, each with a comma before it. */
  #name(context: ContextId): string {
    if (!this.#style.namesContexts) return "";
    if (this.#lastName?.[0] === context) return this.#lastName[1];
    const id = context === defaultContext ? "null" : JSON.stringify(context);
    const duplicate = this.#style.duplicateSpellings ? `,"context_id":${id}` : "";
    const name = `,"contextId":${id}${duplicate}`;
    this.#lastName = [context, name];
    return name;
  }

  #ext(members: object): string {
    return this.#style.extension ? `,"ext":${JSON.stringify(members)}` : "";
  }

  #formatAudio({ bytes, alignment, context, flush }: AudioEvent, allocate: Allocate): Uint8Array {
    const { json } = frame;
    json.raw('{"audio":"');
    frame.audio(bytes);
    json.raw('","isFinal":null,');
    writeSocketAlignments(json, alignment, this.#style.timeBase);
    json.raw(this.#name(context));
    json.raw(this.#ext({ flush_id: flush }));
    json.raw("}");
    return frame.finish(allocate);
  }

  /** A frame that says what the binary one after it holds. */
  #formatBinaryAudio(
    event: AudioEvent,
    { resampling }: ExtensionStyle,
    allocate: Allocate,
  ): readonly WireMessage[] {
    const { bytes, alignment, context, flush } = event;
    const { json } = frame;
    const samples = Math.round(event.samples * resampling);
    json.raw(`{"type":"audio","seq":${this.#sequence},"samples":${samples},`);
    this.#sequence += 1;
    writeSocketAlignments(json, alignment, this.#style.timeBase);
    json.raw(this.#name(context));
    json.raw(this.#ext({ flush_id: flush }));
    json.raw("}");
    return [text(frame.finish(allocate)), { data: bytes, isBinary: true }];
  }
}
