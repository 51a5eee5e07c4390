import type { Download } from "./download.ts";

/** A voice that anybody can fetch. */
export interface PublicVoice {
  /** What it is added by: `piper:en_US-lessac-medium`. */
  readonly name: string;
  /** BCP 47; the first ones of many. */
  readonly languages: readonly string[];
  /** How many speak in it. */
  readonly speakers: number;
  /** Of the data that it was trained with, or of the model, as its authors state it. */
  readonly licence: string;
  /** The archive, and what it lacks. */
  readonly files: readonly [Download, ...Download[]];
}

/** Where sherpa-onnx publishes models in the form that it speaks with. */
const releases = "https://github.com/k2-fsa/sherpa-onnx/releases/download";

const archive = (name: string, sizeBytes: number, ...sha256: readonly string[]): Download => ({
  url: `${releases}/tts-models/${name}.tar.bz2`,
  sizeBytes,
  sha256,
});

/** Each speaks one language with one voice. */
function piper(
  voice: string,
  licence: string,
  sizeBytes: number,
  sha256: string,
  speakers = 1,
): PublicVoice {
  const [language = ""] = voice.split("-");
  return {
    name: `piper:${voice}`,
    languages: [language.replace("_", "-")],
    speakers,
    licence,
    files: [archive(`vits-piper-${voice}`, sizeBytes, sha256)],
  };
}

const researchOnly =
  "tuned from Lessac, whose data is for research only; its own data: see MODEL_CARD";

/**
 * Well-known voices. Sizes and hashes are those that several projects, independent of one another,
 * have on record for these archives (read 2026-11-21); licences are those of the MODEL_CARD.
 */
export const publicVoices: readonly PublicVoice[] = [
  piper(
    "en_US-lessac-medium",
    "Blizzard Challenge 2013: research only, see MODEL_CARD",
    67_230_653,
    "9e3febfacf0abf4270172d2958bcec246032b7e88efc2720840cc80c93de334e",
  ),
  piper(
    "en_US-amy-medium",
    researchOnly,
    67_223_746,
    "9a5d1fc497f85e8022b785bff5f8105203b1e33099ee6265203efc70b0cb0264",
  ),
  piper(
    "en_US-ryan-medium",
    "CC BY-NC-SA 4.0: no commercial use",
    67_213_100,
    "c546af78b6395b4e7c4ce1ed899438b64426a362f5d4ec5fecd090ded9ad7505",
  ),
  piper(
    "en_US-ljspeech-high",
    "public domain",
    115_817_679,
    "00c6408d2409050312193b0d40ae07fde28af7d3d45a56efcc55440db516b935",
  ),
  piper(
    "en_US-john-medium",
    "public domain",
    67_249_181,
    "d90362cfa48e429d3096f644785184446145b6e38216f2eaf4c0601b8aad5a36",
  ),
  piper(
    "en_US-libritts_r-medium",
    "CC BY 4.0",
    82_038_311,
    "10dc268f3e371696d721486123e2705a9fc1faa113491979fde4d88dba1f1b1c",
    904,
  ),
  piper(
    "en_GB-alba-medium",
    "CC BY 4.0; tuned from Lessac, see MODEL_CARD",
    67_212_349,
    "fcd45962906933eec4431d3688f7d74aaac8713c87c6717f91fd3b23463aa1a1",
  ),
  piper(
    "de_DE-thorsten-medium",
    "CC0",
    67_214_254,
    "50487d9c95fdf2191f31d2588569381063ba1591dcd4c7d4bdd30f12b2191714",
  ),
  piper(
    "fr_FR-siwis-medium",
    "CC BY 4.0; tuned from Lessac, see MODEL_CARD",
    67_207_459,
    "375909aa30842b3a4efa10b1beb1d761af792960ae6873b4d53889f96c66195b",
  ),
  piper(
    "es_ES-davefx-medium",
    "CC0",
    67_184_952,
    "a3f6beb54a9cb893279f72978a22f807a4d9fc9c7848157b524d5cc7b7f58b22",
  ),
  piper(
    "it_IT-paola-medium",
    "CC0",
    67_221_173,
    "7541f75778afa164e44e34baaef63befad7698595df26a95ca944b63ef1a16b4",
  ),
  piper(
    "pt_BR-faber-medium",
    "CC0",
    67_183_065,
    "7add3f923ad6bc25ca8a192805fd1a64d1b3893e4611c4a9719545a825039a83",
  ),
  piper(
    "nl_NL-pim-medium",
    "CC0",
    67_240_538,
    "e78ed301bf6fc66561a04c110754cd6928d772630a3b80b09a83f89410130171",
  ),
  piper(
    "pl_PL-gosia-medium",
    "CC0",
    67_211_182,
    "75bd34dcbdc4dd98d763954756b4b34b4208100497c836381542e4d73dcefa9c",
  ),
  piper(
    "ru_RU-irina-medium",
    "see MODEL_CARD",
    67_153_308,
    "1fc0f54e5e084fe287c07909f2f6e0ba6d857864cf800e3ab80286a4e8233008",
  ),
  {
    name: "kokoro:multi-lang-v1_0",
    languages: ["en-US", "en-GB", "es", "fr", "hi", "it", "ja", "pt-BR", "zh"],
    speakers: 53,
    licence: "Apache-2.0",
    files: [
      // Published twice under one name.
      archive(
        "kokoro-multi-lang-v1_0",
        349_418_188,
        "c5f7e2d2caf082bc1d20fb70334a61d99d20b484500aad32e7cf84c128ea3298",
        "c133d26353d776da730870dac7da07dbfc9a5e3bc80cc5e8e83ab6e823be7046",
      ),
    ],
  },
  {
    name: "kokoro:multi-lang-v1_1",
    languages: ["zh", "en"],
    speakers: 103,
    licence: "Apache-2.0",
    files: [
      archive(
        "kokoro-multi-lang-v1_1",
        364_816_464,
        "a3f4c73d043860e3fd2e5b06f36795eb81de0fc8e8de6df703245edddd87dbad",
      ),
    ],
  },
  {
    name: "kitten:nano-en-v0_1",
    languages: ["en"],
    speakers: 8,
    licence: "Apache-2.0",
    files: [
      archive(
        "kitten-nano-en-v0_1-fp16",
        26_855_312,
        "f35dac93754fe2ac97c66e1f468311d0d2130f7f0f5a89bfa1197e09a0cbdec5",
      ),
    ],
  },
  {
    name: "matcha:en_US-ljspeech",
    languages: ["en-US"],
    speakers: 1,
    licence: "data: public domain; model: see README",
    files: [
      archive(
        "matcha-icefall-en_US-ljspeech",
        76_741_121,
        "ea75702da7456a8b1874728278a835220dc8a26f4e8bd93c83bf53dc27679845",
      ),
      {
        url: `${releases}/vocoder-models/vocos-22khz-univ.onnx`,
        sizeBytes: 53_884_024,
        sha256: ["0574a135aa1db2de6e181050db2ec528496cacd4a4701fc5d7faf9f9804c0081"],
      },
    ],
  },
  {
    name: "supertonic:3",
    languages: ["en", "de", "es", "fr", "it", "ja", "ko", "nl", "pl", "pt", "ru"],
    speakers: 10,
    licence: "see LICENSE",
    files: [
      archive(
        "sherpa-onnx-supertonic-3-tts-int8-2026-05-11",
        128_774_318,
        "82fa96f91c4ef8abaae3a14a3f4153facf88bed821d1f7331cec2700f432c427",
      ),
    ],
  },
];

/** The public voice of a name, case aside. */
export function findPublicVoice(
  name: string,
  catalogue: readonly PublicVoice[] = publicVoices,
): PublicVoice | undefined {
  const wanted = name.toLowerCase();
  return catalogue.find((voice) => voice.name.toLowerCase() === wanted);
}

/** What has to be fetched for a voice, if all of it is known. */
export const downloadBytesOf = ({ files }: PublicVoice): number | undefined =>
  files.reduce<number | undefined>(
    (sum, { sizeBytes }) =>
      sum === undefined || sizeBytes === undefined ? undefined : sum + sizeBytes,
    0,
  );
