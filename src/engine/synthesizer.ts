import type { Alignment } from "../protocol/alignment.ts";
import type { UpstreamStatus, VoiceFault } from "../protocol/engines.ts";
import type { Markup } from "../protocol/markup.ts";
import type { TextNormalization } from "../protocol/normalization.ts";
import type { UtteranceObserver } from "../protocol/observer.ts";
import type { PronunciationRule } from "../protocol/pronunciation.ts";
import type { Voice, VoiceSettings } from "../protocol/voice.ts";
import type { VoiceFolders } from "./voice-folders.ts";

/** Text that is synthesized in one go. */
export interface Utterance {
  /** The text as it is to appear in the alignment; may hold anything, also nothing to say. */
  readonly text: string;
  readonly voice: Voice;
  readonly settings: VoiceSettings;
  /** Also what is not spoken has its place in the alignment. */
  readonly markup: Markup;
  /** `auto` unless given. */
  readonly normalization?: TextNormalization;
  /** In the order in which they apply: what an earlier one has replaced, a later one leaves alone. */
  readonly pronunciations?: readonly PronunciationRule[];
  /**
   * When its listener has nothing left to hear, in ms of the clock: now, when somebody waits in
   * silence, and never unless given. When an engine is busy, who runs dry first goes first.
   */
  readonly dueAt?: number;
  /** Its client wants nothing of it to be kept. */
  readonly isPrivate?: boolean;
  /** To be told when it was looked for in a cache, and when the engine begins to work on it. */
  readonly observer?: Pick<UtteranceObserver, "lookedUp" | "dispatched">;
}

/** A text and all that says how it is to be read: what of an utterance goes to another thread or process. */
export type WrittenUtterance = Pick<
  Utterance,
  "text" | "markup" | "normalization" | "pronunciations"
>;

export function writtenOf(utterance: Utterance): WrittenUtterance {
  const { text, markup, normalization, pronunciations } = utterance;
  return {
    text,
    markup,
    ...(normalization && { normalization }),
    ...(pronunciations && { pronunciations }),
  };
}

/**
 * The next piece of an utterance's audio, with the text that is heard in it. The texts of all
 * pieces joined are the utterance's, and a space if it does not end in one; a piece ends where
 * white space does, or the text, so that no word is in two of them.
 */
export interface Pcm {
  /** Mono, signed 16-bit, at the voice's rate. The receiver may hand it on for good. */
  readonly samples: Int16Array<ArrayBuffer>;
  /** When each character is heard, counted from the start of the piece. */
  readonly alignment: Alignment;
  /**
   * The processor time of this machine that was taken since the piece before; all of it with the
   * last piece where an engine does not tell sooner.
   */
  readonly synthesisMs?: number;
  /** Whether that was not this process's. */
  readonly isOfChild?: boolean;
  /** Another voice has spoken for the one that was asked for: next time that one may speak again. */
  readonly isStandIn?: boolean;
  /** It was made before and costs nothing now, which says nothing about what its voice costs. */
  readonly isRepeat?: boolean;
}

/** Turns text into audio. */
export interface Synthesizer {
  /**
   * Starts at the call, not at the first read, so that the next utterance can be made while the
   * last one is sent. Stops within 200 ms of the abort of `signal`; the iteration then ends by
   * throwing the signal's reason.
   * @throws {SpeechError} engine_failed
   */
  synthesize(utterance: Utterance, signal: AbortSignal): AsyncIterable<Pcm>;
}

/** A synthesizer with what belongs to it. */
export interface Engine extends Synthesizer {
  readonly name: string;
  /** Whether audio comes while the rest of its utterance is still made. */
  readonly streams: boolean;
  /** Whether the same text gives the same audio every time. */
  readonly isDeterministic: boolean;
  readonly voices: readonly Voice[];
  /** Other servers that it speaks through. */
  readonly upstreams?: readonly UpstreamStatus[];
  /**
   * Looks for its voices among these folders; says which of those that are meant for it cannot be
   * used. Engines are asked one after the other, so that one can make use of what others have.
   */
  refresh?(found: VoiceFolders): Promise<readonly VoiceFault[]>;
  /** Resolves when the first utterance would be answered without delay. */
  ready(): Promise<void>;
  close(): Promise<void>;
}

/** One synthesizer that hands each utterance to the engine of its voice. */
export function createRouter(engines: readonly Engine[]): Synthesizer {
  const byName = new Map(engines.map((engine) => [engine.name, engine]));
  return {
    synthesize(utterance, signal) {
      const engine = byName.get(utterance.voice.engine);
      if (!engine) throw new TypeError(`No engine is called ${utterance.voice.engine}`);
      return engine.synthesize(utterance, signal);
    },
  };
}

/** The audio of an engine that gives a whole utterance at once. */
export function inOnePiece(speech: Promise<Pcm>): AsyncIterable<Pcm> {
  return inPieces(speech.then((pcm) => [pcm]));
}

/** Pieces that are all there at the same time. */
export function inPieces(speech: Promise<readonly Pcm[]>): AsyncIterable<Pcm> {
  // Whoever never reads must not turn a failure into an unhandled one.
  speech.catch(() => {});
  return {
    async *[Symbol.asyncIterator]() {
      yield* await speech;
    },
  };
}
