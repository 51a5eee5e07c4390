import type { Encoder } from "./codec.ts";

/** One byte for each 16-bit sample, indexed by the sample's two's complement bits. */
function tabulate(code: (sample: number) => number): Uint8Array {
  const table = new Uint8Array(0x10000);
  for (let bits = 0; bits < table.length; bits++) table[bits] = code((bits << 16) >> 16);
  return table;
}

/** The three-bit segment of a magnitude below 32768: which power of two from 256 up it has reached. */
function segmentOf(magnitude: number): number {
  return magnitude < 256 ? 0 : 24 - Math.clz32(magnitude);
}

function muLawCode(sample: number): number {
  // The bias puts every segment's start on a power of two; the clip keeps the sum below 32768.
  const magnitude = Math.min(Math.abs(sample), 32635) + 132;
  const segment = segmentOf(magnitude);
  const step = (magnitude >> (segment + 3)) & 0x0f;
  return ~((sample < 0 ? 0x80 : 0) | (segment << 4) | step);
}

function aLawCode(sample: number): number {
  // Ones' complement: A-law has no zero, -1 is the smallest negative value as 0 is the smallest positive.
  const magnitude = sample < 0 ? ~sample : sample;
  const segment = segmentOf(magnitude);
  // The two lowest segments share one step size.
  const step = (magnitude >> (Math.max(segment, 1) + 3)) & 0x0f;
  return ((sample < 0 ? 0 : 0x80) | (segment << 4) | step) ^ 0x55;
}

const muLawTable = tabulate(muLawCode);
const aLawTable = tabulate(aLawCode);

function lookUp(table: Uint8Array, samples: Int16Array): Uint8Array {
  const codes = new Uint8Array(samples.length);
  for (let i = 0; i < samples.length; i++) codes[i] = table[samples[i]! & 0xffff]!;
  return codes;
}

/** µ-law bytes `[samples]`, the sign-magnitude code with all bits inverted. ITU-T G.711, table 2. */
export function encodeMuLaw(samples: Int16Array): Uint8Array {
  return lookUp(muLawTable, samples);
}

/** A-law bytes `[samples]`, with the even bits inverted. ITU-T G.711, table 1. */
export function encodeALaw(samples: Int16Array): Uint8Array {
  return lookUp(aLawTable, samples);
}

function muLawSample(code: number): number {
  const bits = ~code;
  const magnitude = ((((bits & 0x0f) << 3) + 132) << ((bits >> 4) & 7)) - 132;
  return (bits & 0x80) === 0 ? magnitude : -magnitude;
}

function aLawSample(code: number): number {
  const bits = code ^ 0x55;
  const segment = (bits >> 4) & 7;
  // The middle of the step; from the second segment on its first bit is not written down.
  const step = ((bits & 0x0f) << 4) + (segment === 0 ? 8 : 0x108);
  const magnitude = step << Math.max(0, segment - 1);
  return (bits & 0x80) === 0 ? -magnitude : magnitude;
}

const muLawSamples = Int16Array.from({ length: 256 }, (_, code) => muLawSample(code));
const aLawSamples = Int16Array.from({ length: 256 }, (_, code) => aLawSample(code));

/** Samples `[codes]` of µ-law bytes, each the middle of what its code stands for. */
export function decodeMuLaw(codes: Uint8Array): Int16Array {
  return Int16Array.from(codes, (code) => muLawSamples[code]!);
}

/** Samples `[codes]` of A-law bytes, each the middle of what its code stands for. */
export function decodeALaw(codes: Uint8Array): Int16Array {
  return Int16Array.from(codes, (code) => aLawSamples[code]!);
}

/** A stateless encoder of bare µ-law bytes. */
export function createMuLawEncoder(): Encoder {
  return { encode: encodeMuLaw, finish: () => new Uint8Array() };
}

/** A stateless encoder of bare A-law bytes. */
export function createALawEncoder(): Encoder {
  return { encode: encodeALaw, finish: () => new Uint8Array() };
}
