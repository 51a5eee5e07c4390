import { expect, it } from "vitest";
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
  expect(other.allocate(1).buffer).toBe(first.buffer);
  expect(memory.allocate(1).buffer).not.toBe(first.buffer);
});

it("a frame for which there is no room has memory of its own", () => {
  const memory = new FrameMemory();
  const small = memory.allocate(10);
  const large = memory.allocate(1024 * 1024);
  expect(large).toHaveLength(1024 * 1024);
  expect(large.buffer).not.toBe(small.buffer);
});
