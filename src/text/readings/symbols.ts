import { dash } from "../fold.ts";
import { after, gap, mark, type Reading, type Rule, say } from "./reading.ts";

const names: Readonly<Record<string, string>> = {
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
  "₹": "rupee",
  "₩": "won",
  "₽": "ruble",
  "°": "degrees",
  "×": "times",
  "÷": "divided by",
  "±": "plus or minus",
  "²": "squared",
  "³": "cubed",
  "§": "section",
};

/** A sign that has a name. */
function readSymbol(match: RegExpExecArray): Reading {
  return say(match, [names[match[0]] ?? ""]);
}

/** What signs mean beside numbers. */
export const signRules: readonly Rule[] = [
  [/(?<![^\s(])#(?=\d)/y, (match) => say(match, ["number"])],
  [/(?<![\w~])[~≈] ?(?=[$£€]?\d)/y, (match) => say(match, ["about"])],
  [/(?<=[\w)%] )(?:≤|<=) ?(?=[$£€]?-?\d)/y, (match) => say(match, ["at", "most"])],
  [/(?<=[\w)%] )(?:≥|>=) ?(?=[$£€]?-?\d)/y, (match) => say(match, ["at", "least"])],
  [/(?<=[\w)%] )< (?=[$£€]?-?\d)/y, (match) => say(match, ["less", "than"])],
  [/(?<=[\w)%] )> (?=[$£€]?-?\d)/y, (match) => say(match, ["greater", "than"])],
];

/** Marks, and signs by their names. */
export const symbolRules: readonly Rule[] = [
  // A dot inside a name ("example.com"); before a capital it is a sentence without its space.
  [/(?<=[A-Za-z\d])\.(?=[a-z\d])/y, (match) => say(match, ["dot"])],
  [/\.{2,}/y, (match) => mark(match, pauseAtEllipsis(match))],
  [/[,.;:!?]/y, (match) => mark(match, match[0])],
  [new RegExp(`${dash}+|--+|\u2013`, "y"), (match) => mark(match, ",")],
  // A hyphen between spaces is meant as a dash; one inside a word only separates.
  [/(?<= )-(?= )/y, (match) => mark(match, ",")],
  [
    /(?<=[A-Za-z\d.!?'"] ?)[([](?=\w)|(?<=[\w.!?'"])[)\]](?= ?[\w"'])/y,
    (match) => mark(match, ","),
  ],
  // Rulers and table borders are looked at, not read.
  [/([&+=@%#$/|\\^~<>*_])\1{2,}/y, gap],
  [/(?<=[A-Za-z\d])[*_~](?=[A-Za-z\d])|(?<=\d )\*(?= \d)/y, readSymbol],
  [/#(?=\w)|(?<=[A-Za-z\d])#/y, readSymbol],
  [/[&+=@%$/\\^|£€¥¢₹₩₽°×÷±§]|(?<=[A-Za-z\d)])[²³]/y, readSymbol],
];

function pauseAtEllipsis(match: RegExpExecArray): string {
  return /^["')\]\s]*[a-z]/.test(after(match)) ? "," : ".";
}
