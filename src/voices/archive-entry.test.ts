import { describe, expect, it } from "vitest";
import { placeOf } from "./archive-entry.ts";
import { VoiceError } from "./voice-error.ts";

it.each<[string, string[] | undefined]>([
  ["model.onnx", ["model.onnx"]],
  ["./voice/model.onnx", ["voice", "model.onnx"]],
  ["voice//espeak-ng-data/", ["voice", "espeak-ng-data"]],
  ["voice\\model.onnx", ["voice", "model.onnx"]],
  ["voice/..model", undefined],
  ["voice/._model.onnx", undefined],
  [".git/config", undefined],
  ["__MACOSX/voice/model.onnx", undefined],
  ["./", undefined],
])("puts %s where it belongs", (name, parts) => {
  expect(placeOf({ name, kind: "file" })).toEqual(parts);
});

describe("refuses what leads out of the folder", () => {
  it.each([
    "../model.onnx",
    "voice/../../model.onnx",
    "/etc/passwd",
    "\\\\server\\share",
    "C:\\model.onnx",
    "c:model.onnx",
    "..\\model.onnx",
    ".hidden/../../model.onnx",
    "model\0.onnx",
    "a".repeat(600),
  ])("%j", (name) => {
    expect(() => placeOf({ name, kind: "file" })).toThrow(VoiceError);
  });

  it("links and devices", () => {
    expect(() => placeOf({ name: "model.onnx", kind: "other" })).toThrow(/neither file nor folder/);
  });

  it("and says so in one line that does no harm on a terminal", () => {
    const name = `../\u001b[31m\n${"x".repeat(300)}`;
    const message = (() => {
      try {
        placeOf({ name, kind: "file" });
      } catch (error) {
        return String(error);
      }
      return "";
    })();
    expect(message).toMatch(/leads out of it: \.\.\/\?\[31m\?x/);
    expect(message).not.toMatch(/\p{Cc}/u);
    expect(message.length).toBeLessThan(250);
  });
});
