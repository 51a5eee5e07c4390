import type { Catalogue } from "../../protocol/voice.ts";

/** What an operator can choose about this dialect. */
export interface WavesSettings {
  /** The voice that speaks when a request names one that does not exist. */
  readonly fallbackVoice: string | undefined;
  /** How long a client may be silent when its URL does not say. */
  readonly idleSeconds: number;
  /** The same on routes of models that the vendor has retired. */
  readonly olderIdleSeconds: number;
  /** Which values of `timeout` hold: `any`, or only those that older documentation allows. */
  readonly timeouts: "any" | "20-60";
  /** How long it must be quiet before `complete`, where a client has not said that its turn ends. */
  readonly completeMs: number;
  /** Whether models that the vendor has retired are served, or refused as it does. */
  readonly retiredModels: "serve" | "refuse";
}

/** What the dialect works with. */
export interface WavesParts {
  readonly catalogue: Catalogue;
  readonly settings: WavesSettings;
}
