import { expect, it } from "vitest";
import { voiceOf } from "./voices.ts";

it.each([
  ["gmw/en-US", "en-us", "espeak-en-us", "en-US"],
  ["gmw/en", "en-gb", "espeak-en-gb", "en-GB"],
  ["sit/yue", "yue", "espeak-yue", "yue"],
  ["sit/yue-Latn-jyutping", "yue", "espeak-yue-latn-jyutping", "yue-Latn-jyutping"],
  ["roa/ca-va", "ca-va", "espeak-ca-va", "ca-valencia"],
  ["iro/chr", "chr-US-Qaaa-x-west", "espeak-chr-us-qaaa-x-west", "chr-Qaaa-US-x-west"],
  ["art/piqd", "piqd", "espeak-piqd", "tlh-Piqd"],
  ["roa/es-419", "es-419", "espeak-es-419", "es-419"],
  ["x/new", "not_a_tag", "espeak-not-a-tag", "und"],
])("the voice %s of %j is %s and speaks %s", (identifier, language, slug, tag) => {
  const voice = voiceOf({ name: "Some", identifier, language, gender: 1 });
  expect(voice).toMatchObject({ slug, language: tag, name: "eSpeak Some", sex: "male" });
  expect(voice.id).toMatch(/^[A-Za-z\d]{20}$/);
});

it("tells women and machines from men", () => {
  const sexes = [0, 1, 2].map(
    (gender) => voiceOf({ name: "A", identifier: "a", language: "a", gender }).sex,
  );
  expect(sexes).toEqual(["neutral", "male", "female"]);
});
