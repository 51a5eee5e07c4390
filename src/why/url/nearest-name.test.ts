import { describe, expect, it } from "vitest";
import { editDistance, nearestName } from "./nearest-name.ts";

describe("editDistance", () => {
  it.each([
    ["", "", 0],
    ["timeout", "timeout", 0],
    ["timeout", "", 7],
    ["", "ab", 2],
    ["timout", "timeout", 1],
    ["timeoutt", "timeout", 1],
    ["tineout", "timeout", 1],
    ["tiemout", "timeout", 1],
    ["kitten", "sitting", 3],
  ])("of %j and %j is %d", (from, to, distance) => {
    expect(editDistance(from, to)).toBe(distance);
    expect(editDistance(to, from)).toBe(distance);
  });
});

describe("nearestName", () => {
  const names = ["inactivity_timeout", "model_id", "seed"];
  it.each([
    ["inactivty_timeout", "inactivity_timeout"],
    ["inactivityTimeout", "inactivity_timeout"],
    ["modle_id", "model_id"],
    ["sed", undefined],
    ["voice", undefined],
    ["", undefined],
    ["i".repeat(100_000), undefined],
  ])("of %.30j is %j", (asked, meant) => {
    expect(nearestName(asked, names)).toBe(meant);
  });
});
