import { expect, it } from "vitest";
import { Base64Frame } from "./base64-frame.ts";

const allocate = (sizeBytes: number): Uint8Array => Buffer.alloc(sizeBytes, "?");

it("a frame is what was written, with the audio as base64 in its place", () => {
  const frame = new Base64Frame();
  for (const audio of [Buffer.from([1, 2, 3, 4]), Buffer.from("again"), Buffer.alloc(0)]) {
    frame.json.raw('{"name":"Zoë","audio":"');
    frame.audio(audio);
    frame.json.raw('","chars":');
    frame.json.strings(["a", "é", '"']);
    frame.json.raw("}");
    const made = frame.finish(allocate);
    expect(JSON.parse(Buffer.from(made).toString())).toEqual({
      name: "Zoë",
      audio: audio.toString("base64"),
      chars: ["a", "é", '"'],
    });
  }
});
