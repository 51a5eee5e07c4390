import { expect, it } from "vitest";
import { createTurnId } from "./identifiers.ts";

it("ids of turns have 20 letters and digits and sort by time", () => {
  const moments = [0, 1, 61, 62, 1_000_000_000_000, 1_763_692_200_000, 1_763_692_200_001, 9e12];
  const ids = moments.map(createTurnId);
  expect(ids.every((id) => /^[A-Za-z0-9]{20}$/.test(id))).toBe(true);
  expect(ids.toSorted((a, b) => (a < b ? -1 : 1))).toEqual(ids);
});

it("ids of one moment differ", () => {
  expect(new Set(Array.from({ length: 1000 }, () => createTurnId(5))).size).toBe(1000);
});
