import fc from "fast-check";
import { expect, it } from "vitest";
import { base64Length, slabs, takeSlabs, writeBase64 } from "./base64.ts";

function encode(bytes: Uint8Array): string {
  const target = new Uint8Array(base64Length(bytes.length) + 7).fill(0x2e);
  writeBase64(bytes, target, 3);
  const text = Buffer.from(target).toString("latin1");
  expect(text.slice(0, 3) + text.slice(-4)).toBe(".......");
  return text.slice(3, -4);
}

it("writes what Node writes, of any bytes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      expect(encode(bytes)).toBe(Buffer.from(bytes).toString("base64"));
    }),
    { numRuns: 500 },
  );
});

it("knows every digit in every place", () => {
  const bytes = Buffer.from(Array.from({ length: 3 * 65_536 }, (_, index) => (index * 167) >> 3));
  expect(encode(bytes) === bytes.toString("base64")).toBe(true);
});

it.each([0, 1, 2, 3, 49_151, 49_152, 49_153, 98_304, 150_001])("takes %d bytes", (length) => {
  const bytes = Buffer.from(Array.from({ length }, (_, index) => index * 31 + (index >> 7)));
  expect(encode(bytes) === bytes.toString("base64")).toBe(true);
});

it("writes in place what is to be in a slab, and nothing into another one", () => {
  const [first, second, third] = takeSlabs() as [Buffer, Buffer, Buffer];
  for (const slab of [first, second, third]) slab.fill(0x2e);
  for (const length of [0, 1, 2, 3, 30_001, 60_000]) {
    const bytes = Buffer.from(Array.from({ length }, (_, index) => index * 29 + (index >> 7)));
    const sizeBytes = base64Length(length);
    const target = second.subarray(slabs.usableBytes - sizeBytes, slabs.usableBytes);
    writeBase64(bytes, target, 0);
    expect(target.toString("latin1") === bytes.toString("base64")).toBe(true);
    const before = second.subarray(0, target.byteOffset - second.byteOffset).at(-1);
    expect([before, first.at(-1), third[0]]).toEqual([0x2e, 0x2e, 0x2e]);
    second.fill(0x2e);
  }
});
