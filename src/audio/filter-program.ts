import {
  add,
  type Code,
  constant,
  createProgram,
  declareVariables,
  isBelow,
  isNotBelow,
  loadVector,
  repeatWhile,
  subtract,
  vectorBytes,
  vectorCode,
  vectorConstant,
  when,
} from "../wasm-assembler.ts";

/** What the inner loop of the resampler is called with, in order. Pointers and steps are in bytes. */
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
type Variable = (typeof parameters | typeof pointers | typeof vectors)[number];

const variables = declareVariables<Variable>(parameters, pointers, vectors);
const { get, set } = variables;

const floatBytes = 4;
const zeroVector = vectorConstant(Array.from({ length: vectorBytes }, () => 0));
/** Four floats at a time. */
const addVectors = (a: Code, b: Code): Code => vectorCode(0xe4, [a, b]);
const multiplyVectors = (a: Code, b: Code): Code => vectorCode(0xe6, [a, b]);
const lane = (vector: Code, index: number): Code => vectorCode(0x1f, [vector], index);
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

/** The module of the inner loop. */
export const createFilterProgram = (): WebAssembly.Module => createProgram(variables, body);

/** Calls the loaded module. */
export function runFilter(run: (...values: number[]) => void, call: FilterCall): void {
  run(...parameters.map((parameter) => call[parameter]));
}
