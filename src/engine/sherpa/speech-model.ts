import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { FrontEnd } from "../../text/normalize-for.ts";
import type { SherpaStart } from "./job.ts";
import type { ModelConfig, Noise } from "./model.ts";
import type { OfflineTts, Runtime } from "./runtime.ts";

/** Who says something, and how. */
export interface Manner {
  readonly speaker: number;
  readonly language: string;
  readonly noise?: Noise;
}

/** Says texts, one at a time. */
export interface SpeechModel {
  /** Whether it reads figures by itself. */
  readonly needs: FrontEnd["needs"];
  /** Samples from -1 to 1; none if there is nothing in the text that the model could say. */
  say(text: string, manner: Manner): Promise<Float32Array>;
}

/**
 * What a model was loaded with cannot be changed: each noise and language is a model of its own.
 * So many of them are kept, so that two who speak in turn do not wait for it.
 */
const maxVariants = 2;
/** To V8 a model is a few bytes: without this it would not see that there is much to be freed. */
setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** What sherpa-onnx says where a text has no sound. */
const noSound = /produced no audio/;

/** Loads a model. @throws {Error} where sherpa-onnx does not end the process */
export async function loadSpeechModel(
  runtime: Runtime,
  { config, sampleRateHz }: SherpaStart,
  first: Manner,
): Promise<SpeechModel> {
  const variants = new Map<string, Promise<OfflineTts>>();

  const variantFor = (manner: Manner): Promise<OfflineTts> => {
    const options = optionsOf(config, manner);
    const key = JSON.stringify(options);
    const known = variants.get(key) ?? runtime.OfflineTts.createAsync(options);
    // Those used last stand last.
    variants.delete(key);
    variants.set(key, known);
    const [oldest] = variants.keys();
    if (variants.size > maxVariants && oldest !== undefined) {
      variants.delete(oldest);
      collectGarbage();
    }
    return known;
  };

  const { sampleRate } = await variantFor(first);
  if (sampleRate !== sampleRateHz) {
    throw new Error(`the model speaks at ${sampleRate} Hz and not at ${sampleRateHz}`);
  }
  return {
    // espeak-ng reads them, or rules that came with the model.
    needs: config.files["dataDir"] || config.rules.length > 0 ? "nothing" : "words",
    async say(text, manner) {
      const model = await variantFor(manner);
      const extra = config.isTold === "at each text" ? { lang: primary(manner.language) } : {};
      try {
        const { samples } = await model.generateAsync({
          text,
          enableExternalBuffer: false,
          // Pauses as the model makes them; of speed it has only an approximate idea.
          generationConfig: { sid: manner.speaker, speed: 1, silenceScale: 1, extra },
        });
        return samples;
      } catch (error) {
        if (error instanceof Error && noSound.test(error.message)) return new Float32Array(0);
        throw error;
      }
    },
  };
}

/** What sherpa-onnx loads a variant with. */
function optionsOf(config: ModelConfig, { noise = config.noise, language }: Manner): unknown {
  const { kind, files, rules } = config;
  const model = {
    ...files,
    ...(noise && { noiseScale: noise.sound, noiseScaleW: noise.rhythm }),
    ...(config.isTold === "at load" && readingOf(language, files["lexicon"] ?? "")),
  };
  return {
    // One core for each process: who listens to others must not wait for this one.
    model: { [kind]: model, numThreads: 1, provider: "cpu", debug: 0 },
    maxNumSentences: 1,
    silenceScale: 1,
    ruleFsts: rules.join(","),
  };
}

/** Kokoro reads English and Chinese by lists of words, all else by the rules of espeak-ng. */
function readingOf(language: string, lexicons: string): Record<string, string> {
  const tag = language.toLowerCase();
  const isListed = ["en", "zh"].includes(primary(tag)) && lexicons !== "";
  if (!isListed) return { lexicon: "", lang: tag };
  const other = tag === "en-gb" ? "us-en" : "gb-en";
  const paths = lexicons.split(",");
  return { lexicon: paths.filter((path) => !path.includes(`lexicon-${other}`)).join(",") };
}

const primary = (tag: string): string => tag.split("-")[0] ?? tag;
