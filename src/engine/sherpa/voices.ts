import type { Voice } from "../../protocol/voice.ts";
import { slugOf, type VoiceFolder, voiceIdOf } from "../voice-folders.ts";
import type { CheckedModel, ModelKind } from "./model.ts";
import type { Speaker } from "./speakers.ts";

/** The engine's name, which its voices name. */
export const engineName = "sherpa-onnx";

const kindNames: Readonly<Record<ModelKind, string>> = {
  vits: "VITS",
  matcha: "Matcha",
  kokoro: "Kokoro",
  kitten: "Kitten",
  supertonic: "Supertonic",
};

/** The voices of a model: one for each who speaks in it, in their order. */
export function voicesOf(folder: VoiceFolder, model: CheckedModel): readonly Voice[] {
  const { speakers } = model;
  return speakers.map((speaker) => voiceOf(folder, model, speaker, speakers.length > 1));
}

function voiceOf(
  { name, manifest }: VoiceFolder,
  model: CheckedModel,
  speaker: Speaker,
  isOneOfMany: boolean,
): Voice {
  const slug = isOneOfMany ? slugOf(name, speaker.name) : slugOf(name);
  const title = manifest.name ?? name;
  const licence = manifest.licence === undefined ? "" : ` Licence: ${manifest.licence}.`;
  return {
    id: voiceIdOf(slug),
    slug,
    name: isOneOfMany ? `${title} ${speaker.name}` : title,
    engine: engineName,
    sex: manifest.sex ?? speaker.sex,
    language: manifest.language ?? speaker.language ?? model.language,
    description: `${manifest.description ?? `A neural voice (${kindNames[model.kind]}).`}${licence}`,
    ...(manifest.licence !== undefined && { licence: manifest.licence }),
    sampleRateHz: model.sampleRateHz,
    timings: "estimated",
    heeds: model.heeds,
  };
}
