import type { StreamEncoder } from "../audio/stream-encoder.ts";
import type { EncoderSource } from "../audio/stream-encoder.ts";
import type { Cancel, Clock } from "../clock.ts";
import { inOnePiece, type Pcm, type Synthesizer } from "../engine/synthesizer.ts";
import type { AlignmentSlice, CharacterTimings } from "../protocol/alignment.ts";
import { type Problem, SpeechError, toProblem } from "../protocol/problems.ts";
import type { ContextId, Event, SessionPlan } from "../protocol/speech.ts";
import type { Voice, VoiceSettings } from "../protocol/voice.ts";
import { Chunker, type TextBuffer } from "../text/chunker.ts";
import { cutUtterances } from "../text/clauses.ts";
import { MarkupChunker } from "../text/markup/chunker.ts";
import { atRate, MarkupCutter, type MarkupPart } from "../text/markup/cut.ts";
import { frameEnds, frameSizes, sliceAlignment, wordFrameEnds } from "./frames.ts";
import type { Lease, Limiter } from "./limiter.ts";

/** What the contexts of a session work with. */
export interface ContextParts {
  readonly clock: Clock;
  readonly synthesizer: Synthesizer;
  readonly encoders: EncoderSource;
  readonly limiter: Limiter;
}

/** Whoever opened a context and is told what becomes of it. */
export interface ContextOwner {
  /** Resolves when the event has been sent. */
  emit(event: Event): Promise<void>;
  /** The context has work again, has none any more, or has spoken some of its text. */
  onProgress(): void;
  /** Called once, after the final event was sent. */
  onFinal(id: ContextId): void;
  onFailed(problem: Problem, cause: unknown): void;
}

/** The states of a context. Commands in any other state than `open` change nothing. */
type State = "open" | "draining" | "closed";

/** Utterances that are synthesized at the same time: one is sent while the next one is made. */
const utterancesAhead = 2;
/** A word at the end of a message counts as whole when none follows it for this long. */
const partialWordMs = 150;
/** A message that ends like this does not end in a part of a word; after a digit it may. */
const endsWhole = /(?:\s|(?<!\d)[.,:]|[!?;…)"”\]>])$/u;

const nothing = (): void => {};

interface WaitingUtterance extends MarkupPart {
  readonly settings: VoiceSettings;
}

/**
 * One independent stream of speech: text in, in any pieces; audio out, in order, through one
 * continuous encoder. It owns its text, its settings, its encoder and the work done for it.
 */
export class Context {
  readonly #id: ContextId;
  readonly #plan: SessionPlan;
  readonly #voice: Voice;
  readonly #parts: ContextParts;
  readonly #owner: ContextOwner;
  readonly #chunker: TextBuffer;
  readonly #markup = new MarkupCutter();
  #settings: VoiceSettings;
  #state: State = "open";
  #waiting: WaitingUtterance[] = [];
  #inFlight: AsyncIterable<Pcm>[] = [];
  #running = false;
  #abort: AbortController | undefined;
  #encoder: StreamEncoder | undefined;
  #lease: Lease | undefined;
  #cancelPartialWord: Cancel = nothing;
  #hasSpoken = false;
  #spokenSamples = 0;
  /** The alignment of the last utterance ended in a space that its text does not have. */
  #padded = false;
  /** Alignment whose audio is still inside the encoder. */
  #unsent: AlignmentSlice | undefined;

  constructor(
    id: ContextId,
    plan: SessionPlan,
    voice: Voice,
    parts: ContextParts,
    owner: ContextOwner,
  ) {
    this.#id = id;
    this.#plan = plan;
    this.#voice = voice;
    this.#parts = parts;
    this.#owner = owner;
    this.#settings = plan.settings;
    const createBuffer = plan.markup === "ssml" ? MarkupChunker : Chunker;
    this.#chunker = new createBuffer(plan.scheduleChars);
  }

  /** Whether anything is being made or sent. */
  get busy(): boolean {
    return this.#running;
  }

  /** Characters that were received and not yet handed to the synthesizer. */
  get backlogChars(): number {
    return this.#waiting.reduce((sum, { text }) => sum + text.length, this.#chunker.bufferedChars);
  }

  /** Changes how text is spoken and cut from here on. */
  configure(voice: VoiceSettings | undefined, scheduleChars: readonly number[] | undefined): void {
    if (voice) this.#settings = voice;
    if (scheduleChars) this.#chunker.reschedule(scheduleChars);
  }

  /** Appends text exactly as it is. */
  text(text: string): void {
    if (this.#state !== "open") return;
    if (this.#plan.dispatch === "schedule") {
      for (const piece of this.#chunker.append(text)) this.#dispatch(piece);
      return;
    }
    this.#cancelPartialWord();
    this.#chunker.hold(text);
    if (endsWhole.test(text)) return this.#dispatch(this.#chunker.flushWhole());
    this.#dispatch(this.#chunker.flushWords());
    // Speaking may have been refused, which ends the context.
    if (this.#state !== "open") return;
    this.#cancelPartialWord = this.#parts.clock.schedule(partialWordMs, () =>
      this.#dispatch(this.#chunker.flushWhole()),
    );
  }

  /** Speaks what is buffered, if it is at least `minChars` long. */
  flush(minChars = 0): void {
    if (this.#state !== "open") return;
    this.#cancelPartialWord();
    if (this.#chunker.bufferedChars >= minChars) this.#dispatch(this.#chunker.flush());
  }

  /** Speaks what is buffered, then sends the final event. */
  close(): void {
    if (this.#state !== "open") return;
    this.flush();
    this.#state = "draining";
    this.#run();
  }

  /** Forgets text that waits for more; what has been dispatched is still spoken. */
  dropBuffered(): void {
    this.#cancelPartialWord();
    this.#chunker.flush();
  }

  /** Stops all work at once; nothing more is sent. */
  cancel(): void {
    this.#state = "closed";
    this.#cancelPartialWord();
    this.#waiting = [];
    this.#abort?.abort();
    this.#release();
  }

  #dispatch(piece: string): void {
    // The space that was added after the last utterance stands for the one this text begins with.
    const text = this.#padded && piece.startsWith(" ") ? piece.slice(1) : piece;
    const first = !this.#hasSpoken;
    const parts: readonly MarkupPart[] =
      this.#plan.markup === "ssml"
        ? this.#markup.cut(text, first).parts
        : cutUtterances(text, first).map((utterance) => ({ text: utterance }));
    for (const part of parts) {
      this.#hasSpoken = true;
      this.#padded = !part.text.endsWith(" ");
      this.#waiting.push({ ...part, settings: atRate(this.#settings, part.rate) });
    }
    if (this.#waiting.length > 0) this.#run();
  }

  #run(): void {
    if (this.#running) return this.#synthesizeAhead();
    this.#running = true;
    this.#owner.onProgress();
    void this.#speak();
  }

  async #speak(): Promise<void> {
    this.#abort ??= new AbortController();
    const { signal } = this.#abort;
    try {
      this.#lease ??= this.#waiting.length > 0 ? this.#acquire() : undefined;
      for (let isAwaited = true; ; isAwaited = false) {
        this.#synthesizeAhead();
        const speech = this.#inFlight[0];
        if (!speech) break;
        for await (const pcm of speech) await this.#send(pcm, isAwaited, signal);
        this.#inFlight.shift();
      }
      if (this.#state === "draining") await this.#finish(signal);
    } catch (error) {
      if (!signal.aborted) this.#owner.onFailed(toProblem(error), error);
    } finally {
      this.#lease?.();
      this.#lease = undefined;
      this.#running = false;
      this.#owner.onProgress();
    }
  }

  #acquire(): Lease {
    const { limiter } = this.#parts;
    const lease = limiter.acquire();
    if (!lease) throw new SpeechError("too_many_concurrent_requests", { limit: limiter.limit });
    return lease;
  }

  #synthesizeAhead(): void {
    if (!this.#abort || !this.#lease) return;
    while (this.#inFlight.length < utterancesAhead) {
      const next = this.#waiting.shift();
      if (!next) return;
      const { text, settings, breakMs } = next;
      const utterance = { text, settings, voice: this.#voice, markup: this.#plan.markup };
      this.#inFlight.push(
        breakMs === undefined
          ? this.#parts.synthesizer.synthesize(utterance, this.#abort.signal)
          : inOnePiece(Promise.resolve(createBreak(text, breakMs, this.#voice.sampleRateHz))),
      );
      this.#owner.onProgress();
    }
  }

  async #send(pcm: Pcm, isAwaited: boolean, signal: AbortSignal): Promise<void> {
    const plan = this.#plan;
    const { sampleRateHz } = this.#voice;
    const { samples, alignment } = pcm;
    const totalSamples = samples.length;
    const encoder = (this.#encoder ??= this.#parts.encoders.open(plan.format, sampleRateHz));
    const sizes = frameSizes(plan.format, sampleRateHz, plan.maxFrameBytes, isAwaited);
    const byWords = plan.alignment === "frame" && alignment !== undefined;
    const ends = byWords
      ? wordFrameEnds(alignment.original, sizes)
      : frameEnds(totalSamples, sizes);
    let frame = 0;
    for await (const bytes of encoder.encode(samples, ends)) {
      signal.throwIfAborted();
      if (alignment && (byWords || frame === 0)) {
        const from = ends[frame - 1] ?? 0;
        const to = byWords ? (ends[frame] ?? totalSamples) : totalSamples;
        this.#unsent = join(this.#unsent, sliceAlignment(alignment, from, to, this.#spokenSamples));
      }
      if (bytes.length > 0) await this.#emitAudio(bytes);
      frame += 1;
    }
    this.#spokenSamples += totalSamples;
  }

  async #finish(signal: AbortSignal): Promise<void> {
    const rest = await this.#encoder?.finish();
    signal.throwIfAborted();
    if (rest && rest.length > 0) await this.#emitAudio(rest);
    this.#state = "closed";
    await this.#owner.emit({ type: "final", context: this.#id });
    this.#release();
    if (!signal.aborted) this.#owner.onFinal(this.#id);
  }

  #emitAudio(bytes: Uint8Array): Promise<void> {
    const alignment = this.#unsent;
    this.#unsent = undefined;
    const audio = { type: "audio", context: this.#id, bytes } as const;
    return this.#owner.emit(alignment ? { ...audio, alignment } : audio);
  }

  #release(): void {
    this.#encoder?.close();
    this.#encoder = undefined;
  }
}

/** Two neighbouring pieces of alignment as one, which counts from where the earlier one does. */
function join(earlier: AlignmentSlice | undefined, later: AlignmentSlice): AlignmentSlice {
  if (!earlier) return later;
  const shift = later.utteranceStartSample - earlier.utteranceStartSample;
  const both = (name: "original" | "normalized"): AlignmentSlice["original"] => ({
    chars: [...earlier[name].chars, ...later[name].chars],
    startSample: earlier[name].startSample,
    endsAtSample: Uint32Array.from([
      ...earlier[name].endsAtSample,
      ...later[name].endsAtSample.map((end) => end + shift),
    ]),
  });
  return { ...earlier, original: both("original"), normalized: both("normalized") };
}

/** The silence of a break. Its tag has its place in the text; what is spoken of it is a full stop. */
function createBreak(text: string, breakMs: number, sampleRateHz: number): Pcm {
  const samples = new Int16Array(Math.max(1, Math.round((breakMs * sampleRateHz) / 1000)));
  const allAtOnce = (characters: string): CharacterTimings => {
    const chars = Array.from(characters);
    return { chars, endsAtSample: new Uint32Array(chars.length).fill(samples.length) };
  };
  const original = allAtOnce(text.endsWith(" ") ? text : `${text} `);
  return { samples, alignment: { sampleRateHz, original, normalized: allAtOnce(" . ") } };
}
