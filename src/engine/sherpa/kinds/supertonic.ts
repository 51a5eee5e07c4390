import { open, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { ModelFault } from "../model-fault.ts";
import type { CheckedModel } from "../model.ts";
import { listSpeakers } from "../speakers.ts";
import { type FoundModel, readPart } from "./facts.ts";

const settingsSchema = z.object({
  ae: z.object({
    sample_rate: z.int().min(8000).max(48_000),
    base_chunk_size: z.int().positive(),
  }),
  ttl: z.object({ chunk_compress_factor: z.int().positive(), latent_dim: z.int().positive() }),
});

const models = ["durationPredictor", "textEncoder", "vectorEstimator", "vocoder"] as const;
/** voice.bin begins with the shapes of two lists of numbers, one style of each per speaker. */
const shapeBytes = 6 * 8;
const bytesPerNumber = 4;
const mostSpeakers = 10_000;

/** Checks a model of Supertonic. @throws {ModelFault} */
export async function readSupertonic(found: FoundModel): Promise<CheckedModel> {
  const { path, files } = found;
  const pathOf = (part: string): string => join(path, files.parts[part] ?? "");
  let sizeBytes = 0;
  for (const part of models) sizeBytes += (await readPart(found, part)).sizeBytes;
  const { ae } = await readSettings(pathOf("ttsJson"));
  if ((await stat(pathOf("unicodeIndexer"))).size === 0) {
    throw new ModelFault("Its unicode_indexer.bin is empty: fetch it again.");
  }
  const speakers = await countSpeakers(pathOf("voiceStyle"));
  return {
    kind: "supertonic",
    config: {
      kind: "supertonic",
      files: Object.fromEntries(Object.keys(files.parts).map((part) => [part, pathOf(part)])),
      rules: [],
      isTold: "at each text",
    },
    sampleRateHz: ae.sample_rate,
    language: "en",
    speakers: listSpeakers(speakers),
    sizeBytes,
    heeds: [],
  };
}

async function readSettings(path: string): Promise<z.infer<typeof settingsSchema>> {
  let json: unknown;
  try {
    json = JSON.parse(await readFile(path, "utf8"));
  } catch {
    throw new ModelFault("Its tts.json is not JSON that can be read: fetch it again.");
  }
  const read = settingsSchema.safeParse(json);
  if (read.success) return read.data;
  const where = read.error.issues[0]?.path.join(".") ?? "";
  throw new ModelFault(`Its tts.json is not as it must be at ${where}: fetch it again.`);
}

async function countSpeakers(path: string): Promise<number> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const { buffer, bytesRead } = await file.read(Buffer.alloc(shapeBytes), 0, shapeBytes, 0);
    const dims = Array.from({ length: 6 }, (_, index) =>
      bytesRead === shapeBytes ? Number(buffer.readBigInt64LE(index * 8)) : 0,
    );
    const numbers = product(dims.slice(0, 3)) + product(dims.slice(3));
    const [speakers = 0] = dims;
    const isWhole = dims.every((dim) => dim > 0) && size === shapeBytes + numbers * bytesPerNumber;
    if (isWhole && speakers <= mostSpeakers) return speakers;
    throw new ModelFault("Its voice.bin is not whole: fetch it again.");
  } finally {
    await file.close();
  }
}

const product = (numbers: readonly number[]): number =>
  numbers.reduce((result, number) => result * number, 1);
