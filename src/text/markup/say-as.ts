import { fold } from "../fold.ts";
import { cardinalWords, decimalWords, digitWords, ordinalWords } from "../numbers.ts";

/** How the text of an element is spoken. */
export type Reading =
  /** In ARPAbet. */
  | { readonly type: "phones"; readonly phones: readonly string[] }
  /** As if this were written. */
  | { readonly type: "alias"; readonly text: string }
  | { readonly type: "as_written" };

type Kind = "characters" | "cardinal" | "ordinal" | "as_written";

/**
 * The values of `interpret-as`. Digits are characters whose letters are spelled too; for the last
 * ones, what the text says by itself is good enough.
 */
export const sayAs: Readonly<Record<string, Kind>> = {
  digits: "characters",
  characters: "characters",
  "spell-out": "characters",
  verbatim: "characters",
  cardinal: "cardinal",
  number: "cardinal",
  ordinal: "ordinal",
  date: "as_written",
  time: "as_written",
  telephone: "as_written",
  currency: "as_written",
  fraction: "as_written",
  unit: "as_written",
  address: "as_written",
  name: "as_written",
};

/** How `content` is spoken as what the client says it is; as it is written if it is no such thing. */
export function readAs(kind: Kind, content: string): Reading {
  const words = readers[kind](content.trim());
  // Spaces keep the words from growing together with what stands beside the element.
  return words === undefined
    ? { type: "as_written" }
    : { type: "alias", text: ` ${words.join(" ")} ` };
}

const readers: Readonly<Record<Kind, (content: string) => string[] | undefined>> = {
  as_written: () => undefined,
  characters: spellOut,
  cardinal(content) {
    const [, minus, whole] = /^\+?(-?)([\d,]*\d(?:\.\d+)?)$/.exec(content) ?? [];
    if (whole === undefined) return undefined;
    const words = whole.includes(".")
      ? decimalWords(whole)
      : cardinalWords(whole.replaceAll(",", ""));
    return minus === "" ? words : ["minus", ...words];
  },
  ordinal(content) {
    const [, digits] = /^([\d,]*\d)(?:st|nd|rd|th)?\.?$/i.exec(content) ?? [];
    return digits === undefined ? undefined : ordinalWords(digits.replaceAll(",", ""));
  },
};

/** How signs are called when they are read out one by one; digits and letters have names anyway. */
const signNames: Readonly<Record<string, string>> = {
  ".": "dot",
  ",": "comma",
  ":": "colon",
  ";": "semicolon",
  "!": "exclamation mark",
  "?": "question mark",
  "-": "dash",
  "'": "apostrophe",
  '"': "quote",
  "(": "open bracket",
  ")": "close bracket",
  "[": "open bracket",
  "]": "close bracket",
  "<": "less than",
  ">": "greater than",
  "&": "ampersand",
  "+": "plus",
  "=": "equals",
  "@": "at",
  "%": "per cent",
  "#": "hash",
  $: "dollar",
  "/": "slash",
  "\\": "backslash",
  "*": "asterisk",
  _: "underscore",
  "~": "tilde",
  "£": "pound",
  "€": "euro",
};

function spellOut(content: string): string[] {
  return Array.from(fold(content).text.toLowerCase()).flatMap((character) => {
    if (/\d/.test(character)) return digitWords(character);
    // Alone, the letter would be read as the article.
    if (character === "a") return ["ay"];
    return /[b-z]/.test(character) ? [character] : (signNames[character] ?? []);
  });
}
