import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  type Constant,
  elementTypes,
  encodeOnnx,
  floats,
  type GraphValue,
  integers,
  type Operation,
} from "./onnx-writer.ts";

/** The inputs and the output that every voice of Piper has. */
export const piperInputs: readonly GraphValue[] = [
  { name: "input", type: "int64", dims: ["batch", "phonemes"] },
  { name: "input_lengths", type: "int64", dims: ["batch"] },
  { name: "scales", type: "float", dims: [3] },
];
const speakerInput: GraphValue = { name: "sid", type: "int64", dims: ["batch"] };
export const piperOutputs: readonly GraphValue[] = [
  { name: "output", type: "float", dims: ["batch", 1, 1, "samples"] },
];

/** What can be chosen about a voice of tones. */
export interface ToneVoiceOptions {
  readonly sampleRateHz?: number;
  readonly msPerPhoneme?: number;
  /** Peaks, from 0 to 1. */
  readonly loudness?: number;
  /** Each speaks 40 Hz higher than the one before. */
  readonly speakers?: number;
  /** Instead of those that make sherpa-onnx read letters as phonemes. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** The letters a voice of tones knows, in the order of their phonemes; a space is silent. */
const letters = " abcdefghijklmnopqrstuvwxyz0123456789";

/** Where a model finds what it is told. */
interface ToneInputs {
  readonly ids: string;
  /** How many times as long each sound is to be. */
  readonly lengthScale: Operation | undefined;
  readonly speaker: string | undefined;
}

/** What makes each phoneme one tone of `output_tones`, whose pitch follows its number. */
function toneOperations({ ids, lengthScale, speaker }: ToneInputs): readonly Operation[] {
  const toFloat = { to: elementTypes.float };
  return [
    // How many samples each phoneme takes, and the time of each of them.
    lengthScale ?? { op: "Identity", inputs: ["one_f"], outputs: ["length_scale"] },
    { op: "Mul", inputs: ["length_scale", "samples_per_phoneme"], outputs: ["length"] },
    { op: "Reshape", inputs: ["length", "scalar"], outputs: ["one_length"] },
    { op: "Round", inputs: ["one_length"], outputs: ["rounded"] },
    { op: "Range", inputs: ["zero_f", "rounded", "one_f"], outputs: ["at"] },
    // The pitch of each phoneme, in radians per sample.
    { op: "Cast", inputs: [ids], outputs: ["ids_f"], attributes: toFloat },
    { op: "Reshape", inputs: ["ids_f", "column"], outputs: ["ids_column"] },
    { op: "Mul", inputs: ["ids_column", "step"], outputs: ["steps"] },
    ...(speaker === undefined
      ? [{ op: "Identity", inputs: ["steps"], outputs: ["shifted"] }]
      : [
          { op: "Cast", inputs: [speaker], outputs: ["speaker_f"], attributes: toFloat },
          { op: "Mul", inputs: ["speaker_f", "speaker_step"], outputs: ["shift"] },
          { op: "Add", inputs: ["steps", "shift"], outputs: ["shifted"] },
        ]),
    { op: "Add", inputs: ["shifted", "lowest"], outputs: ["pitch"] },
    { op: "Mul", inputs: ["pitch", "at"], outputs: ["phase"] },
    { op: "Sin", inputs: ["phase"], outputs: ["tone"] },
    // The first phoneme is silence.
    { op: "Min", inputs: ["ids_column", "one_f"], outputs: ["audible"] },
    { op: "Mul", inputs: ["audible", "loudness"], outputs: ["gain"] },
    { op: "Mul", inputs: ["tone", "gain"], outputs: ["output_tones"] },
  ];
}

function toneConstants(
  sampleRateHz: number,
  msPerPhoneme = 40,
  loudness = 0.25,
): readonly Constant[] {
  const perHz = (2 * Math.PI) / sampleRateHz;
  return [
    integers("one", [], [1]),
    floats("zero_f", [], [0]),
    floats("one_f", [], [1]),
    floats("samples_per_phoneme", [], [(sampleRateHz * msPerPhoneme) / 1000]),
    integers("column", [2], [-1, 1]),
    floats("step", [], [20 * perHz]),
    floats("lowest", [], [200 * perHz]),
    floats("speaker_step", [], [40 * perHz]),
    floats("loudness", [], [loudness]),
    integers("row", [4], [1, 1, 1, -1]),
    integers("mel", [3], [1, 1, -1]),
    integers("scalar", [0], []),
  ];
}

const asRow: Operation = { op: "Reshape", inputs: ["output_tones", "row"], outputs: ["output"] };

/**
 * A model in the shape of a Piper voice, as small as can be: each phoneme sounds as one tone, for a
 * time that `length_scale` scales. It has no weights and is never out of tune.
 */
export function encodeToneVoice(options: ToneVoiceOptions = {}): Buffer {
  const { sampleRateHz = 16_000, msPerPhoneme, loudness, speakers = 1 } = options;
  const isMany = speakers > 1;
  const lengthScale = { op: "Gather", inputs: ["scales", "one"], outputs: ["length_scale"] };
  const speaker = isMany ? speakerInput.name : undefined;
  return encodeOnnx({
    inputs: isMany ? [...piperInputs, speakerInput] : piperInputs,
    outputs: piperOutputs,
    operations: [...toneOperations({ ids: "input", lengthScale, speaker }), asRow],
    constants: toneConstants(sampleRateHz, msPerPhoneme, loudness),
    metadata: options.metadata ?? characterMetadata(sampleRateHz, speakers),
  });
}

/** The same in the shape of Kokoro and Kitten: speakers are styles, and there is a speed. */
export function encodeStyledToneVoice(metadata: Readonly<Record<string, string>>): Buffer {
  const lengthScale = { op: "Div", inputs: ["one_f", "speed"], outputs: ["length_scale"] };
  return encodeOnnx({
    inputs: [
      { name: "tokens", type: "int64", dims: [1, "tokens"] },
      { name: "style", type: "float", dims: [1, "styles"] },
      { name: "speed", type: "float", dims: [1] },
    ],
    outputs: [{ name: "output", type: "float", dims: [1, 1, 1, "samples"] }],
    operations: [...toneOperations({ ids: "tokens", lengthScale, speaker: undefined }), asRow],
    constants: toneConstants(24_000),
    metadata,
  });
}

/** The same in the shape of Matcha: what comes out goes through a vocoder, {@link encodeVocoder}. */
export function encodeMatchaTones(metadata: Readonly<Record<string, string>>): Buffer {
  return encodeOnnx({
    inputs: [
      { name: "x", type: "int64", dims: [1, "phonemes"] },
      { name: "x_length", type: "int64", dims: [1] },
      { name: "noise_scale", type: "float", dims: [1] },
      { name: "length_scale_input", type: "float", dims: [1] },
    ],
    outputs: [{ name: "mel_out", type: "float", dims: [1, 1, "samples"] }],
    operations: [
      ...toneOperations({ ids: "x", lengthScale: undefined, speaker: undefined }),
      { op: "Reshape", inputs: ["output_tones", "mel"], outputs: ["mel_out"] },
    ],
    constants: toneConstants(22_050),
    metadata,
  });
}

/** A vocoder that leaves everything as it is. */
export function encodeVocoder(metadata: Readonly<Record<string, string>>): Buffer {
  return encodeOnnx({
    inputs: [{ name: "mel", type: "float", dims: [1, 1, "samples"] }],
    outputs: [{ name: "audio", type: "float", dims: [1, 1, "samples"] }],
    operations: [{ op: "Identity", inputs: ["mel"], outputs: ["audio"] }],
    constants: [],
    metadata,
  });
}

/** The entries that sherpa-onnx wants of a voice that it is to speak letter by letter. */
export function characterMetadata(
  sampleRateHz: number,
  speakers = 1,
): Readonly<Record<string, string>> {
  return {
    model_type: "vits",
    comment: "piper",
    frontend: "characters",
    language: "English",
    sample_rate: String(sampleRateHz),
    n_speakers: String(speakers),
    add_blank: "0",
    // Silence at both ends; without, sherpa-onnx has nothing to say for one letter alone.
    use_eos_bos: "1",
    bos_id: "0",
    eos_id: "0",
  };
}

/** One line for each letter, with its number. */
export const toneTokens: string = Array.from(letters, (letter, id) => `${letter} ${id}\n`).join("");

/** Puts a voice of tones into a folder, as users put theirs into `voices/`. */
export async function writeToneVoice(path: string, options: ToneVoiceOptions = {}): Promise<void> {
  await mkdir(path, { recursive: true });
  await writeFile(join(path, "model.onnx"), encodeToneVoice(options));
  await writeFile(join(path, "tokens.txt"), toneTokens);
}
