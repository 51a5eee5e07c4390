import { SpeechError } from "../../protocol/problems.ts";
import type { Model } from "../../protocol/voice.ts";
import { shorten } from "../short-text.ts";
import type { WavesSettings } from "./parts.ts";

/** A model id of this family; the voice decides which engine speaks. */
export interface WavesModel extends Model {
  /** The rate of requests that ask for none. */
  readonly defaultRateHz: number;
  /** Whether the vendor answers its routes with 410. */
  readonly isRetired: boolean;
  readonly speedRange: { readonly min: number; readonly max: number };
}

/** Characters that one message or request may have. */
const maxTextChars = 10_000;

const model = (
  id: string,
  name: string,
  era: Pick<WavesModel, "defaultRateHz" | "isRetired" | "speedRange">,
): WavesModel => ({
  id,
  name,
  description: "Accepted for compatibility; the voice decides which engine speaks.",
  maxTextChars,
  onSockets: true,
  costPerChar: 1,
  ...era,
});

const current = {
  defaultRateHz: 44_100,
  isRetired: false,
  speedRange: { min: 0.5, max: 2 },
} as const;
/** The vendor takes 0.1 to 5; the engines take less. */
const older = {
  defaultRateHz: 24_000,
  isRetired: true,
  speedRange: { min: 0.25, max: 4 },
} as const;

export const defaultModelId = "lightning-v3.1";

export const models: readonly WavesModel[] = [
  model(defaultModelId, "Lightning v3.1", current),
  model("lightning-v3.1-pro", "Lightning v3.1 Pro", current),
  model("lightning-v2", "Lightning v2", older),
  model("lightning-large", "Lightning Large", older),
  model("lightning", "Lightning", older),
];

/** It has a route and a protocol of its own, and no other route. */
export const turnsModel: WavesModel = model("lightning-v4", "Lightning v4", {
  ...current,
  defaultRateHz: 48_000,
});

const normalized = (id: string): string => id.toLowerCase().replaceAll("_", "-");

/** By an id with hyphens or underscores. @throws {SpeechError} model_not_found, model_retired */
export function findModel(id: string, { retiredModels }: WavesSettings): WavesModel {
  const found = models.find((each) => each.id === normalized(id));
  if (!found) throw new SpeechError("model_not_found", { modelId: shorten(id) });
  if (found.isRetired && retiredModels === "refuse") {
    throw new SpeechError("model_retired", { modelId: found.id, recommended: defaultModelId });
  }
  return found;
}
