import { join } from "node:path";
import { findEspeakData } from "../espeak-data.ts";
import { findLanguage, parseLanguage } from "../language.ts";
import { ModelFault } from "../model-fault.ts";
import type { CheckedModel } from "../model.ts";
import type { OnnxSummary } from "../onnx-metadata.ts";
import { listSpeakers, namesInMetadata } from "../speakers.ts";
import {
  type FoundModel,
  isSet,
  joinPaths,
  readPart,
  requireEntry,
  requireSampleRate,
  requireSpeakers,
  requireTokens,
} from "./facts.ts";

const vocoderTypes: ReadonlySet<string> = new Set(["hifigan", "vocos", "matcha-tts vocos"]);

/** Checks a model of Matcha and its vocoder. @throws {ModelFault} */
export async function readMatcha(found: FoundModel): Promise<CheckedModel> {
  const { path, files } = found;
  const acoustic = await readPart(found, "acousticModel");
  const vocoder = await readPart(found, "vocoder");
  for (const key of ["use_eos_bos", "pad_id"]) requireEntry(acoustic, key);
  if (!vocoderTypes.has(vocoder.metadata.get("model_type") ?? "")) {
    throw new ModelFault(
      `Its ${files.parts["vocoder"]} does not say that it is a vocoder: take one that was made for sherpa-onnx.`,
    );
  }
  const count = requireSpeakers(acoustic);
  return {
    kind: "matcha",
    config: {
      kind: "matcha",
      files: {
        acousticModel: join(path, files.parts["acousticModel"] ?? ""),
        vocoder: join(path, files.parts["vocoder"] ?? ""),
        ...(await frontEnd(found, acoustic)),
      },
      rules: files.rules.map((rule) => join(path, rule)),
    },
    sampleRateHz: requireSampleRate(acoustic),
    language: languageOf(acoustic),
    speakers: listSpeakers(count, namesInMetadata(acoustic.metadata, count)),
    sizeBytes: acoustic.sizeBytes + vocoder.sizeBytes,
    heeds: [],
  };
}

async function frontEnd(found: FoundModel, acoustic: OnnxSummary): Promise<Record<string, string>> {
  const { path, files } = found;
  const usesEspeak = isSet(acoustic, "has_espeak");
  const usesLexicon = isSet(acoustic, "jieba") || isSet(acoustic, "is_zh_en");
  if (!usesEspeak && !usesLexicon) {
    throw new ModelFault(
      'Its model says neither "has_espeak" nor "jieba" in its metadata: sherpa-onnx cannot read text for it.',
    );
  }
  if (usesLexicon && files.lexicons.length === 0) {
    throw new ModelFault("It lacks lexicon.txt: put the whole model there.");
  }
  const isPlain = usesEspeak && !usesLexicon;
  return {
    tokens: await requireTokens(found, {
      areCharacters: isPlain,
      required: isPlain ? ["^", "$"] : [],
    }),
    ...(usesLexicon && { lexicon: joinPaths(path, files.lexicons) }),
    ...((usesEspeak || isSet(acoustic, "is_zh_en")) && { dataDir: await findEspeakData(path) }),
  };
}

const languageOf = ({ metadata }: OnnxSummary): string =>
  parseLanguage(metadata.get("voice") ?? "") ??
  findLanguage(metadata.get("language") ?? "") ??
  "und";
