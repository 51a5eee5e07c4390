import fc from "fast-check";
import { expect, it } from "vitest";
import { JsonBytes } from "./json-bytes.ts";

const textOf = (json: JsonBytes): string => Buffer.from(json.slice(0)).toString("utf8");

const written = (write: (json: JsonBytes) => void): string => {
  const json = new JsonBytes();
  write(json);
  return textOf(json);
};

it("strings are written as JSON.stringify writes them", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: "binary", maxLength: 3 })), (values) => {
      expect(written((json) => json.strings(values))).toBe(JSON.stringify(values));
    }),
  );
});

it("every unit of UTF-16 is written as JSON.stringify writes it", () => {
  const units = Array.from({ length: 0x10000 }, (_, unit) => String.fromCharCode(unit));
  expect(written((json) => json.strings(units))).toBe(JSON.stringify(units));
});

const integers = (values: readonly number[]): string =>
  written((json) => json.integers(values.length, (index) => values[index]!));

it("whole numbers are written as JSON.stringify writes them", () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.nat(2_000_000), fc.maxSafeInteger())), (values) => {
      expect(integers(values)).toBe(JSON.stringify(values));
    }),
  );
  const edges = [0, 9, 10, 99, 100, 999_999, 1_000_000, -1, Number.MIN_SAFE_INTEGER];
  expect(integers(edges)).toBe(JSON.stringify(edges));
});

it("what is written in turn stands in a row, also where the memory has to grow", () => {
  const json = new JsonBytes();
  const long = "é".repeat(10_000);
  json.raw('{"a":');
  json.integers(2, (index) => index + 1);
  json.raw(`,"b":"${long}"}`);
  expect(JSON.parse(textOf(json))).toEqual({ a: [1, 2], b: long });
  json.clear();
  expect(textOf(json)).toBe("");
});

it("what was written can be written once more, also where the memory has to grow", () => {
  const text = `"${"x".repeat(3000)}"`;
  const json = new JsonBytes();
  json.raw("[");
  json.raw(text);
  json.raw(",");
  json.again(1, 1 + text.length);
  json.raw("]");
  expect(textOf(json)).toBe(`[${text},${text}]`);
});
