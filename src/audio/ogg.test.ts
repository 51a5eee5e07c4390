import { describe, expect, it } from "vitest";
import { oggChecksum, oggPage } from "./ogg.ts";

const bytesOf = (length: number) => Uint8Array.from({ length }, (_, index) => index);

const pageOf = (packets: Uint8Array[]) => oggPage({ serial: 1, sequence: 1, granule: 0, packets });

const flagsOf = (sequence: number, last: boolean) =>
  oggPage({ serial: 1, sequence, granule: 0, packets: [], last }).at(5);

describe("oggPage", () => {
  it("writes every field", () => {
    const page = oggPage({ serial: 0x01020304, sequence: 7, granule: 960, packets: [bytesOf(3)] });
    expect(Buffer.from(page.subarray(0, 22)).toString("hex")).toBe(
      ["4f676753", "00", "00", "c003000000000000", "04030201", "07000000"].join(""),
    );
    expect([...page.subarray(26)]).toEqual([1, 3, 0, 1, 2]);
  });

  it("marks the first and the last page", () => {
    expect([flagsOf(0, false), flagsOf(1, false), flagsOf(1, true), flagsOf(0, true)]).toEqual([
      2, 0, 4, 6,
    ]);
  });

  it.each([
    [0, [0]],
    [254, [254]],
    [255, [255, 0]],
    [256, [255, 1]],
    [510, [255, 255, 0]],
  ])("laces a packet of %i bytes", (length, lacing) => {
    const page = pageOf([bytesOf(length)]);
    expect([...page.subarray(26, 27 + lacing.length)]).toEqual([lacing.length, ...lacing]);
    expect(page.length).toBe(27 + lacing.length + length);
  });

  it("holds 255 segments and no more", () => {
    const full = Array.from({ length: 255 }, () => bytesOf(1));
    expect(pageOf(full).length).toBe(27 + 255 + 255);
    expect(() => pageOf([...full, bytesOf(1)])).toThrow(RangeError);
  });

  it("counts positions beyond 32 bits", () => {
    const page = oggPage({ serial: 1, sequence: 1, granule: 2 ** 40 + 5, packets: [] });
    expect(new DataView(page.buffer).getBigInt64(6, true)).toBe(2n ** 40n + 5n);
  });
});

describe("oggChecksum", () => {
  it("divides by the polynomial", () => {
    expect(oggChecksum(Uint8Array.of(1))).toBe(0x04c11db7);
    expect(oggChecksum(new TextEncoder().encode("123456789"))).toBe(0x89a1897f);
  });

  it("is in the page, computed over a zero field", () => {
    const page = oggPage({ serial: 9, sequence: 2, granule: 1, packets: [bytesOf(300)] });
    const stored = new DataView(page.buffer).getUint32(22, true);
    page.fill(0, 22, 26);
    expect(oggChecksum(page)).toBe(stored);
  });
});
