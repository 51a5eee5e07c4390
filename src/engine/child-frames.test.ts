import { describe, expect, it } from "vitest";
import {
  BrokenFrameError,
  decodeAnswer,
  encodeAnswer,
  encodeFrame,
  type Frame,
  FrameReader,
} from "./child-frames.ts";
import type { WorkerAnswer } from "./pool-worker.ts";
import type { Pcm } from "./synthesizer.ts";

const piece: Pcm = {
  samples: Int16Array.of(0, -32_768, 32_767),
  alignment: {
    sampleRateHz: 22_050,
    original: {
      chars: ["é", "\u{1f600}", "\ud800", " "],
      endsAtSample: Uint32Array.of(0, 1, 2, 3),
    },
    normalized: { chars: ["a"], endsAtSample: Uint32Array.of(3) },
  },
  synthesisMs: 1.5,
  isOfChild: true,
};

const answers: readonly WorkerAnswer<Pcm>[] = [
  { type: "ready" },
  { type: "ready", info: { voices: ["a", "ß"] } },
  { type: "piece", piece },
  { type: "piece", piece: { samples: piece.samples, alignment: piece.alignment } },
  { type: "done", piece },
  { type: "done" },
  { type: "failed", reason: "no" },
];

/** Reads bytes that come in chunks of one length. */
function readIn(chunkBytes: number, bytes: Buffer): Frame[] {
  const reader = new FrameReader();
  const frames: Frame[] = [];
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    frames.push(...reader.read(bytes.subarray(at, at + chunkBytes)));
  }
  return frames;
}

/** The two lengths of a frame. */
function prefix(headBytes: number, bodyBytes: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32LE(headBytes, 0);
  bytes.writeUInt32LE(bodyBytes, 4);
  return bytes;
}

describe("frames", () => {
  it.each([1, 3, 7, 8, 9, 100, 10_000])("come out as they went in, in chunks of %d", (chunk) => {
    const frames = readIn(chunk, Buffer.concat(answers.map(encodeAnswer)));
    expect(frames.map(decodeAnswer)).toEqual(answers);
  });

  it("hold nothing but their own memory, so that it can be handed on", () => {
    const [frame] = readIn(1000, encodeAnswer({ type: "piece", piece }));
    const answer = decodeAnswer(frame as Frame);
    const samples = "piece" in answer ? answer.piece?.samples : undefined;
    expect(samples?.buffer.byteLength).toBe(6);
  });

  it("wait for the rest of one that has only begun", () => {
    const reader = new FrameReader();
    const bytes = encodeAnswer({ type: "piece", piece });
    expect(reader.read(bytes.subarray(0, -1))).toEqual([]);
    expect(reader.read(bytes.subarray(-1))).toHaveLength(1);
    expect(reader.read(Buffer.alloc(0))).toEqual([]);
  });

  it.each([
    ["a head of gigabytes", prefix(0xffff_ffff, 0)],
    ["a body of gigabytes", prefix(2, 0xffff_ffff)],
    ["no JSON", Buffer.concat([prefix(2, 0), Buffer.from("{]")])],
    ["no object", Buffer.concat([prefix(2, 0), Buffer.from("42")])],
    ["nothing", prefix(0, 0)],
  ])("are broken by %s", (_, bytes) => {
    expect(() => readIn(1000, bytes)).toThrow(BrokenFrameError);
  });

  it("are not made larger than they are read", () => {
    expect(() => encodeFrame({ text: "x".repeat(5_000_000) })).toThrow(BrokenFrameError);
    expect(() => encodeFrame({}, new Uint8Array(513 * 1024 * 1024))).toThrow(BrokenFrameError);
  });

  it.each([
    ["a kind that there is not", { type: "sung" }, 0],
    ["fewer ends than characters", { type: "piece", texts: ["ab", "c"], sampleRateHz: 1 }, 11],
    ["half a sample", { type: "piece", texts: ["a", "c"], sampleRateHz: 1 }, 9],
    ["texts that are none", { type: "piece", texts: [1, 2], sampleRateHz: 1 }, 8],
  ])("are no answer with %s", (_, head, bodyBytes) => {
    const [frame] = readIn(1000, encodeFrame(head, new Uint8Array(bodyBytes)));
    expect(() => decodeAnswer(frame as Frame)).toThrow(Error);
  });
});
