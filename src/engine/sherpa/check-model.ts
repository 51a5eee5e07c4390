import { basename } from "node:path";
import type { VoiceFault } from "../../protocol/engines.ts";
import { readVoiceFolder, type VoiceFolder } from "../voice-folders.ts";
import type { FoundModel } from "./kinds/facts.ts";
import { readMatcha } from "./kinds/matcha.ts";
import { readStyled } from "./kinds/styled.ts";
import { readSupertonic } from "./kinds/supertonic.ts";
import { readVits } from "./kinds/vits.ts";
import { languageInName } from "./language.ts";
import { ModelFault } from "./model-fault.ts";
import { findModelFiles, type Layout } from "./model-folder.ts";
import type { CheckedModel } from "./model.ts";

const readers: Readonly<Record<Layout, (found: FoundModel) => Promise<CheckedModel>>> = {
  vits: readVits,
  matcha: readMatcha,
  style: readStyled,
  supertonic: readSupertonic,
};

/**
 * Checks the model in a folder: all that sherpa-onnx would end its process for. Weights are not
 * read; nothing is loaded.
 */
export async function checkModelFolder(path: string): Promise<CheckedModel | VoiceFault> {
  const folder = await readVoiceFolder(path, basename(path));
  return "reason" in folder ? folder : checkModel(folder);
}

/** Checks the model in a folder whose files are known. */
export async function checkModel(folder: VoiceFolder): Promise<CheckedModel | VoiceFault> {
  const { name, path, manifest } = folder;
  try {
    const files = findModelFiles(folder.files);
    if (!files) throw new ModelFault(`It holds no model: ${whatIsOne}.`);
    const model = await readers[files.layout]({ path, files });
    const language = manifest.language ?? languageInName(name) ?? model.language;
    return { ...model, language };
  } catch (error) {
    const isFault = error instanceof ModelFault;
    return { name, reason: isFault ? error.message : "Its files cannot be read." };
  }
}

const whatIsOne = "put a model for sherpa-onnx there, or a voice.json that names who speaks";
