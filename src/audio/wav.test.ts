import { describe, expect, it } from "vitest";
import { createWavEncoder, wavHeader, withWavLength } from "./wav.ts";

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

describe("wavHeader", () => {
  it("writes every field", () => {
    expect(hex(wavHeader(22_050, 1000))).toBe(
      [
        "52494646 0c040000 57415645",
        "666d7420 10000000 0100 0100 22560000 44ac0000 0200 1000",
        "64617461 e8030000",
      ]
        .join(" ")
        .replaceAll(" ", ""),
    );
  });

  it("leaves the lengths open while streaming", () => {
    const header = wavHeader(8000);
    expect(hex(header.subarray(4, 8))).toBe("ffffffff");
    expect(hex(header.subarray(40, 44))).toBe("ffffffff");
  });
});

describe("createWavEncoder", () => {
  it("sends the header once, with the first samples", () => {
    const encoder = createWavEncoder(8000);
    expect(encoder.encode(new Int16Array()).length).toBe(0);
    expect(encoder.encode(Int16Array.of(1, -2)).length).toBe(48);
    expect(encoder.encode(Int16Array.of(3)).length).toBe(2);
    expect(encoder.finish().length).toBe(0);
  });

  it("makes a file of no samples when there were none", () => {
    expect(createWavEncoder(8000).finish()).toEqual(wavHeader(8000));
  });
});

describe("withWavLength", () => {
  it("fills in the lengths and leaves the given bytes alone", () => {
    const encoder = createWavEncoder(8000);
    const file = encoder.encode(Int16Array.of(1, 2, 3));
    const before = hex(file);
    const patched = withWavLength(file);
    expect(patched.subarray(0, 44)).toEqual(wavHeader(8000, 6));
    expect(patched.subarray(44)).toEqual(file.subarray(44));
    expect(hex(file)).toBe(before);
  });

  it("fills in the length of what comes in pieces", () => {
    const beginning = createWavEncoder(8000).encode(Int16Array.of(1, 2, 3));
    expect(withWavLength(beginning, 44 + 1000).subarray(0, 44)).toEqual(wavHeader(8000, 1000));
  });

  it.each([0, 43, 100])("refuses %i bytes that are no WAV file", (length) => {
    expect(() => withWavLength(new Uint8Array(length))).toThrow(RangeError);
  });
});
