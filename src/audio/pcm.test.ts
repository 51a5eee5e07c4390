import { expect, it } from "vitest";
import { encodePcm, toInt16 } from "./pcm.ts";

it("writes the low byte first", () => {
  expect([...encodePcm(Int16Array.of(0x0102, -2))]).toEqual([0x02, 0x01, 0xfe, 0xff]);
});

it("copies only the samples it is given, even from the middle of a buffer", () => {
  const samples = Int16Array.of(1, 2, 3, 4);
  const bytes = encodePcm(samples.subarray(1, 3));
  samples.fill(0);
  expect([...bytes]).toEqual([2, 0, 3, 0]);
  expect(bytes.buffer.byteLength).toBe(4);
});

it("rounds and saturates instead of wrapping around", () => {
  const floats = Float32Array.of(0.4, 0.6, -0.6, 32_767.4, 32_768, 1e9, -32_768, -32_769, -1e9);
  expect([...toInt16(floats)]).toEqual([
    0, 1, -1, 32_767, 32_767, 32_767, -32_768, -32_768, -32_768,
  ]);
});

it("rounds halves up, as Math.round does", () => {
  expect([...toInt16(Float32Array.of(0.5, 1.5, -0.5, -1.5, -32_768.5))]).toEqual([
    1, 2, 0, -1, -32_768,
  ]);
});
