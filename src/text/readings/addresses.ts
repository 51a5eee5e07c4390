import { cardinalWords, digitWords, pairWords } from "../numbers.ts";
import { isSayable } from "../sayable.ts";
import { gap, type Reading, say, spell } from "./reading.ts";
import type { RuleSet } from "./rules.ts";

/** Domains that are taken for such without anything else that says so: "example.com". */
const domains = "com|org|net|edu|gov|info|io|ai|dev|app|co|uk|eu|de|fr|me|tv|us|ca|ch|at|nl";
const label = "[A-Za-z0-9-]{1,63}";
// The last character of an address is none that may end the sentence.
const path = String.raw`[^\s<>"'()\u0001]{0,500}[\w/]`;

const address = new RegExp(
  [
    String.raw`(?<![\w@./-])(?:`,
    String.raw`(?:https?|ftp|wss?|HTTPS?):\/\/${path}`,
    String.raw`|www\.${path}`,
    String.raw`|[A-Za-z0-9][\w.%+-]{0,63}@${label}(?:\.${label}){1,5}(?<![.-])`,
    String.raw`|(?:${label}\.){1,5}(?:${domains})(?![\w-]|\.\w)(?::\d{1,5})?(?:\/${path}|\/)?`,
    ")",
  ].join(""),
  "y",
);

/** Where the web or mail address ends that begins at `position`; nothing if none does. */
export function addressEnd(text: string, position: number): number | undefined {
  address.lastIndex = position;
  return address.exec(text) === null ? undefined : address.lastIndex;
}

const signs: Readonly<Record<string, string>> = {
  ".": "dot",
  "/": "slash",
  "-": "dash",
  _: "underscore",
  "@": "at",
  ":": "colon",
  "?": "question mark",
  "=": "equals",
  "&": "and",
  "#": "hash",
  "%": "per cent",
  "+": "plus",
  "~": "tilde",
  "!": "exclamation mark",
  ",": "comma",
  ";": "semicolon",
};

/** Short words that are said as such; all other pairs of letters are spelled. */
const shortWords: ReadonlySet<string> = new Set(
  "am an as at be by co do go he hi if in is it me my no of on or so to up us we".split(" "),
);

function readLetters(match: RegExpExecArray): Reading {
  const [letters] = match;
  const word = letters.toLowerCase();
  const isWord = letters.length > 2 ? isSayable(letters) : shortWords.has(word);
  return say(match, isWord ? [word] : spell(letters));
}

function readNumber(match: RegExpExecArray): Reading {
  const [digits] = match;
  if (digits.length > 4 || digits.startsWith("0")) return say(match, digitWords(digits));
  return say(match, digits.endsWith("000") ? cardinalWords(digits) : pairWords(digits));
}

/** What stands inside an address. */
export const addressRules: RuleSet = {
  atLetters: [
    // Nobody says it.
    [/(?:https?|ftp|wss?|HTTPS?):\/\//y, gap],
    // One word of those that are written as one: "myShop".
    [/[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[A-Z]/y, readLetters],
  ],
  elsewhere: [
    [/\/(?=$|[\s.,;:!?)"'])/y, gap],
    [/\d+/y, readNumber],
    [/[^]/y, readSign],
  ],
};

function readSign(match: RegExpExecArray): Reading {
  const name = signs[match[0]];
  return name === undefined ? gap(match) : say(match, [name]);
}
