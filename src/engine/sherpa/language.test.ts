import { expect, it } from "vitest";
import { findLanguage, languageInName, parseLanguage } from "./language.ts";

it.each([
  ["en_US", "en-US"],
  ["en-us", "en-US"],
  ["de", "de"],
  ["cmn", "zh"],
  ["roa/es-419", "es-419"],
  ["en-gb-x-rp", "en-GB-x-rp"],
  ["English", undefined],
  ["", undefined],
  ["multi-lang, e.g., English", undefined],
])("takes %j for %s", (name, tag) => {
  expect(parseLanguage(name)).toBe(tag);
});

it.each([
  ["German", "de"],
  ["english", "en"],
  ["Persian+English", "fa"],
  ["Klingonese", undefined],
  ["", undefined],
])("finds in %j %s", (words, tag) => {
  expect(findLanguage(words)).toBe(tag);
});

it.each([
  ["vits-piper-en_US-lessac-medium", "en-US"],
  ["de_DE-thorsten-high", "de-DE"],
  ["my_DEar", undefined],
  ["kokoro", undefined],
])("reads from the name %j %s", (name, tag) => {
  expect(languageInName(name)).toBe(tag);
});
