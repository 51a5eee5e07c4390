import type { CodedPieces, EncoderSource, StreamEncoder } from "../audio/stream-encoder.ts";
import type { Pcm } from "../engine/synthesizer.ts";
import type { AlignmentSlice } from "../protocol/alignment.ts";
import type { AudioFormat } from "../protocol/audio-format.ts";
import type { AudioEvent, ContextId, SessionPlan } from "../protocol/speech.ts";
import type { Voice } from "../protocol/voice.ts";
import { frameEnds, frameSizes, joinSlices, sliceAlignment, wordFrameEnds } from "./frames.ts";
import type { Pacer } from "./pacer.ts";
import type { StopSignal } from "./stop-signal.ts";
import type { Turn } from "./turn.ts";

/** Whose audio is sent, and how. */
export interface AudioSetup {
  readonly id: ContextId;
  readonly plan: SessionPlan;
  readonly voice: Voice;
  readonly format: AudioFormat;
}

/** Whoever has audio to be sent. */
export interface AudioOwner {
  /** Resolves when the event has been sent; undefined stands for now. */
  emit(event: AudioEvent): Promise<void> | undefined;
  /** A frame was hardly coded in time, although its listener had enough in hand when it was wanted. */
  onLate(): void;
}

/** In ms of audio in hand: what is enough to code a frame in, and what is hardly in time. */
const coding = { enoughMs: 1000, lateMs: 250 } as const;

/** Sends the audio of one context: in frames, through one encoder at a time, at its pace. */
export class AudioSender {
  readonly #setup: AudioSetup;
  readonly #turn: Turn;
  readonly #pacer: Pacer;
  readonly #encoders: EncoderSource;
  readonly #owner: AudioOwner;
  #encoder: StreamEncoder | undefined;
  /** When the listener needs what is coded next. */
  readonly #dueAt = (): number =>
    this.#setup.plan.playback === "live" ? this.#pacer.runsDryAt : Number.POSITIVE_INFINITY;
  /** Alignment whose audio is still inside the encoder. */
  #unsent: AlignmentSlice | undefined;

  constructor(
    setup: AudioSetup,
    turn: Turn,
    pacer: Pacer,
    encoders: EncoderSource,
    owner: AudioOwner,
  ) {
    this.#setup = setup;
    this.#turn = turn;
    this.#pacer = pacer;
    this.#encoders = encoders;
    this.#owner = owner;
  }

  /** Resolves when all of it has been sent that the encoder gives. */
  async send(pcm: Pcm, flush: number, isAwaited: boolean, stop: StopSignal): Promise<void> {
    const { plan, voice, format } = this.#setup;
    const { samples, alignment } = pcm;
    const totalSamples = samples.length;
    const startSample = this.#turn.samples;
    const encoder = (this.#encoder ??= this.#encoders.open(format, voice.sampleRateHz));
    const sizes = frameSizes(format, voice.sampleRateHz, plan.maxFrameBytes, isAwaited);
    const byWords = plan.alignment === "frame";
    const ends = byWords
      ? wordFrameEnds(alignment.original, sizes)
      : frameEnds(totalSamples, sizes);
    const pieces = iterate(encoder.encode(samples, ends, this.#dueAt));
    for (let frame = 0; ; frame += 1) {
      const wantedInHandMs = this.#pacer.inHandMs;
      const next = pieces.next();
      // Here and below, waiting for nothing would still cost a turn.
      const { done, value: bytes } = next instanceof Promise ? await next : next;
      if (done) return;
      stop.throwIfStopped();
      const isLate = this.#pacer.inHandMs < coding.lateMs;
      if (isLate && wantedInHandMs >= coding.enoughMs) this.#owner.onLate();
      const from = ends[frame - 1] ?? 0;
      const end = ends[frame] ?? totalSamples;
      if (byWords || frame === 0) {
        const slice = sliceAlignment(alignment, from, byWords ? end : totalSamples, startSample);
        this.#unsent = joinSlices(this.#unsent, slice);
      }
      const isEarly = this.#pacer.ready();
      if (isEarly) {
        await isEarly;
        stop.throwIfStopped();
      }
      const sent = this.#emitAudio(bytes, end - from, flush, isAwaited && frame === 0);
      if (sent) await sent;
    }
  }

  /** Sends what the encoder still holds; what is sent after it is a new stream. */
  async finish(flush: number, stop: StopSignal): Promise<void> {
    const rest = await this.#encoder?.finish(this.#dueAt());
    stop.throwIfStopped();
    this.close();
    if (rest) await this.#emitAudio(rest, 0, flush, true);
  }

  /** Frees the encoder. */
  close(): void {
    this.#encoder?.close();
    this.#encoder = undefined;
  }

  /** Speech that is still inside the encoder leaves with a later frame. */
  #emitAudio(
    bytes: Uint8Array,
    samples: number,
    flush: number,
    mayBeLate: boolean,
  ): Promise<void> | undefined {
    this.#turn.onSpoken(samples);
    const silentMs = this.#pacer.onAudio(this.#turn.toMs(samples));
    if (!mayBeLate && this.#setup.plan.playback === "live") this.#turn.onUnderrun(silentMs);
    if (bytes.length === 0) return undefined;
    this.#turn.onFrame();
    const alignment = this.#unsent;
    this.#unsent = undefined;
    const audio = { type: "audio", context: this.#setup.id, bytes, samples, flush } as const;
    return this.#owner.emit(alignment ? { ...audio, alignment } : audio);
  }
}

const iterate = (pieces: CodedPieces): Iterator<Uint8Array> | AsyncIterator<Uint8Array> =>
  Symbol.iterator in pieces ? pieces[Symbol.iterator]() : pieces[Symbol.asyncIterator]();
