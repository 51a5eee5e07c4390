import { expect, it } from "vitest";
import type { PronunciationRule } from "../protocol/pronunciation.ts";
import { MemoryDictionaries } from "./dictionaries.ts";

const rule = (chars: number): PronunciationRule => ({
  type: "alias",
  stringToReplace: "a".repeat(chars / 2),
  alias: "b".repeat(chars / 2),
});
const full = { problem: { code: "dictionaries_full", details: { limit: 1000, ruleChars: 100 } } };

it("refuses what does not fit beside all versions, and keeps what it has", async () => {
  const store = new MemoryDictionaries(() => 0, 1000);
  // A version counts 100, a rule 100 and its characters.
  const made = await store.create({ name: "", description: undefined, rules: [rule(300)] });
  await expect(store.revise(made.id, () => [rule(302)])).rejects.toMatchObject(full);
  expect(await store.find(made.id)).toEqual(made);
  await store.revise(made.id, () => [rule(300)]);
  await expect(store.create({ name: "", description: undefined, rules: [] })).rejects.toMatchObject(
    full,
  );
});

it("does not change when the caller changes its list", async () => {
  const store = new MemoryDictionaries(() => 0);
  const rules = [rule(2)];
  const { id } = await store.create({ name: "", description: undefined, rules });
  rules.pop();
  expect((await store.find(id))?.latest.rules).toHaveLength(1);
});
