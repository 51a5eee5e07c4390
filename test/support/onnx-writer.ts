import { bytesField, messageField, numberField } from "../../src/engine/sherpa/protobuf.ts";
import { encodeMetadata } from "../../src/engine/sherpa/onnx-metadata.ts";

/** A tensor of the graph: what ONNX calls an initializer. */
export interface Constant {
  readonly name: string;
  readonly dims: readonly number[];
  readonly data: Float32Array | BigInt64Array;
}

/** One operation of a graph. */
export interface Operation {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, number | readonly number[]>>;
}

/** What goes into a graph or comes out of it; a name stands for a length that is not known. */
export interface GraphValue {
  readonly name: string;
  readonly type: "float" | "int64";
  readonly dims: readonly (number | string)[];
}

/** A model that does something. */
export interface Graph {
  readonly inputs: readonly GraphValue[];
  readonly outputs: readonly GraphValue[];
  readonly constants: readonly Constant[];
  readonly operations: readonly Operation[];
  readonly metadata: Readonly<Record<string, string>>;
}

/** As ONNX numbers the types of elements and of attributes. */
export const elementTypes = { float: 1, int64: 7 } as const;
const attributeTypes = { float: 1, int: 2, ints: 7 } as const;

/** Writes a graph as an ONNX file of operator set 13. */
export function encodeOnnx({ inputs, outputs, constants, operations, metadata }: Graph): Buffer {
  return Buffer.concat([
    numberField(1, 8),
    messageField(7, [
      ...operations.map((operation) => messageField(1, encodeOperation(operation))),
      bytesField(2, "fixture"),
      ...constants.map((constant) => messageField(5, encodeConstant(constant))),
      ...inputs.map((value) => messageField(11, encodeValue(value))),
      ...outputs.map((value) => messageField(12, encodeValue(value))),
    ]),
    messageField(8, [bytesField(1, ""), numberField(2, 13)]),
    encodeMetadata(metadata),
  ]);
}

function encodeOperation({ op, inputs, outputs, attributes = {} }: Operation): Buffer[] {
  return [
    ...inputs.map((name) => bytesField(1, name)),
    ...outputs.map((name) => bytesField(2, name)),
    bytesField(4, op),
    ...Object.entries(attributes).map(([name, value]) =>
      messageField(5, [bytesField(1, name), ...encodeAttribute(value)]),
    ),
  ];
}

/** Numbers that are not whole are floats. */
function encodeAttribute(value: number | readonly number[]): Buffer[] {
  if (typeof value !== "number") {
    return [...value.map((each) => numberField(8, each)), numberField(20, attributeTypes.ints)];
  }
  if (Number.isInteger(value)) return [numberField(3, value), numberField(20, attributeTypes.int)];
  return [floatField(2, value), numberField(20, attributeTypes.float)];
}

/** A field of four bytes: wire type 5. */
function floatField(number: number, value: number): Buffer {
  const bytes = Buffer.alloc(5);
  bytes.writeUInt8(number * 8 + 5, 0);
  bytes.writeFloatLE(value, 1);
  return bytes;
}

function encodeConstant({ name, dims, data }: Constant): Buffer[] {
  const type = data instanceof Float32Array ? elementTypes.float : elementTypes.int64;
  return [
    ...dims.map((dim) => numberField(1, dim)),
    numberField(2, type),
    bytesField(8, name),
    bytesField(9, Buffer.from(data.buffer, data.byteOffset, data.byteLength)),
  ];
}

function encodeValue({ name, type, dims }: GraphValue): Buffer[] {
  const shape = dims.map((dim) =>
    messageField(1, [typeof dim === "number" ? numberField(1, dim) : bytesField(2, dim)]),
  );
  const tensor = messageField(1, [numberField(1, elementTypes[type]), messageField(2, shape)]);
  return [bytesField(1, name), messageField(2, [tensor])];
}

export const floats = (
  name: string,
  dims: readonly number[],
  data: readonly number[],
): Constant => ({
  name,
  dims,
  data: Float32Array.from(data),
});
export const integers = (
  name: string,
  dims: readonly number[],
  data: readonly number[],
): Constant => ({
  name,
  dims,
  data: BigInt64Array.from(data, BigInt),
});
