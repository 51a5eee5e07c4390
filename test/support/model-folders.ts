import { cp, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  encodeMatchaTones,
  encodeStyledToneVoice,
  encodeToneVoice,
  encodeVocoder,
} from "./onnx-fixture.ts";

/** What a folder holds; a folder's name ends in a slash, and its content is a path to copy. */
export type FolderContent = Readonly<Record<string, string | Uint8Array>>;

/** Writes a folder as a user might put it into `voices/`. */
export async function writeFolder(path: string, content: FolderContent): Promise<void> {
  await mkdir(path, { recursive: true });
  for (const [name, data] of Object.entries(content)) {
    if (name.endsWith("/")) await cp(String(data), join(path, name), { recursive: true });
    else await writeFile(join(path, name), data);
  }
}

/** Data as espeak-ng's begins; enough to be taken for it, and nothing to load. */
export async function writeEspeakData(path: string, version = 0x01_48_01): Promise<void> {
  const phondata = Buffer.alloc(8);
  phondata.writeUInt32LE(version);
  await writeFolder(path, { phontab: "", phonindex: "", phondata, intonations: "" });
}

/** Sounds of English as espeak-ng writes them, with their numbers; some of them are enough. */
const phonemes: Readonly<Record<string, number>> = Object.fromEntries(
  Array.from("_^$ abdefhijklmnopqrstuvwxyzæðŋɐɑɒɔəɚɛɜɡɪɹʃʊʌʒˈˌːθ,.?!", (sign, id) => [sign, id]),
);
/** One line for each sound. */
export const phonemeTokens: string = Object.entries(phonemes)
  .map(([sign, id]) => `${sign} ${id}\n`)
  .join("");

const piperMetadata = {
  model_type: "vits",
  comment: "piper",
  language: "German",
  voice: "de",
  has_espeak: "1",
  n_speakers: "1",
  sample_rate: "22050",
};
const styledMetadata = {
  sample_rate: "24000",
  n_speakers: "2",
  has_espeak: "1",
  voice: "en-us",
};
const kokoroNames = { speaker_names: "af_bella,bm_george" };
const styles = (floats: number): Uint8Array => new Uint8Array(new Float32Array(floats).buffer);

/** A Piper voice as sherpa-onnx's makers publish them, without espeak-ng's data. */
export const packagedPiper: FolderContent = {
  "de_DE-thorsten-medium.onnx": encodeToneVoice({ sampleRateHz: 22_050, metadata: piperMetadata }),
  "tokens.txt": phonemeTokens,
};

/** What a Piper voice's own settings say, as far as they are read. */
export const piperSettings = {
  audio: { sample_rate: 22_050, quality: "medium" },
  espeak: { voice: "en-us" },
  language: { code: "en_GB", family: "en" },
  inference: { noise_scale: 0.5, length_scale: 1, noise_w: 0.6 },
  phoneme_type: "espeak",
  phoneme_id_map: Object.fromEntries(Object.entries(phonemes).map(([sign, id]) => [sign, [id]])),
  num_speakers: 2,
  speaker_id_map: { p225: 1, p226: 0 },
};

/** A Piper voice as Piper publishes it: without a word of metadata. */
export const publishedPiper = (settings: object = piperSettings): FolderContent => ({
  "en_GB-vctk-medium.onnx": encodeToneVoice({ sampleRateHz: 22_050, speakers: 2, metadata: {} }),
  "en_GB-vctk-medium.onnx.json": JSON.stringify(settings),
});

export const kokoro: FolderContent = {
  "model.onnx": encodeStyledToneVoice({
    ...styledMetadata,
    ...kokoroNames,
    model_type: "kokoro",
    style_dim: "510,1,4",
  }),
  "voices.bin": styles(2 * 510 * 4),
  "tokens.txt": phonemeTokens,
};

/** Kokoro 1.0 and later speak several languages. */
export const multilingualKokoro: FolderContent = {
  ...kokoro,
  "model.onnx": encodeStyledToneVoice({
    ...styledMetadata,
    id2speaker: "0->af_bella,1->ef_dora",
    model_type: "kokoro",
    version: "2",
    style_dim: "510,1,4",
  }),
  "lexicon-us-en.txt": "hello h ə l o\n",
  "lexicon-gb-en.txt": "hello h ɛ l o\n",
  "lexicon-zh.txt": "",
};

export const kitten: FolderContent = {
  "model.fp16.onnx": encodeStyledToneVoice({
    ...styledMetadata,
    speaker_names: "expr-voice-2-m,expr-voice-2-f",
    model_type: "kitten-tts",
    style_dim: "1,4",
  }),
  "voices.bin": styles(2 * 4),
  "tokens.txt": phonemeTokens,
};

export const matcha: FolderContent = {
  "model-steps-3.onnx": encodeMatchaTones({
    model_type: "matcha-tts",
    language: "English",
    voice: "en-us",
    has_espeak: "1",
    n_speakers: "1",
    sample_rate: "22050",
    use_eos_bos: "1",
    pad_id: "0",
  }),
  "vocos-22khz-univ.onnx": encodeVocoder({ model_type: "hifigan" }),
  "tokens.txt": phonemeTokens,
};

const part = encodeVocoder({});
const voiceStyle = Buffer.concat([
  ...[3, 2, 2, 3, 1, 2].map((dim) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(BigInt(dim));
    return bytes;
  }),
  Buffer.alloc(4 * (3 * 2 * 2 + 3 * 1 * 2)),
]);

export const supertonic: FolderContent = {
  "duration_predictor.int8.onnx": part,
  "text_encoder.int8.onnx": part,
  "vector_estimator.int8.onnx": part,
  "vocoder.int8.onnx": part,
  "tts.json": JSON.stringify({
    ae: { sample_rate: 44_100, base_chunk_size: 512 },
    ttl: { chunk_compress_factor: 6, latent_dim: 24 },
  }),
  "unicode_indexer.bin": Buffer.alloc(65_536 * 4),
  "voice.bin": voiceStyle,
};
