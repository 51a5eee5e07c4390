/**
 * Puts together small WebAssembly modules of one function, for the few loops that JavaScript is too
 * slow for: it has no vector instructions. All CPUs of the last 15 years have what they need.
 * Opcodes are from the WebAssembly specification 2.0, chapter 5.4.
 */

export type Code = readonly number[];

/** Bytes of a vector. */
export const vectorBytes = 16;

const valueTypes = { i32: 0x7f, v128: 0x7b } as const;

/** The variables of one function: what it is called with, all numbers, and its own. */
export interface Variables<Name extends string> {
  readonly get: (name: Name) => Code;
  readonly set: (name: Name, value: Code) => Code;
  /** Parameters in the order of the call. */
  readonly parameters: readonly Name[];
  readonly locals: Code;
}

export function declareVariables<Name extends string>(
  parameters: readonly Name[],
  numbers: readonly Name[],
  vectors: readonly Name[],
): Variables<Name> {
  const names = [...parameters, ...numbers, ...vectors];
  return {
    get: (name) => [0x20, names.indexOf(name)],
    set: (name, value) => [...value, 0x21, names.indexOf(name)],
    parameters,
    locals: list([
      [numbers.length, valueTypes.i32],
      [vectors.length, valueTypes.v128],
    ]),
  };
}

/** 0..63: larger constants take more than one byte. */
export const constant = (value: number): Code => [0x41, value];
export const add = (a: Code, b: Code): Code => [...a, ...b, 0x6a];
export const subtract = (a: Code, b: Code): Code => [...a, ...b, 0x6b];
export const isBelow = (a: Code, b: Code): Code => [...a, ...b, 0x49];
export const isNotBelow = (a: Code, b: Code): Code => [...a, ...b, 0x4f];
export const repeatWhile = (condition: Code, ...body: Code[]): Code => [
  ...[0x03, 0x40, ...body.flat()],
  ...[...condition, 0x0d, 0, 0x0b],
];
export const when = (condition: Code, ...body: Code[]): Code => [
  ...[...condition, 0x04, 0x40],
  ...[...body.flat(), 0x0b],
];

/** An instruction on vectors, with all that goes onto the stack before it. */
export const vectorCode = (
  opcode: number,
  operands: readonly Code[],
  ...immediate: number[]
): Code => [...operands.flat(), ...[0xfd, ...unsigned(opcode), ...immediate]];
/** A vector of 16 bytes. */
export const vectorConstant = (bytes: readonly number[]): Code => vectorCode(0x0c, [], ...bytes);
/** Sixteen bytes; they may lie anywhere. `offset` is 0..127. */
export const loadVector = (pointer: Code, offset: number): Code =>
  vectorCode(0x00, [pointer], 0, offset);
export const storeVector = (pointer: Code, value: Code): Code =>
  vectorCode(0x0b, [pointer, value], 0, 0);

/** A number of any size: seven bits a byte, the lowest first. */
function unsigned(value: number): Code {
  return value < 128 ? [value] : [(value & 127) | 128, ...unsigned(value >>> 7)];
}
function list(items: readonly Code[]): Code {
  return [...unsigned(items.length), ...items.flat()];
}
const sized = (content: Code): Code => [...unsigned(content.length), ...content];
const name = (text: string): Code => sized([...Buffer.from(text)]);
const section = (id: number, ...items: Code[]): Code => [id, ...sized(list(items))];

/** The module: imports the memory `own.memory`, exports the function `run`. */
export function createProgram(
  { parameters, locals }: Pick<Variables<string>, "parameters" | "locals">,
  body: Code,
): WebAssembly.Module {
  return new WebAssembly.Module(
    Uint8Array.from([
      ...[...Buffer.from("\0asm"), 1, 0, 0, 0],
      ...section(1, [0x60, ...list(parameters.map(() => [valueTypes.i32])), ...list([])]),
      ...section(2, [...name("own"), ...name("memory"), 0x02, 0, 1]),
      ...section(3, [0]),
      ...section(7, [...name("run"), 0x00, 0]),
      ...section(10, sized([...locals, ...body, 0x0b])),
    ]),
  );
}

/** Gives the function of a module, as it works on `memory`. */
export function loadProgram(
  program: WebAssembly.Module,
  memory: WebAssembly.Memory,
): (...values: number[]) => void {
  const { exports } = new WebAssembly.Instance(program, { own: { memory } });
  return exports["run"] as (...values: number[]) => void;
}
