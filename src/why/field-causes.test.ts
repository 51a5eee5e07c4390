import { expect, it } from "vitest";
import { causeIds } from "../protocol/causes.ts";
import { changes } from "./changes-table.ts";
import { describeWhyCause, fieldCauses, fillKnown, whyCauseRow } from "./field-causes.ts";

const fieldIds = Object.keys(fieldCauses);

it("no cause of the field is one of the catalogue's", () => {
  expect(fieldIds.filter((id) => causeIds.some((known) => known === id))).toEqual([]);
});

it("changes are for causes that there are", () => {
  const all = new Set<string>([...fieldIds, ...causeIds]);
  expect(Object.keys(changes).filter((id) => !all.has(id))).toEqual([]);
});

it("every cause has a whole sentence and says what to do", () => {
  for (const id of Object.keys(fieldCauses) as (keyof typeof fieldCauses)[]) {
    const { sentence, advice } = whyCauseRow(id);
    expect(sentence).toMatch(/^[A-Z].*\.$/);
    expect(advice).toMatch(/^[A-Z].*\.$/);
  }
});

it("leaves out what is not known", () => {
  expect(fillKnown("A voice with voice_id '{voiceId}' was not found.", {})).toBe(
    "A voice with voice_id was not found.",
  );
  expect(fillKnown("{a} of '{b}'", { a: 1 })).toBe("1 of");
  expect(describeWhyCause("input_timeout", { seconds: 20 })).toContain("of 20 seconds");
  expect(describeWhyCause("input_timeout")).toContain("of … seconds");
});
