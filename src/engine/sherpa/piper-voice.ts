import { randomUUID } from "node:crypto";
import {
  appendFile,
  constants,
  copyFile,
  mkdir,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { ModelFault } from "./model-fault.ts";
import { encodeMetadata, type OnnxSummary, readOnnxSummary } from "./onnx-metadata.ts";

/** What a Piper voice's own settings, `<model>.onnx.json`, say of it. */
export interface PiperSettings {
  readonly audio: { readonly sample_rate: number };
  readonly num_speakers: number;
  readonly espeak?: { readonly voice: string } | undefined;
  readonly language?: { readonly code?: string | undefined } | undefined;
  readonly phoneme_type?: string | undefined;
  readonly inference?:
    | { readonly noise_scale?: number | undefined; readonly noise_w?: number | undefined }
    | undefined;
  readonly phoneme_id_map: Readonly<Record<string, readonly number[]>>;
  readonly speaker_id_map?: Readonly<Record<string, number>> | undefined;
}

const settingsSchema: z.ZodType<PiperSettings> = z.object({
  audio: z.object({ sample_rate: z.int().positive() }),
  num_speakers: z.int().positive(),
  espeak: z.object({ voice: z.string().min(1) }).optional(),
  language: z.object({ code: z.string().optional() }).optional(),
  phoneme_type: z.string().optional(),
  inference: z
    .object({ noise_scale: z.number().optional(), noise_w: z.number().optional() })
    .optional(),
  phoneme_id_map: z.record(z.string(), z.array(z.int().nonnegative()).min(1)),
  speaker_id_map: z.record(z.string(), z.int().nonnegative()).optional(),
});

/** Reads the settings of a Piper voice; nothing if it has none. @throws {ModelFault} */
export async function readPiperSettings(modelPath: string): Promise<PiperSettings | undefined> {
  const text = await readFile(`${modelPath}.json`, "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new ModelFault("Its .onnx.json is not JSON: fetch it again.");
  }
  const read = settingsSchema.safeParse(json);
  if (read.success) return read.data;
  const where = read.error.issues[0]?.path.join(".") ?? "";
  throw new ModelFault(`Its .onnx.json is not that of a Piper voice (${where}): fetch it again.`);
}

/** The speakers' names in the order of their numbers. */
export function speakersOf({ speaker_id_map, num_speakers }: PiperSettings): string[] | undefined {
  const entries = Object.entries(speaker_id_map ?? {}).toSorted(([, a], [, b]) => a - b);
  return entries.length === num_speakers ? entries.map(([name]) => name) : undefined;
}

/** Where what was made of a voice lies, inside the voice's folder. */
const preparedFolder = ".prepared";
/** Tells of which file, and of what state of it, a model was made. */
const sourceKey = "syrinx_source";

/** A model and its tokens, as paths. */
export interface PreparedModel {
  readonly model: string;
  readonly tokens: string;
  readonly summary: OnnxSummary;
}

/**
 * Makes of a voice as Piper publishes it one as sherpa-onnx wants it: a copy with the settings
 * written behind its end, and a list of tokens. What was made once is used again. Several processes
 * may make it at the same time.
 * @throws {ModelFault} when there is no room for it
 */
export async function preparePiperVoice(
  folder: string,
  model: string,
  settings: PiperSettings,
): Promise<PreparedModel> {
  const source = join(folder, model);
  const { size, mtimeMs } = await stat(source);
  const state = `${model} ${size} ${Math.round(mtimeMs)}`;
  const prepared = join(folder, preparedFolder);
  const paths = { model: join(prepared, "model.onnx"), tokens: join(prepared, "tokens.txt") };
  const findFinished = async (): Promise<PreparedModel | undefined> => {
    const summary = await readOnnxSummary(paths.model).catch(() => undefined);
    return summary?.metadata.get(sourceKey) === state ? { ...paths, summary } : undefined;
  };
  const known = await findFinished();
  if (known) return known;

  const own = `unfinished-${process.pid}-${randomUUID()}`;
  const unfinished = { model: join(prepared, `${own}.onnx`), tokens: join(prepared, `${own}.txt`) };
  const metadata = encodeMetadata({ ...metadataOf(settings), [sourceKey]: state });
  try {
    await mkdir(prepared, { recursive: true });
    await writeFile(unfinished.tokens, tokensOf(settings));
    await copyFile(source, unfinished.model, constants.COPYFILE_FICLONE);
    await appendFile(unfinished.model, metadata);
    // The model last: where it is, the tokens are.
    await rename(unfinished.tokens, paths.tokens);
    await rename(unfinished.model, paths.model);
  } catch {
    for (const path of Object.values(unfinished)) await rm(path, { force: true }).catch(() => {});
    // Files in use cannot be replaced everywhere; nor need they be.
    const others = await findFinished();
    if (others) return others;
    throw new ModelFault(
      `It is a Piper voice that has to be copied once to be used, and its folder takes no more: make it writable, with ${Math.ceil(size / 1e6)} MB to spare.`,
    );
  }
  return { ...paths, summary: await readOnnxSummary(paths.model) };
}

/** The names are sherpa-onnx's own. */
function metadataOf(settings: PiperSettings): Record<string, string> {
  const readsLetters = settings.phoneme_type === "text";
  const id = (token: string): string => String(settings.phoneme_id_map[token]?.[0] ?? 0);
  return {
    model_type: "vits",
    comment: "piper",
    language: settings.language?.code ?? settings.espeak?.voice ?? "und",
    sample_rate: String(settings.audio.sample_rate),
    n_speakers: String(settings.num_speakers),
    ...(readsLetters
      ? {
          frontend: "characters",
          add_blank: "1",
          use_eos_bos: "1",
          blank_id: id("_"),
          bos_id: id("^"),
          eos_id: id("$"),
        }
      : { has_espeak: "1", voice: settings.espeak?.voice ?? "en-us" }),
  };
}

function tokensOf({ phoneme_id_map }: PiperSettings): string {
  return Object.entries(phoneme_id_map)
    .filter(([token]) => token !== "\n" && Array.from(token).length === 1)
    .map(([token, [id]]) => `${token} ${id}\n`)
    .join("");
}
