import { open, readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ModelFault } from "./model-fault.ts";

const folderName = "espeak-ng-data";
const files: readonly string[] = ["phontab", "phonindex", "phondata", "intonations"];
/** How the data begins that the espeak-ng inside sherpa-onnx reads: with others it ends its process. */
const version = 0x01_48_01;

/** Where systems keep theirs; espeak-ng itself looks at the variable first. */
const systemPlaces: readonly string[] = [
  ...(process.env["ESPEAK_DATA_PATH"] ? [process.env["ESPEAK_DATA_PATH"]] : []),
  "/usr/share",
  "/usr/lib",
  "/usr/lib/x86_64-linux-gnu",
  "/usr/lib/aarch64-linux-gnu",
  "/usr/local/share",
  "/opt/homebrew/share",
];

/**
 * The data that turns text into phonemes for a model in `modelPath`: its own, one beside it, the
 * one of another voice, or the system's. @throws {ModelFault} if there is none that can be used
 */
export async function findEspeakData(modelPath: string): Promise<string> {
  const own = join(modelPath, folderName);
  const fault = await inspect(own);
  if (fault === undefined) return own;
  if (fault !== "missing") throw new ModelFault(fault);
  const voices = dirname(modelPath);
  const neighbours: string[] = await readdir(voices).catch(() => []);
  const others = [voices, ...neighbours.toSorted().map((name) => join(voices, name))];
  const found = await firstUsable([...others, ...systemPlaces]);
  if (found !== undefined) return found;
  throw new ModelFault(
    `It needs ${folderName}: put that folder of any Piper voice for sherpa-onnx beside the voices, or install your system's ${folderName}.`,
  );
}

async function firstUsable(places: readonly string[]): Promise<string | undefined> {
  for (const place of places) {
    const path = join(place, folderName);
    if ((await inspect(path)) === undefined) return path;
  }
  return undefined;
}

/** What is wrong with a folder of data; nothing if it can be used. */
async function inspect(path: string): Promise<string | undefined> {
  const present = await readdir(path).catch(() => undefined);
  if (!present) return "missing";
  const lacking = files.find((file) => !present.includes(file));
  if (lacking !== undefined)
    return `Its ${folderName} lacks ${lacking}: put the whole folder there.`;
  if ((await readVersion(join(path, "phondata"))) === version) return undefined;
  return `Its ${folderName} is of another version of espeak-ng: take the one that comes with voices for sherpa-onnx.`;
}

async function readVersion(path: string): Promise<number> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0);
    return bytesRead === 4 ? buffer.readUInt32LE(0) : 0;
  } finally {
    await file.close();
  }
}
