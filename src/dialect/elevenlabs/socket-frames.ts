import type { AlignmentSlice } from "../../protocol/alignment.ts";
import type { WireMessage } from "../../protocol/dialect.ts";
import {
  type AudioEvent,
  type BasicEvent,
  type ContextId,
  defaultContext,
  type Event,
} from "../../protocol/speech.ts";
import { formatSocketError } from "./errors.ts";
import { type Allocate, frameAround } from "../base64-frame.ts";
import { formatDetail, formatErrorDetails, formatMetrics } from "../extension.ts";
import { formatSocketAlignment, type SocketAlignment, type TimeBase } from "./wire-alignment.ts";

/** How the frames of one socket look. */
export interface FrameStyle {
  readonly timeBase: TimeBase;
  /** Whether frames name their context. */
  readonly namesContexts: boolean;
  readonly duplicateSpellings: boolean;
  readonly errorsNameContext: boolean;
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
const frameStart = '{"audio":"';
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
          ? this.#formatBinaryAudio(event, extension)
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
        return [text(`${frame}${name}${this.#ext(formatErrorDetails(event.problem))}}`)];
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
    const alignments = formatAlignments(alignment, this.#style.timeBase);
    const others = `${this.#name(context)}${this.#ext({ flush_id: flush })}`;
    const rest = `","isFinal":null,${alignments}${others}}`;
    return frameAround(frameStart, bytes, rest, allocate);
  }

  /** A frame that says what the binary one after it holds. */
  #formatBinaryAudio(event: AudioEvent, { resampling }: ExtensionStyle): readonly WireMessage[] {
    const { bytes, alignment, context, flush } = event;
    const samples = Math.round(event.samples * resampling);
    const head = JSON.stringify({ type: "audio", seq: this.#sequence, samples }).slice(0, -1);
    this.#sequence += 1;
    const alignments = formatAlignments(alignment, this.#style.timeBase);
    const others = `${this.#name(context)}${this.#ext({ flush_id: flush })}`;
    return [text(`${head},${alignments}${others}}`), { data: bytes, isBinary: true }];
  }
}

function formatAlignments(slice: AlignmentSlice | undefined, timeBase: TimeBase): string {
  const json = (which: "original" | "normalized"): string => {
    const wire = slice && formatSocketAlignment(slice, which, timeBase);
    return wire ? stringify(wire) : "null";
  };
  return `"normalizedAlignment":${json("normalized")},"alignment":${json("original")}`;
}

/** Only the characters can need escaping. */
const stringify = ({ chars, charStartTimesMs, charDurationsMs }: SocketAlignment): string =>
  `{"chars":${JSON.stringify(chars)},"charStartTimesMs":[${charStartTimesMs.join()}],"charDurationsMs":[${charDurationsMs.join()}]}`;
