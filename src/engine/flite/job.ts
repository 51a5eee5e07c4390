import type { WrittenUtterance } from "../synthesizer.ts";

/** What a Flite worker is given when it starts. */
export interface FliteWorkerData {
  /** Compiled once and shared by all workers. */
  readonly module: WebAssembly.Module;
}

/** One utterance on its way to a Flite worker. */
export interface FliteJob extends WrittenUtterance {
  /** Flite's own name of the voice. */
  readonly voice: string;
  /** The voice's, in BCP 47. */
  readonly language: string;
  readonly speed: number;
}
