import type { HeededSetting } from "../../protocol/voice.ts";
import type { Speaker } from "./speakers.ts";

/** The kinds of models that sherpa-onnx speaks with and that need nothing but text. */
export type ModelKind = "vits" | "matcha" | "kokoro" | "kitten" | "supertonic";

/** How far a VITS model strays from its mean: in how it sounds, and in how long its sounds last. */
export interface Noise {
  readonly sound: number;
  readonly rhythm: number;
}

/** What sherpa-onnx is given to load a model. */
export interface ModelConfig {
  readonly kind: ModelKind;
  /** As sherpa-onnx names its options; paths are absolute. */
  readonly files: Readonly<Record<string, string>>;
  /** Rules that write out figures and dates, as paths. */
  readonly rules: readonly string[];
  /** Where the model has such a thing: what it speaks with unless it is asked for something else. */
  readonly noise?: Noise;
  /** Whether one model speaks several languages and has to be told which. */
  readonly isTold?: "at load" | "at each text";
}

/** A model that was checked: what speaks in it, and how it is loaded. */
export interface CheckedModel {
  readonly kind: ModelKind;
  readonly config: ModelConfig;
  readonly sampleRateHz: number;
  /** BCP 47; `und` if it does not say. */
  readonly language: string;
  readonly speakers: readonly Speaker[];
  /** The weights as they lie on the disk; loaded they take about as much memory. */
  readonly sizeBytes: number;
  readonly heeds: readonly HeededSetting[];
}
