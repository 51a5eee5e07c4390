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

it("whole numbers are written as JSON.stringify writes them", () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.nat(2_000_000), fc.maxSafeInteger())), (values) => {
      expect(written((json) => json.integers(values))).toBe(JSON.stringify(values));
    }),
  );
  const edges = [0, 9, 10, 99, 100, 999_999, 1_000_000, -1, Number.MIN_SAFE_INTEGER];
  expect(written((json) => json.integers(edges))).toBe(JSON.stringify(edges));
});

it("what is written in turn stands in a row, also where the memory has to grow", () => {
  const json = new JsonBytes();
  const long = "é".repeat(10_000);
  json.raw('{"a":');
  json.integers([1, 2]);
  json.raw(`,"b":"${long}"}`);
  expect(JSON.parse(textOf(json))).toEqual({ a: [1, 2], b: long });
  json.clear();
  expect(textOf(json)).toBe("");
});
