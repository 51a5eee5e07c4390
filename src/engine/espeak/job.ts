import type { WrittenUtterance } from "../synthesizer.ts";

/** What a child that speaks with espeak-ng is started with. */
export interface EspeakOwn {
  /** Where the package's module lies. */
  readonly moduleUrl: string;
}

/** What a child knows once it has started. */
export interface EspeakInfo {
  readonly voices: readonly ListedVoice[];
}

/** A voice as the package lists it. */
export interface ListedVoice {
  readonly name: string;
  /** What the package knows it by, such as `gmw/en-US`. */
  readonly identifier: string;
  /** Its own tag of the language; not always a BCP 47 one. */
  readonly language: string;
  /** As in espeak-ng's speak_lib.h: 1 male, 2 female. */
  readonly gender: number;
}

/** One utterance, or what is left of one. */
export interface EspeakJob extends WrittenUtterance {
  /** How much of the text was spoken already, in code units. */
  readonly from: number;
  /** The voice's identifier. */
  readonly voice: string;
  /** The voice's, in BCP 47. */
  readonly language: string;
  readonly speed: number;
}
