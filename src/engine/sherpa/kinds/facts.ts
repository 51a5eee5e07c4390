import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ModelFault } from "../model-fault.ts";
import type { ModelFiles } from "../model-folder.ts";
import { type OnnxSummary, readOnnxSummary } from "../onnx-metadata.ts";
import { FormatError } from "../protobuf.ts";
import { checkTokens, type TokenRules } from "../tokens.ts";

/** A folder in which a model was found. */
export interface FoundModel {
  readonly path: string;
  readonly files: ModelFiles;
}

const lowestRateHz = 8000;
const highestRateHz = 48_000;
/** More than any model has; as many voices would be listed. */
const mostSpeakers = 10_000;

/** What the ONNX file of one part of a model says of itself. @throws {ModelFault} */
export async function readPart({ path, files }: FoundModel, part: string): Promise<OnnxSummary> {
  const name = files.parts[part] ?? "";
  try {
    return await readOnnxSummary(join(path, name));
  } catch (error) {
    const what = error instanceof FormatError ? error.message : "cannot be read";
    throw new ModelFault(`Its ${name} ${what}${what.includes(":") ? "" : ": fetch it again"}.`);
  }
}

/** What stands under a name in a model's metadata; sherpa-onnx ends its process without. */
export function requireEntry({ metadata }: OnnxSummary, key: string): string {
  const value = metadata.get(key);
  if (value !== undefined && value !== "") return value;
  throw new ModelFault(
    `Its model lacks "${key}" in its metadata: take the one that was made for sherpa-onnx.`,
  );
}

/** A whole number in a model's metadata, from `least` to `most`. @throws {ModelFault} */
export function requireNumber(
  summary: OnnxSummary,
  key: string,
  least: number,
  most: number,
): number {
  const text = requireEntry(summary, key);
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  throw new ModelFault(
    `Its model has a ${key} of ${text.slice(0, 20)}, which is none from ${least} to ${most}.`,
  );
}

export const requireSampleRate = (summary: OnnxSummary): number =>
  requireNumber(summary, "sample_rate", lowestRateHz, highestRateHz);

/** Models of one speaker may say that they have none to choose from. */
export const requireSpeakers = (summary: OnnxSummary): number =>
  Math.max(1, requireNumber(summary, "n_speakers", 0, mostSpeakers));

export const isSet = ({ metadata }: OnnxSummary, key: string): boolean =>
  Number(metadata.get(key) ?? 0) > 0;

/** The path of a model's tokens, if they are as they have to be. @throws {ModelFault} */
export async function requireTokens(
  { path, files }: FoundModel,
  rules: TokenRules,
): Promise<string> {
  const name = files.parts["tokens"];
  if (name === undefined) throw new ModelFault("It lacks tokens.txt: put the whole model there.");
  const tokens = join(path, name);
  checkTokens(await readFile(tokens, "utf8"), rules);
  return tokens;
}

export const joinPaths = (path: string, names: readonly string[]): string =>
  names.map((name) => join(path, name)).join(",");
