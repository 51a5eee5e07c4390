import { describe, expect, it } from "vitest";
import { decodeALaw, decodeMuLaw, encodeALaw, encodeMuLaw } from "./g711.ts";

const everySample = Int16Array.from({ length: 0x10000 }, (_, index) => index - 0x8000);

interface Law {
  name: string;
  encode: (samples: Int16Array) => Uint8Array;
  decodeAll: (codes: Uint8Array) => Int16Array;
  decode: (code: number) => { value: number; halfStep: number };
  loudest: number;
  known: readonly (readonly [sample: number, code: number])[];
}

/** G.711's decoding side is written from its tables: value and half a step, in 16-bit units. */
const laws: Law[] = [
  {
    name: "µ-law",
    encode: encodeMuLaw,
    decodeAll: decodeMuLaw,
    loudest: 32_635,
    decode: (code) => {
      const bits = ~code & 0xff;
      const step = 8 << ((bits >> 4) & 7);
      const magnitude = ((bits & 15) + 16.5) * step - 132;
      return { value: bits & 0x80 ? -magnitude : magnitude, halfStep: step / 2 };
    },
    known: [
      [0, 0xff],
      [3, 0xff],
      [4, 0xfe],
      [-4, 0x7e],
      [1000, 0xce],
      [-1000, 0x4e],
      [32_767, 0x80],
      [-32_768, 0x00],
    ],
  },
  {
    name: "A-law",
    encode: encodeALaw,
    decodeAll: decodeALaw,
    loudest: 32_767,
    decode: (code) => {
      const bits = code ^ 0x55;
      const segment = (bits >> 4) & 7;
      const step = 16 << Math.max(segment - 1, 0);
      const magnitude = ((bits & 15) + (segment > 0 ? 16.5 : 0.5)) * step;
      return { value: bits & 0x80 ? magnitude : -magnitude, halfStep: step / 2 };
    },
    known: [
      [0, 0xd5],
      [-1, 0x55],
      [15, 0xd5],
      [16, 0xd4],
      [1000, 0xfa],
      [-1000, 0x7a],
      [32_767, 0xaa],
      [-32_768, 0x2a],
    ],
  },
];

describe.each(laws)("$name", ({ encode, decodeAll, decode, loudest, known }) => {
  it.each(known)("codes %i", (sample, code) => {
    expect(encode(Int16Array.of(sample))[0]).toBe(code);
  });

  it("is nowhere further off than half its step", () => {
    const codes = encode(everySample);
    const worst = everySample.findIndex((sample, index) => {
      const { value, halfStep } = decode(codes.at(index)!);
      return Math.abs(sample) <= loudest && Math.abs(value - sample) > halfStep;
    });
    expect(worst).toBe(-1);
  });

  it("never falls when the sample rises", () => {
    const values = [...encode(everySample)].map((code) => decode(code).value);
    expect(values.every((value, index) => index === 0 || value >= values.at(index - 1)!)).toBe(
      true,
    );
  });

  it("decodes every code to the middle of its step", () => {
    const codes = Uint8Array.from({ length: 256 }, (_, code) => code);
    expect([...decodeAll(codes)]).toEqual([...codes].map((code) => decode(code).value + 0));
  });

  it("uses every code", () => {
    expect(new Set(encode(everySample)).size).toBe(256);
  });
});
