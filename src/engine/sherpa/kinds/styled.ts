import { stat } from "node:fs/promises";
import { join } from "node:path";
import { findEspeakData } from "../espeak-data.ts";
import { parseLanguage } from "../language.ts";
import { ModelFault } from "../model-fault.ts";
import type { CheckedModel, ModelKind } from "../model.ts";
import type { OnnxSummary } from "../onnx-metadata.ts";
import { asKokoro, listSpeakers, namesInMetadata } from "../speakers.ts";
import {
  type FoundModel,
  joinPaths,
  readPart,
  requireEntry,
  requireSampleRate,
  requireSpeakers,
  requireTokens,
} from "./facts.ts";

const bytesPerNumber = 4;

/** Checks a model whose speakers are styles in a voices.bin: Kokoro or Kitten. @throws {ModelFault} */
export async function readStyled(found: FoundModel): Promise<CheckedModel> {
  const { path, files } = found;
  const summary = await readPart(found, "model");
  const kind: ModelKind = summary.metadata.get("model_type") === "kitten-tts" ? "kitten" : "kokoro";
  const count = requireSpeakers(summary);
  requireEntry(summary, "has_espeak");
  await checkStyles(found, summary, kind, count);
  const isMultilingual = kind === "kokoro" && Number(summary.metadata.get("version") ?? 1) >= 2;
  const speakers = listSpeakers(count, namesInMetadata(summary.metadata, count));
  return {
    kind,
    config: {
      kind,
      files: {
        model: join(path, files.parts["model"] ?? ""),
        voices: join(path, files.parts["voices"] ?? ""),
        tokens: await requireTokens(found, { areCharacters: true, required: [] }),
        dataDir: await findEspeakData(path),
        ...(isMultilingual && { lexicon: joinPaths(path, files.lexicons) }),
      },
      rules: files.rules.map((rule) => join(path, rule)),
      ...(isMultilingual && { isTold: "at load" as const }),
    },
    sampleRateHz: requireSampleRate(summary),
    language: parseLanguage(summary.metadata.get("voice") ?? "en-us") ?? "en-US",
    speakers: kind === "kokoro" ? asKokoro(speakers) : speakers,
    sizeBytes: summary.sizeBytes,
    heeds: [],
  };
}

/** The size of voices.bin follows from the metadata; sherpa-onnx ends its process if it does not. */
async function checkStyles(
  { path, files }: FoundModel,
  summary: OnnxSummary,
  kind: ModelKind,
  speakers: number,
): Promise<void> {
  const dims = requireEntry(summary, "style_dim").split(",").map(Number);
  if (dims.length !== (kind === "kokoro" ? 3 : 2) || dims.some((dim) => !(dim > 0))) {
    throw new ModelFault("Its model has no sensible style_dim in its metadata: fetch it again.");
  }
  const expected = dims.reduce((product, dim) => product * dim, bytesPerNumber * speakers);
  const { size } = await stat(join(path, files.parts["voices"] ?? ""));
  if (size === expected) return;
  throw new ModelFault(
    `Its voices.bin has ${size} bytes where the model's ${speakers} speakers take ${expected}: fetch both again.`,
  );
}
