import { type Reading, say } from "./reading.ts";

const symbolWords: Readonly<Record<string, string>> = {
  // Flite says "ampersand" and gives no sound to signs outside ASCII.
  "&": "and",
  "+": "plus",
  "=": "equals",
  "@": "at",
  "%": "per cent",
  "#": "hash",
  $: "dollar",
  "/": "slash",
  "\\": "backslash",
  "^": "carat",
  "|": "bar",
  "*": "asterisk",
  _: "underscore",
  "~": "tilde",
  "£": "pound",
  "€": "euro",
  "¥": "yen",
  "¢": "cent",
  "°": "degrees",
  "×": "times",
  "÷": "divided by",
  "±": "plus or minus",
};

/** A sign that has a name. */
export function readSymbol(match: RegExpExecArray): Reading {
  return say(match, [symbolWords[match[0]] ?? ""]);
}
