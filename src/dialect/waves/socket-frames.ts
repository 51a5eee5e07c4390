import type { WireMessage } from "../../protocol/dialect.ts";
import type { AudioFormat } from "../../protocol/audio-format.ts";
import type { AudioEvent, DetailEvent, Event } from "../../protocol/speech.ts";
import { type Allocate, Base64Frame } from "../base64-frame.ts";
import { formatDetail, formatMetrics } from "../extension.ts";
import { formatSocketError } from "./errors.ts";
import type { RequestNames, SpokenRequest, SpokenRequests } from "./spoken-requests.ts";
import { timeWords } from "./word-timings.ts";

/** How the frames of one socket look. */
export interface FrameStyle {
  /** What every chunk says of its audio, where the route's chunks say it. */
  readonly describesAudio: boolean;
  /** The first frame, for clients of the extension; the others get none of its kind. */
  readonly ready: object | undefined;
}

const text = (data: string | Uint8Array): WireMessage => ({ data, isBinary: false });

/** One for all sockets: a frame is built in one go. */
const frame = new Base64Frame();

/** Makes the frames of one socket. */
export class FrameWriter {
  readonly #requests: SpokenRequests;
  readonly #style: FrameStyle;
  /** The run that was the last one to be spoken whole: `complete` is its. */
  #lastRun: SpokenRequest | undefined;

  constructor(requests: SpokenRequests, style: FrameStyle) {
    this.#requests = requests;
    this.#style = style;
  }

  /** The messages that tell of an event. */
  encode(event: Exclude<Event, { type: "close" }>, allocate: Allocate): readonly WireMessage[] {
    const context = "context" in event ? event.context : undefined;
    const request = context === undefined ? undefined : this.#requests.get(context);
    switch (event.type) {
      case "audio":
        return request ? this.#formatAudio(event, request, allocate) : [];
      case "piece_ended":
        return request ? [this.#completePiece(event, request)] : [];
      case "final":
        return request ? this.#onFinal(event, request) : [];
      case "quiet":
        return this.#lastRun ? [this.#format("complete", this.#lastRun, completeMembers)] : [];
      case "error": {
        const failed = context === undefined ? undefined : this.#requests.takeFailed(context);
        return [this.#format("error", failed, formatSocketError(event.problem))];
      }
      case "ready":
        return this.#style.ready ? [text(JSON.stringify(this.#style.ready))] : [];
      case "warning":
      case "cancelled":
      case "flushed":
      case "segment_begun":
      case "segment_ended":
      case "boundary":
      case "turn_ended":
      case "going_away":
      case "session_ended":
        return this.#formatDetail(event, request);
    }
  }

  #onFinal(
    { context, turn }: Extract<Event, { type: "final" }>,
    request: SpokenRequest,
  ): readonly WireMessage[] {
    this.#requests.end(context, turn.outcome);
    if (request.contextName === undefined) {
      if (turn.outcome === "complete") this.#lastRun = request;
      return [];
    }
    if (!this.#style.ready || request.isResumed) return [];
    return [this.#format("context_complete", request, { ext: { metrics: formatMetrics(turn) } })];
  }

  #completePiece(
    { textOffset }: Extract<Event, { type: "piece_ended" }>,
    request: SpokenRequest,
  ): WireMessage {
    const frame = this.#format("complete", request, completeMembers);
    this.#requests.next(request, textOffset);
    return frame;
  }

  #formatDetail(
    event: Exclude<DetailEvent, { type: "ready" }>,
    request: SpokenRequest | undefined,
  ): readonly WireMessage[] {
    return this.#style.ready ? [this.#format("ext", request, formatDetail(event))] : [];
  }

  #format(status: string, request: RequestNames | undefined, members: object): WireMessage {
    return text(JSON.stringify({ ...this.#names(request), status, ...members }));
  }

  #names(request: RequestNames | undefined): object {
    const { requestId, names, contextName } = request ?? {};
    return {
      session_id: this.#requests.sessionId,
      request_id: requestId,
      external_session_id: names?.current.session_id,
      external_request_id: names?.current.request_id,
      context_id: contextName,
    };
  }

  #formatAudio(
    event: AudioEvent,
    request: SpokenRequest,
    allocate: Allocate,
  ): readonly WireMessage[] {
    const { json } = frame;
    json.raw(JSON.stringify({ ...this.#names(request), status: "chunk" }).slice(0, -1));
    json.raw(',"data":{"audio":"');
    frame.audio(event.bytes);
    json.raw('"');
    if (this.#style.describesAudio) json.raw(describeAudio(request.format));
    json.raw("}}");
    const chunk = frame.finish(allocate);
    request.samples += event.samples;
    const words = request.wantsWords ? this.#formatWords(event, request) : [];
    return [text(chunk), ...words];
  }

  #formatWords({ alignment }: AudioEvent, request: SpokenRequest): WireMessage[] {
    if (!alignment) return [];
    return timeWords(alignment, request.startSample).map((word) => {
      const data = { id: request.words, ...word };
      request.words += 1;
      return this.#format("word_timestamp", request, { data });
    });
  }
}

/** What chunks say of their audio, as more members of an object. */
function describeAudio({ encoding, sampleRateHz }: AudioFormat): string {
  const name = encoding === "pcm_s16le" ? "pcm_16bit_mono" : encoding;
  return `,"format":"${name}","sample_rate":${sampleRateHz}`;
}

/** Older documentation has both; nobody minds them. */
const completeMembers = { message: "All chunks sent", done: true } as const;
