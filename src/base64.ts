import {
  add,
  type Code,
  constant,
  createProgram,
  declareVariables,
  isBelow,
  loadProgram,
  loadVector,
  repeatWhile,
  storeVector,
  vectorCode,
  vectorConstant,
} from "./wasm-assembler.ts";

const parameters = ["input", "inputEnd", "output"] as const;
const vectors = ["bytes", "digits"] as const;
type Variable = (typeof parameters | typeof vectors)[number];

const variables = declareVariables<Variable>(parameters, [], vectors);
const { get, set } = variables;

/** The same four bytes in each quarter. */
const inEachQuarter = (...bytes: readonly number[]): Code =>
  vectorConstant([...bytes, ...bytes, ...bytes, ...bytes]);
const inEachByte = (byte: number): Code => vectorConstant(Array.from({ length: 16 }, () => byte));
const and = (a: Code, b: Code): Code => vectorCode(0x4e, [a, b]);
const or = (...[first = [], ...others]: readonly Code[]): Code =>
  others.reduce((a, b) => vectorCode(0x50, [a, b]), first);
/** Of 32 bits each. */
const shiftLeft = (a: Code, bits: number): Code => vectorCode(0xab, [a, constant(bits)]);
const shiftRight = (a: Code, bits: number): Code => vectorCode(0xad, [a, constant(bits)]);
/** Of bytes. */
const addBytes = (a: Code, b: Code): Code => vectorCode(0x6e, [a, b]);
const subtractDownToZero = (a: Code, b: Code): Code => vectorCode(0x73, [a, b]);
const isLess = (a: Code, b: Code): Code => vectorCode(0x25, [a, b]);
/** Byte `i` becomes the byte of `a` that byte `i` of `places` names. */
const pick = (a: Code, places: Code): Code => vectorCode(0x0e, [a, places]);

const groupBytes = 12;

/** Three bytes as four lots of six bits, the highest first: b, a, c, b makes each lot one shift away. */
const spread = vectorConstant([1, 0, 2, 1, 4, 3, 5, 4, 7, 6, 8, 7, 10, 9, 11, 10]);
const sixBits: Code = or(
  and(shiftRight(get("bytes"), 10), inEachQuarter(0x3f, 0, 0, 0)),
  and(shiftLeft(get("bytes"), 4), inEachQuarter(0, 0x3f, 0, 0)),
  and(shiftRight(get("bytes"), 6), inEachQuarter(0, 0, 0x3f, 0)),
  and(shiftLeft(get("bytes"), 8), inEachQuarter(0, 0, 0, 0x3f)),
);
/** What has to be added to 26..51, to each of 52..61, to 62, to 63 and to 0..25 to get the digit. */
const digitOffsets = vectorConstant(
  [
    "a".charCodeAt(0) - 26,
    ...Array.from({ length: 10 }, () => "0".charCodeAt(0) - 52),
    "+".charCodeAt(0) - 62,
    "/".charCodeAt(0) - 63,
    "A".charCodeAt(0),
    0,
    0,
  ].map((offset) => offset & 0xff),
);
/** 0 for 26..51, 1..12 for 52..63, 13 for 0..25. */
const offsetPlaces: Code = or(
  subtractDownToZero(get("digits"), inEachByte(51)),
  and(isLess(get("digits"), inEachByte(26)), inEachByte(13)),
);

const body: Code = repeatWhile(
  isBelow(get("input"), get("inputEnd")),
  set("bytes", pick(loadVector(get("input"), 0), spread)),
  set("digits", sixBits),
  storeVector(get("output"), addBytes(get("digits"), pick(digitOffsets, offsetPlaces))),
  set("input", add(get("input"), constant(groupBytes))),
  set("output", add(get("output"), constant(16))),
);

const pageBytes = 65_536;
/** A multiple of three, so that parts can be joined. */
const partBytes = 48 * 1024;
/** What goes elsewhere is written here first: a part, and what is written beyond it. */
const stagingAt = pageBytes;
const slabsAt = 3 * pageBytes;

/** As much as a store of the program's writes, of which base64 may end with the first. */
const slackBytes = 16;
/** Memory in which base64 is written where it is to be. What is written beyond its end stays in the slab. */
export const slabs: Readonly<Record<"sizeBytes" | "usableBytes" | "count", number>> = {
  sizeBytes: 2 * pageBytes,
  usableBytes: 2 * pageBytes - slackBytes,
  count: 32,
};

interface Encoder {
  readonly memory: Uint8Array;
  readonly run: (...values: number[]) => void;
}

let encoder: Encoder | undefined;

function createEncoder(): Encoder {
  const sizeBytes = slabsAt + slabs.count * slabs.sizeBytes;
  // It never grows, which would take it away from those who have slabs of it.
  const memory = new WebAssembly.Memory({ initial: sizeBytes / pageBytes });
  const run = loadProgram(createProgram(variables, body), memory);
  return { memory: new Uint8Array(memory.buffer), run };
}

/** Room for one slab after another; not to be called twice. */
export function takeSlabs(): Buffer[] {
  const { buffer } = (encoder ??= createEncoder()).memory;
  return Array.from({ length: slabs.count }, (_, index) =>
    Buffer.from(buffer, slabsAt + index * slabs.sizeBytes, slabs.sizeBytes),
  );
}

export const isSlab = ({ buffer }: Uint8Array): boolean => buffer === encoder?.memory.buffer;

/** How long base64 is (RFC 4648 section 4), with its padding. */
export const base64Length = (sizeBytes: number): number => Math.ceil(sizeBytes / 3) * 4;

const padding = 0x3d;

/**
 * Writes base64 into memory, which Node cannot: it makes a string, and tens of kilobytes of
 * garbage for each frame cost five times as much as the base64. In a slab a few bytes behind it are
 * overwritten; elsewhere nothing is, but it is copied once more.
 */
export function writeBase64(bytes: Uint8Array, target: Uint8Array, targetAt: number): void {
  const { memory, run } = (encoder ??= createEncoder());
  const isInPlace = isSlab(target);
  let at = targetAt;
  for (let from = 0; from < bytes.length; from += partBytes) {
    const part = bytes.length > partBytes ? bytes.subarray(from, from + partBytes) : bytes;
    memory.set(part);
    // What is missing of the last three bytes counts as zeros.
    memory.fill(0, part.length, part.length + 2);
    const length = base64Length(part.length);
    if (isInPlace) {
      run(0, part.length, target.byteOffset + at);
    } else {
      run(0, part.length, stagingAt);
      target.set(memory.subarray(stagingAt, stagingAt + length), at);
    }
    at += length;
  }
  const missing = (3 - (bytes.length % 3)) % 3;
  target.fill(padding, at - missing, at);
}
