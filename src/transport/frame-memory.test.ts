import { expect, it } from "vitest";
import { isSlab } from "../base64.ts";
import { FrameMemory } from "./frame-memory.ts";

it("frames on their way never share memory, and released memory is used again", () => {
  const memory = new FrameMemory();
  const first = memory.allocate(1000);
  const second = memory.allocate(2000);
  first.fill(1);
  second.fill(2);
  expect(first.every((byte) => byte === 1)).toBe(true);
  memory.release();
  const other = new FrameMemory();
  expect(other.allocate(1).byteOffset).toBe(first.byteOffset);
  expect(memory.allocate(1).byteOffset).not.toBe(first.byteOffset);
});

it("a frame for which there is no room has memory of its own", () => {
  const memory = new FrameMemory();
  const small = memory.allocate(10);
  const large = memory.allocate(1024 * 1024);
  expect(large).toHaveLength(1024 * 1024);
  expect(large.buffer).not.toBe(small.buffer);
});

it("memory is lent to many at once, and the best of it is used again", () => {
  const many = Array.from({ length: 200 }, () => new FrameMemory());
  const lent = many.map((memory) => memory.allocate(1000));
  lent.forEach((frame, index) => frame.fill(index));
  lent.forEach((frame, index) => expect(frame.every((byte) => byte === index)).toBe(true));
  for (const memory of many) memory.release();
  const again = Array.from({ length: 200 }, () => new FrameMemory().allocate(1000));
  const inSlabs = (frames: readonly Buffer[]): number => frames.filter(isSlab).length;
  expect(inSlabs(again)).toBe(inSlabs(lent));
});
