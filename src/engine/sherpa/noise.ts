import { neutralSettings, type VoiceSettings } from "../../protocol/voice.ts";
import type { Noise } from "./model.ts";

/** Each step is another model in memory, so that there are few: 0 to 1 in fifths. */
const steps = 5;
/** With the neutral settings the model speaks as it was trained to. */
const calmest = 0.4;
const liveliest = 1.6;
const mostStyle = 1.5;

/**
 * What voice settings ask of a model that strays from its mean: the less stable, the more, and
 * the more style, the freer its rhythm.
 */
export function noiseOf(usual: Noise, { stability, style }: VoiceSettings): Noise {
  const isNeutral = stability === neutralSettings.stability;
  const liveliness = isNeutral ? 1 : liveliest - (liveliest - calmest) * inSteps(stability);
  const freedom = 1 + (mostStyle - 1) * inSteps(style);
  return {
    sound: round(usual.sound * liveliness),
    rhythm: round(usual.rhythm * liveliness * freedom),
  };
}

const inSteps = (setting: number): number => Math.round(setting * steps) / steps;
const round = (value: number): number => Math.round(value * 1e4) / 1e4;
