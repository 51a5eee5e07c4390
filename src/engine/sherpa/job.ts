import type { WrittenUtterance } from "../synthesizer.ts";
import type { ModelConfig, Noise } from "./model.ts";

/** What a model's process is given when it starts. */
export interface SherpaStart {
  readonly config: ModelConfig;
  readonly sampleRateHz: number;
  /** What is most likely to be spoken, in BCP 47. */
  readonly language: string;
}

/** One utterance on its way to a model's process. */
export interface SherpaJob extends WrittenUtterance {
  /** Characters (UTF-16 code units) at the start of `text` that have been spoken already. */
  readonly spokenChars: number;
  readonly speaker: number;
  /** BCP 47. */
  readonly language: string;
  readonly speed: number;
  readonly noise?: Noise;
}
