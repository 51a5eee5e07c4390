import { ModelFault } from "./model-fault.ts";

/** How the files of a model lie in its folder; one layout may be shared by kinds of models. */
export type Layout = "vits" | "matcha" | "style" | "supertonic";

/** The files of a model by what they are to it; names without a path. */
export interface ModelFiles {
  readonly layout: Layout;
  readonly parts: Readonly<Record<string, string>>;
  /** Pronunciations of words, any number of files. */
  readonly lexicons: readonly string[];
  /** Rules that write out figures and dates. */
  readonly rules: readonly string[];
  readonly hasEspeakData: boolean;
}

interface LayoutRow {
  readonly layout: Layout;
  /** What is called so lies in no other layout. */
  readonly sign: RegExp;
  readonly parts: Readonly<Record<string, RegExp>>;
}

const tokens = /^tokens\.txt$/;
const anyModel = /\.onnx$/;
const vocoder = /^(?:vocos|hifigan|vocoder).*\.onnx$/;

/** The first one whose sign is there. */
const layouts: readonly LayoutRow[] = [
  {
    layout: "supertonic",
    sign: /^(?:vector_estimator|duration_predictor).*\.onnx$/,
    parts: {
      durationPredictor: /^duration_predictor.*\.onnx$/,
      textEncoder: /^text_encoder.*\.onnx$/,
      vectorEstimator: /^vector_estimator.*\.onnx$/,
      vocoder: /^vocoder.*\.onnx$/,
      ttsJson: /^tts\.json$/,
      unicodeIndexer: /^unicode_indexer\.bin$/,
      voiceStyle: /^voice\.bin$/,
    },
  },
  {
    layout: "matcha",
    sign: /^(?:(?:vocos|hifigan|vocoder).*|model-steps-\d+)\.onnx$/,
    parts: { acousticModel: anyModel, vocoder, tokens },
  },
  {
    layout: "style",
    sign: /^voices\.bin$/,
    parts: { model: anyModel, voices: /^voices\.bin$/, tokens },
  },
  { layout: "vits", sign: anyModel, parts: { model: anyModel, tokens } },
];

/** Parts a folder may lack: a voice straight from Piper has its tokens in its settings. */
const optionalParts: ReadonlySet<string> = new Set(["tokens"]);

/** What each missing part is called, and where one gets it if not from the model's archive. */
const partNames: Readonly<Record<string, string>> = {
  vocoder: "a vocoder, such as vocos-22khz-univ.onnx",
  voices: "voices.bin",
  ttsJson: "tts.json",
  unicodeIndexer: "unicode_indexer.bin",
  voiceStyle: "voice.bin",
  durationPredictor: "duration_predictor.onnx",
  textEncoder: "text_encoder.onnx",
  vectorEstimator: "vector_estimator.onnx",
  acousticModel: "the acoustic model, such as model-steps-3.onnx",
  model: "model.onnx",
};

/** Smaller copies of a model: taken when there is no other. */
const reduced = /[._-](?:int8|uint8|fp16|q4|q8|quant(?:ized)?)\b/;

/**
 * Tells by the names in a folder (folders end in a slash) what model lies in it; nothing if none
 * does. @throws {ModelFault} when some of its files are missing or there are too many
 */
export function findModelFiles(files: readonly string[]): ModelFiles | undefined {
  const row = layouts.find(({ sign }) => files.some((file) => sign.test(file)));
  if (!row) return undefined;
  const parts: Record<string, string> = {};
  for (const [part, pattern] of Object.entries(row.parts)) {
    const candidates = files.filter(
      (file) => pattern.test(file) && (part === "vocoder" || !isVocoder(row, file)),
    );
    const file = chooseOne(candidates);
    if (file !== undefined) parts[part] = file;
    else if (!optionalParts.has(part)) {
      throw new ModelFault(`It lacks ${partNames[part] ?? part}: put the whole model there.`);
    }
  }
  const textFiles = (pattern: RegExp): string[] => files.filter((file) => pattern.test(file));
  return {
    layout: row.layout,
    parts,
    lexicons: textFiles(/^lexicon.*\.txt$/).toSorted(),
    rules: textFiles(/\.fst$/).toSorted(),
    hasEspeakData: files.includes("espeak-ng-data/"),
  };
}

const isVocoder = ({ parts }: LayoutRow, file: string): boolean =>
  parts["vocoder"] === vocoder && vocoder.test(file);

/** The one that is meant: of several the one in full precision, or the one called like the model. */
function chooseOne(candidates: readonly string[]): string | undefined {
  const full = candidates.filter((file) => !reduced.test(file));
  const [first, ...others] = full.length > 0 ? full : candidates;
  if (first === undefined || others.length === 0) return first;
  if (candidates.includes("model.onnx")) return "model.onnx";
  const names = [first, ...others].join(", ");
  throw new ModelFault(`It holds several models (${names}): put each in a folder of its own.`);
}
