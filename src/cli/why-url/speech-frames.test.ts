import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readSpeechFrame } from "./speech-frames.ts";

const read = (frame: unknown): ReturnType<typeof readSpeechFrame> =>
  readSpeechFrame(JSON.stringify(frame));

describe("a frame of a speech socket", () => {
  it("of ElevenLabs has audio and alignments", () => {
    const audio = Buffer.alloc(100).toString("base64");
    const frame = { audio, isFinal: null, alignment: { chars: ["a"] }, normalizedAlignment: null };
    expect(read(frame)).toMatchObject({
      audioBytes: 100,
      isFinal: false,
      alignments: ["alignment"],
      members: ["audio", "isFinal", "alignment", "normalizedAlignment"],
      told: undefined,
    });
  });

  it.each([
    { audio: null, isFinal: true, normalizedAlignment: null, alignment: null },
    { is_final: true, contextId: "a" },
    { status: "complete", session_id: "s", message: "All chunks sent", done: true },
    { event: "turn_end", turn_id: "1", chunks: 3 },
  ])("is the last one: %j", (frame) => {
    expect(read(frame)).toMatchObject({ isFinal: true, audioBytes: 0, told: undefined });
  });

  it.each([
    [{ message: "Invalid API key", error: "invalid_api_key", code: 1008 }, ["invalid_api_key"]],
    [{ status: "error", message: "No.", error: { code: "bad", message: "No." } }, ["bad"]],
    [{ event: "error", code: "bad_frame", message: "No.", turn_id: "1" }, ["bad_frame"]],
  ])("tells of an error: %j", (frame, codes) => {
    expect(read(frame).told?.codes).toEqual(codes);
  });

  it("of Waves has its audio further in", () => {
    const data = { audio: Buffer.alloc(7).toString("base64") };
    expect(read({ status: "chunk", request_id: "r", data })).toMatchObject({ audioBytes: 7 });
    expect(read({ status: "word_timestamp", data: { word: "a" } }).alignments).toEqual([
      "word_timestamp",
    ]);
  });

  it("of Lightning v4 is ready at the second word of it", () => {
    expect(read({ event: "ready", session_id: "s" }).isReady).toBe(false);
    expect(read({ event: "ready", sample_rate: 48_000 }).isReady).toBe(true);
    expect(readSpeechFrame(Buffer.alloc(9))).toMatchObject({ isBinary: true, audioBytes: 9 });
  });

  it("may be anything", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), fc.uint8Array()), (data) => {
        const { audioBytes, isFinal } = readSpeechFrame(data);
        expect(audioBytes).toBeGreaterThanOrEqual(0);
        expect(typeof isFinal).toBe("boolean");
      }),
    );
  });
});
