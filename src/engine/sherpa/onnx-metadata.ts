import { type FileHandle, open } from "node:fs/promises";
import { bytesField, type Field, FormatError, messageField, ProtobufFile } from "./protobuf.ts";

/** What an ONNX file says of itself. */
export interface OnnxSummary {
  readonly metadata: ReadonlyMap<string, string>;
  /** The names of what the graph takes, in order. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly sizeBytes: number;
}

/** Numbers of the fields that are read: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto */
const modelFields = { graph: 7, metadata: 14 } as const;
const graphFields = { input: 11, output: 12 } as const;
const entryFields = { key: 1, value: 2 } as const;
const nameField = 1;

/** What else lies under a name that ends in `.onnx`, by how the file begins. */
const impostors: readonly (readonly [RegExp, string])[] = [
  [
    /^version https:\/\/git-lfs/,
    "is a pointer of Git LFS and not the model: fetch it with git lfs",
  ],
  [/^\s*<(?:!doctype|html|\?xml)/i, "is a web page and not a model: download the file itself"],
  [/^PK[^\w\s]{2}/, "is a ZIP archive and not a model: unpack it"],
];
const beginningBytes = 64;

/**
 * Reads what an ONNX file says of itself, and nothing of its weights.
 * @throws {FormatError} with the rest of a sentence that begins with the file's name
 */
export async function readOnnxSummary(path: string): Promise<OnnxSummary> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    await refuseImpostors(file, size);
    return await readModel(new ProtobufFile(file, size));
  } finally {
    await file.close();
  }
}

async function refuseImpostors(file: FileHandle, sizeBytes: number): Promise<void> {
  if (sizeBytes === 0) throw new FormatError("is empty");
  const { buffer, bytesRead } = await file.read(Buffer.alloc(beginningBytes), 0, beginningBytes, 0);
  const beginning = buffer.toString("latin1", 0, bytesRead);
  const impostor = impostors.find(([pattern]) => pattern.test(beginning));
  if (impostor) throw new FormatError(impostor[1]);
}

/** Parts of a model may be written one after the other: later ones add to it. */
async function readModel(file: ProtobufFile): Promise<OnnxSummary> {
  const metadata = new Map<string, string>();
  const inputs: string[] = [];
  const outputs: string[] = [];
  let hasGraph = false;
  for await (const field of file.fields()) {
    if (field.number === modelFields.metadata) {
      const [key, value] = await readEntry(file, field);
      metadata.set(key, value);
    } else if (field.number === modelFields.graph) {
      hasGraph = true;
      for await (const part of file.fields(field.value, field.value + field.length)) {
        if (part.number === graphFields.input) inputs.push(await readName(file, part));
        if (part.number === graphFields.output) outputs.push(await readName(file, part));
      }
    }
  }
  if (!hasGraph) throw new FormatError("is not an ONNX model");
  return { metadata, inputs, outputs, sizeBytes: file.sizeBytes };
}

async function readEntry(file: ProtobufFile, entry: Field): Promise<readonly [string, string]> {
  const texts = { key: "", value: "" };
  for await (const field of file.fields(entry.value, entry.value + entry.length)) {
    if (field.number === entryFields.key) texts.key = await file.text(field);
    if (field.number === entryFields.value) texts.value = await file.text(field);
  }
  return [texts.key, texts.value];
}

async function readName(file: ProtobufFile, message: Field): Promise<string> {
  for await (const field of file.fields(message.value, message.value + message.length)) {
    if (field.number === nameField) return file.text(field);
  }
  return "";
}

/**
 * Bytes that give a model these entries when they are written behind its last one: messages of
 * protobuf that follow one another are one message.
 */
export function encodeMetadata(entries: Readonly<Record<string, string>>): Buffer {
  return Buffer.concat(
    Object.entries(entries).map(([key, value]) =>
      messageField(modelFields.metadata, [
        bytesField(entryFields.key, key),
        bytesField(entryFields.value, value),
      ]),
    ),
  );
}
