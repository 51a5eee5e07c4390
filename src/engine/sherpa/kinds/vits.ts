import { join } from "node:path";
import { findEspeakData } from "../espeak-data.ts";
import { findLanguage, parseLanguage } from "../language.ts";
import { ModelFault } from "../model-fault.ts";
import type { CheckedModel, ModelConfig, Noise } from "../model.ts";
import type { OnnxSummary } from "../onnx-metadata.ts";
import {
  type PiperSettings,
  preparePiperVoice,
  readPiperSettings,
  speakersOf,
} from "../piper-voice.ts";
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

/** What VITS was published with, and Piper's voices are trained for. */
const usualNoise: Noise = { sound: 0.667, rhythm: 0.8 };
const requiredEntries = ["sample_rate", "n_speakers", "language", "comment"] as const;
/** Whose models have their sounds from espeak-ng. */
const espeakUsers = /piper|coqui|icefall/;
const oldestMelo = 2;

/** Checks a model of VITS, such as a voice of Piper. @throws {ModelFault} */
export async function readVits(found: FoundModel): Promise<CheckedModel> {
  const { path, files } = found;
  const name = files.parts["model"] ?? "";
  const settings = await readPiperSettings(join(path, name));
  const published = await readPart(found, "model");
  checkGraph(published);
  const isBare = requiredEntries.some((key) => !published.metadata.has(key));
  const prepared = isBare && settings ? await preparePiperVoice(path, name, settings) : undefined;
  const summary = prepared?.summary ?? published;
  for (const key of requiredEntries) requireEntry(summary, key);
  const speakers = requireSpeakers(summary);
  const names = (settings && speakersOf(settings)) ?? namesInMetadata(summary.metadata, speakers);
  const config: ModelConfig = {
    kind: "vits",
    files: {
      model: prepared?.model ?? join(path, name),
      ...(await frontEnd(found, summary, prepared?.tokens)),
    },
    rules: files.rules.map((rule) => join(path, rule)),
    noise: noiseOf(settings),
  };
  return {
    kind: "vits",
    config,
    sampleRateHz: requireSampleRate(summary),
    language: languageOf(summary, settings),
    speakers: listSpeakers(speakers, names),
    sizeBytes: published.sizeBytes,
    heeds: ["stability", "style"],
  };
}

function checkGraph({ inputs, outputs, metadata }: OnnxSummary): void {
  if (metadata.get("model_type")?.startsWith("matcha")) {
    throw new ModelFault(
      "It lacks a vocoder, such as vocos-22khz-univ.onnx: put it there as well.",
    );
  }
  if (inputs.length >= 3 && outputs.length > 0) return;
  throw new ModelFault(`Its model takes ${inputs.length} inputs: it is not one that speaks.`);
}

/** The options that say how text becomes the model's tokens. */
async function frontEnd(
  found: FoundModel,
  summary: OnnxSummary,
  preparedTokens: string | undefined,
): Promise<Record<string, string>> {
  const { path, files } = found;
  const comment = requireEntry(summary, "comment");
  if (comment.includes("melo") && Number(summary.metadata.get("version") ?? 0) < oldestMelo) {
    throw new ModelFault("It is an old MeloTTS model that sherpa-onnx refuses: fetch the new one.");
  }
  const tokensWith = (areCharacters: boolean, required: readonly string[]): Promise<string> =>
    preparedTokens === undefined
      ? requireTokens(found, { areCharacters, required })
      : Promise.resolve(preparedTokens);
  if (summary.metadata.get("frontend") === "characters") {
    return { tokens: await tokensWith(true, []) };
  }
  if (files.lexicons.length > 0 && !files.hasEspeakData) {
    return { tokens: await tokensWith(false, []), lexicon: joinPaths(path, files.lexicons) };
  }
  if (!espeakUsers.test(comment)) {
    throw new ModelFault("It lacks lexicon.txt: put the whole model there.");
  }
  const isCoqui = comment.includes("coqui");
  return {
    tokens: await tokensWith(true, isCoqui ? [","] : ["_", "^", "$"]),
    dataDir: await findEspeakData(path),
  };
}

function noiseOf(settings: PiperSettings | undefined): Noise {
  const { noise_scale, noise_w } = settings?.inference ?? {};
  return { sound: noise_scale ?? usualNoise.sound, rhythm: noise_w ?? usualNoise.rhythm };
}

function languageOf(summary: OnnxSummary, settings: PiperSettings | undefined): string {
  const { metadata } = summary;
  const usesEspeak = isSet(summary, "has_espeak") || metadata.has("voice");
  return (
    parseLanguage(settings?.language?.code ?? "") ??
    (usesEspeak ? parseLanguage(metadata.get("voice") ?? "") : undefined) ??
    findLanguage(metadata.get("language") ?? "") ??
    parseLanguage(metadata.get("language") ?? "") ??
    "und"
  );
}
