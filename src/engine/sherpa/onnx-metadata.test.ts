import { appendFile, mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { encodeToneVoice } from "../../../test/support/onnx-fixture.ts";
import { encodeMetadata, readOnnxSummary } from "./onnx-metadata.ts";
import { bytesField, FormatError, messageField, numberField } from "./protobuf.ts";

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "syrinx-onnx-"));
  path = join(folder, "model.onnx");
});
afterEach(() => rm(folder, { recursive: true }));

it("reads what goes in, what comes out, and the metadata", async () => {
  await writeFile(path, encodeToneVoice({ sampleRateHz: 22_050, speakers: 3 }));
  const summary = await readOnnxSummary(path);
  expect(summary.inputs).toEqual(["input", "input_lengths", "scales", "sid"]);
  expect(summary.outputs).toEqual(["output"]);
  expect(Object.fromEntries(summary.metadata)).toMatchObject({
    sample_rate: "22050",
    n_speakers: "3",
    comment: "piper",
  });
});

it("takes entries that were written behind the end for its own, and later ones for right", async () => {
  const model = encodeToneVoice({ metadata: { sample_rate: "16000", comment: "piper" } });
  await writeFile(path, model);
  await appendFile(path, encodeMetadata({ sample_rate: "22050", voice: "de" }));
  const { metadata, outputs, sizeBytes } = await readOnnxSummary(path);
  expect(Object.fromEntries(metadata)).toEqual({
    sample_rate: "22050",
    comment: "piper",
    voice: "de",
  });
  expect(outputs).toEqual(["output"]);
  expect(sizeBytes).toBeGreaterThan(model.length);
});

it("reads no weights: three gigabytes of them take no time", async () => {
  const weightBytes = 3 * 2 ** 30;
  const metadata = encodeMetadata({ sample_rate: "22050" });
  const output = messageField(12, [bytesField(1, "output")]);
  // A graph that holds one field of that size, of which the file has only holes.
  const weightHead = Buffer.concat([numberField(5, weightBytes)]);
  weightHead[0] = 5 * 8 + 2;
  const graphHead = numberField(7, weightHead.length + weightBytes + output.length);
  graphHead[0] = 7 * 8 + 2;
  const file = await open(path, "w");
  await file.write(Buffer.concat([numberField(1, 8), graphHead, weightHead]));
  const { size } = await file.stat();
  await file.write(Buffer.concat([output, metadata]), 0, undefined, size + weightBytes);
  await file.close();
  const startMs = performance.now();
  const summary = await readOnnxSummary(path);
  expect(summary.outputs).toEqual(["output"]);
  expect(summary.metadata.get("sample_rate")).toBe("22050");
  expect(performance.now() - startMs).toBeLessThan(1000);
});

it("finds every place where a model can be cut off", async () => {
  const model = encodeToneVoice();
  const faults = new Set<string>();
  for (let length = 1; length < model.length; length += 1) {
    await writeFile(path, model.subarray(0, length));
    try {
      const { metadata } = await readOnnxSummary(path);
      // Only where one entry ends and the next one begins a shorter file is a file as well.
      expect(metadata.size).toBeLessThan(10);
    } catch (error) {
      expect(error).toBeInstanceOf(FormatError);
      faults.add(error instanceof Error ? error.message : "");
    }
  }
  expect([...faults].toSorted()).toEqual(["is cut off", "is not an ONNX model"]);
});

it.each([
  ["", "is empty"],
  ["version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 63201294\n", "Git LFS"],
  ["<!DOCTYPE html><html><body>Sign in</body></html>", "web page"],
  ["PK\u0003\u0004 and so on", "ZIP archive"],
  ["just some text", "is cut off"],
  ["\u0000\u0000\u0000\u0000", "is not made of fields"],
  ["\u00ff".repeat(40), "is not made of fields"],
  ["\u0008\u0008", "is not an ONNX model"],
])("says what %j is instead", async (content, fault) => {
  await writeFile(path, content, "latin1");
  await expect(readOnnxSummary(path)).rejects.toThrow(fault);
  await expect(readOnnxSummary(path)).rejects.toBeInstanceOf(FormatError);
});
