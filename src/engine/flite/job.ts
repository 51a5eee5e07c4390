import type { Markup } from "../../protocol/markup.ts";
import type { Utterance } from "../synthesizer.ts";

/** What a Flite worker is given when it starts. */
export interface FliteWorkerData {
  /** Compiled once and shared by all workers. */
  readonly module: WebAssembly.Module;
}

/** One utterance on its way to a Flite worker. */
export interface FliteJob {
  readonly text: string;
  /** Flite's own name of the voice. */
  readonly voice: string;
  readonly speed: number;
  readonly markup: Markup;
  readonly pronunciations?: Utterance["pronunciations"];
}
