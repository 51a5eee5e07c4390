/**
 * The inner loop of the resampler as a WebAssembly module of one function, because JavaScript has no
 * vector instructions: this takes a tenth of the time. All CPUs of the last 15 years have what it needs.
 * Opcodes are from the WebAssembly specification 2.0, chapter 5.4.
 */

type Code = readonly number[];

/** What the function is called with, in order. Pointers and steps are in bytes. */
export interface FilterCall {
  /** The first input of the first output. */
  readonly input: number;
  /** The weights of phase 0; those of the other phases follow. */
  readonly weights: number;
  /** Where the weights of the last phase end. */
  readonly weightsEnd: number;
  /** The weights of the first output. */
  readonly row: number;
  /** The length of the weights of one phase, a multiple of eight floats. */
  readonly rowBytes: number;
  /** How far input and row move from one output to the next. */
  readonly inputStep: number;
  readonly rowStep: number;
  readonly output: number;
  /** After the last output; there must be at least one. */
  readonly outputEnd: number;
}

const parameters = [
  "input",
  "weights",
  "weightsEnd",
  "row",
  "rowBytes",
  "inputStep",
  "rowStep",
  "output",
  "outputEnd",
] as const satisfies readonly (keyof FilterCall)[];

const pointers = ["sample", "weight", "weightEnd"] as const;
const vectors = ["sum0", "sum1"] as const;
const variables = [...parameters, ...pointers, ...vectors];
type Variable = (typeof variables)[number];

const vectorBytes = 16;
const floatBytes = 4;

const get = (name: Variable): Code => [0x20, variables.indexOf(name)];
const set = (name: Variable, value: Code): Code => [...value, 0x21, variables.indexOf(name)];
/** 0..63: larger constants take more than one byte. */
const constant = (value: number): Code => [0x41, value];
const add = (a: Code, b: Code): Code => [...a, ...b, 0x6a];
const subtract = (a: Code, b: Code): Code => [...a, ...b, 0x6b];
const isBelow = (a: Code, b: Code): Code => [...a, ...b, 0x49];
const isNotBelow = (a: Code, b: Code): Code => [...a, ...b, 0x4f];
const repeatWhile = (condition: Code, ...body: Code[]): Code => [
  ...[0x03, 0x40, ...body.flat()],
  ...[...condition, 0x0d, 0, 0x0b],
];
const when = (condition: Code, ...body: Code[]): Code => [
  ...[...condition, 0x04, 0x40],
  ...[...body.flat(), 0x0b],
];
const zeroVector: Code = [0xfd, 0x0c, ...Array.from({ length: vectorBytes }, () => 0)];
/** Four floats; they need not be aligned to more than a float. */
const loadVector = (pointer: Code, offset: number): Code => [...pointer, 0xfd, 0x00, 2, offset];
const addVectors = (a: Code, b: Code): Code => [...a, ...b, 0xfd, 0xe4, 0x01];
const multiplyVectors = (a: Code, b: Code): Code => [...a, ...b, 0xfd, 0xe6, 0x01];
const lane = (vector: Code, index: number): Code => [...vector, 0xfd, 0x1f, index];
const addFloats = (a: Code, b: Code): Code => [...a, ...b, 0x92];
const storeFloat = (pointer: Code, value: Code): Code => [...pointer, ...value, 0x38, 2, 0];

/** `sum += weight[offset..] * sample[offset..]`. */
const accumulate = (sum: Variable, offset: number): Code =>
  set(
    sum,
    addVectors(
      get(sum),
      multiplyVectors(loadVector(get("weight"), offset), loadVector(get("sample"), offset)),
    ),
  );

const body: Code = repeatWhile(
  isBelow(get("output"), get("outputEnd")),
  set("sample", get("input")),
  set("weight", get("row")),
  set("weightEnd", add(get("row"), get("rowBytes"))),
  // Two sums, because each addition has to wait for the one before it.
  set("sum0", zeroVector),
  set("sum1", zeroVector),
  repeatWhile(
    isBelow(get("weight"), get("weightEnd")),
    accumulate("sum0", 0),
    accumulate("sum1", vectorBytes),
    set("sample", add(get("sample"), constant(2 * vectorBytes))),
    set("weight", add(get("weight"), constant(2 * vectorBytes))),
  ),
  set("sum0", addVectors(get("sum0"), get("sum1"))),
  storeFloat(
    get("output"),
    addFloats(
      addFloats(lane(get("sum0"), 0), lane(get("sum0"), 1)),
      addFloats(lane(get("sum0"), 2), lane(get("sum0"), 3)),
    ),
  ),
  set("output", add(get("output"), constant(floatBytes))),
  set("input", add(get("input"), get("inputStep"))),
  set("row", add(get("row"), get("rowStep"))),
  when(
    isNotBelow(get("row"), get("weightsEnd")),
    set("row", add(get("weights"), subtract(get("row"), get("weightsEnd")))),
    set("input", add(get("input"), constant(floatBytes))),
  ),
);

const valueTypes = { i32: 0x7f, v128: 0x7b } as const;

/** A number of any size: seven bits a byte, the lowest first. */
const unsigned = (value: number): Code =>
  value < 128 ? [value] : [(value & 127) | 128, ...unsigned(value >>> 7)];
const list = (items: readonly Code[]): Code => [...unsigned(items.length), ...items.flat()];
const sized = (content: Code): Code => [...unsigned(content.length), ...content];
const name = (text: string): Code => sized([...Buffer.from(text)]);
const section = (id: number, ...items: Code[]): Code => [id, ...sized(list(items))];

/** The module: imports the memory `filter.memory`, exports the function `run`. */
export function createFilterProgram(): WebAssembly.Module {
  const locals = list([
    [pointers.length, valueTypes.i32],
    [vectors.length, valueTypes.v128],
  ]);
  return new WebAssembly.Module(
    Uint8Array.from([
      ...[...Buffer.from("\0asm"), 1, 0, 0, 0],
      ...section(1, [0x60, ...list(parameters.map(() => [valueTypes.i32])), ...list([])]),
      ...section(2, [...name("filter"), ...name("memory"), 0x02, 0, 1]),
      ...section(3, [0]),
      ...section(7, [...name("run"), 0x00, 0]),
      ...section(10, sized([...locals, ...body, 0x0b])),
    ]),
  );
}

/** Calls `run` of an instance of the module. */
export function runFilter(instance: WebAssembly.Instance, call: FilterCall): void {
  const run = instance.exports["run"] as (...values: number[]) => void;
  run(...parameters.map((parameter) => call[parameter]));
}
