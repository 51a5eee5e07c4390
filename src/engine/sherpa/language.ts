import { parseLanguageTag } from "../language-tag.ts";

/** The language that a model names, in BCP 47: `en_US`, `en-us`, espeak-ng's `roa/fr`. */
export function parseLanguage(name: string): string | undefined {
  return parseLanguageTag(name.split("/").at(-1) ?? "");
}

/** The language whose English name stands first in `words`: `German`, `Persian+English`. */
export function findLanguage(words: string): string | undefined {
  const [name = ""] = words.toLowerCase().split(/[^\p{L}]+/u, 1);
  return tagsByName().get(name);
}

/** The language in a name such as `vits-piper-en_US-lessac-medium`. */
export function languageInName(name: string): string | undefined {
  const match = /(?:^|[-_])([a-z]{2,3}_[A-Z]{2})(?:[-_.]|$)/.exec(name);
  return match?.[1] === undefined ? undefined : parseLanguage(match[1]);
}

let cachedNames: ReadonlyMap<string, string> | undefined;

/** All languages with a code of two letters. */
function tagsByName(): ReadonlyMap<string, string> {
  if (cachedNames) return cachedNames;
  const names = new Intl.DisplayNames("en", { type: "language", fallback: "none" });
  const letters = Array.from("abcdefghijklmnopqrstuvwxyz");
  const tags = letters.flatMap((first) => letters.map((second) => first + second));
  const entries = tags
    // Old codes stand for the same languages as new ones.
    .filter((tag) => Intl.getCanonicalLocales(tag)[0] === tag)
    .map((tag) => [names.of(tag)?.toLowerCase() ?? "", tag] as const);
  cachedNames = new Map(entries.filter(([name]) => name !== ""));
  return cachedNames;
}
