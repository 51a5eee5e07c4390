import { describe, expect, it } from "vitest";
import { normalize } from "../../src/text/normalize.ts";
import { normalizeFor } from "../../src/text/normalize-for.ts";
import { plainReadings, readings, writtenOut } from "./rows.ts";

describe.each(readings)("$name", ({ rows }) => {
  it.each(rows)("%s", (written, spoken) => {
    expect(normalize(written).text).toBe(spoken);
  });
});

it("reads at least 150 texts", () => {
  expect(readings.flatMap(({ rows }) => rows).length).toBeGreaterThanOrEqual(150);
});

describe("off", () => {
  it.each(plainReadings)("%s", (written, spoken) => {
    expect(normalize(written, undefined, { isPlain: true }).text).toBe(spoken);
  });
});

describe("on, for voices that read by themselves", () => {
  it.each(writtenOut)("%s", (written, given) => {
    const frontEnd = { language: "en-GB", needs: "nothing" } as const;
    const asked = { text: written, markup: "none", normalization: "on" } as const;
    expect(normalizeFor(frontEnd, asked)?.text ?? written).toBe(given);
  });
});
