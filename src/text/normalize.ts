import { dash, fold, type Folded, keptSign } from "./fold.ts";
import {
  cardinalWords,
  decimalWords,
  digitWords,
  ordinalWords,
  pairWords,
  pluralWords,
  romanValue,
} from "./numbers.ts";
import { phonesSign, type Rewriting, type Span } from "./rewrite.ts";
import { isInDictionaryOnly, isSayable } from "./sayable.ts";

/**
 * `words`: one or more words with single spaces. `phones`: one word by its phones in ARPAbet, with
 * single spaces. `mark`: one of `, . ? ! ; :`. `gap`: a space.
 */
export type PieceKind = "words" | "phones" | "mark" | "gap";

/**
 * One stretch of the normalized text and the stretch of the source it came from. Pieces follow one
 * another without gap or overlap on both sides; either side may be empty, as for an emoji.
 */
export interface NormalizedPiece {
  readonly kind: PieceKind;
  readonly text: string;
  /** Code units into the source. */
  readonly sourceStart: number;
  readonly sourceEnd: number;
}

/** A text as the voice speaks it: words written out in ASCII, one space between, no outer spaces. */
export interface Normalized {
  /** What to hand to the voice, unless there are phones in it: the pieces' text joined. */
  readonly text: string;
  readonly pieces: readonly NormalizedPiece[];
  /** Stretches of the source that have no sound whatever stands in them. */
  readonly tags: readonly Span[];
  /** The words alone, without marks. */
  readonly words: readonly string[];
}

/** What one reading of the text at a position gives, before spaces are decided. */
interface Reading {
  readonly length: number;
  readonly kind: PieceKind;
  readonly text: string;
}

/** What has been read so far, as far as later readings depend on it. */
interface Before {
  /** The last thing written, in source spelling, and the one before: "Henry" decides what V means. */
  previous: string;
  beforePrevious: string;
  /** Whether a mark stands after the previous word. */
  marked: boolean;
  /** Whether the previous word was the day in a date such as "April 21": a year may follow. */
  day: boolean;
  /** The words still to come that are given by their phones. */
  readonly phones: (readonly string[])[];
}

/**
 * The text as the voice speaks it, in words that the engine then reads literally. Readings follow
 * Flite's own (lang/usenglish), except where noted; anything without a spoken form is skipped.
 * With a rewriting of the source, that is read, and the pieces still tell of the source.
 */
export function normalize(source: string, rewriting?: Rewriting): Normalized {
  const folded = rewriting ? foldRewriting(rewriting) : fold(source);
  const before: Before = {
    previous: "",
    beforePrevious: "",
    marked: false,
    day: false,
    phones: [...(rewriting?.phones ?? [])],
  };
  const draft: Draft = { pieces: [], lastHeard: -1 };
  let position = 0;
  let sourceStart = 0;
  while (position < folded.text.length) {
    const reading = read(folded.text, position, before);
    const end = position + reading.length;
    const sourceEnd = folded.sourceAt[end] ?? source.length;
    place(draft, { kind: reading.kind, text: reading.text, sourceStart, sourceEnd });
    remember(before, reading, folded.text.slice(position, end));
    sourceStart = sourceEnd;
    position = end;
  }
  if (sourceStart < source.length) {
    place(draft, { kind: "gap", text: "", sourceStart, sourceEnd: source.length });
  }
  const { pieces } = draft;
  const text = pieces.map((piece) => piece.text).join("");
  const words = text.match(/[A-Za-z']+/g) ?? [];
  return { text, pieces, words, tags: rewriting?.tags ?? [] };
}

function foldRewriting({ text, sourceAt }: Rewriting): Folded {
  const folded = fold(text, phonesSign);
  return { text: folded.text, sourceAt: folded.sourceAt.map((at) => sourceAt[at] ?? 0) };
}

/** Whether the voice would say anything at all for this text. */
export function isSpeakable(text: string): boolean {
  if (/[A-Za-z0-9]/.test(text)) return true;
  if (!/[^\s.,;:!?'"()[\]-]/.test(text)) return false;
  return normalize(text).text !== "";
}

/** The pieces so far, and the index of the last that is heard: words or a mark. */
interface Draft {
  readonly pieces: NormalizedPiece[];
  lastHeard: number;
}

/** Appends a piece, with one space between words and at most one mark, the stronger, after a word. */
function place(draft: Draft, piece: NormalizedPiece): void {
  const { pieces } = draft;
  const last = pieces[draft.lastHeard];
  const upgrades = last?.text === "," && piece.text !== ",";
  const isAfterWord = last?.kind === "words" || last?.kind === "phones";
  if (piece.kind === "gap" || (piece.kind === "mark" && !isAfterWord && !upgrades)) {
    pieces.push({ ...piece, kind: "gap", text: "" });
    return;
  }
  if (piece.kind === "mark" && last?.kind === "mark") {
    pieces[draft.lastHeard] = { ...last, kind: "gap", text: "" };
  }
  if (piece.kind !== "mark" && last !== undefined) {
    const between = pieces.at(-1);
    if (between?.kind === "gap") {
      pieces[pieces.length - 1] = { ...between, text: " " };
    } else {
      const at = piece.sourceStart;
      pieces.push({ kind: "gap", text: " ", sourceStart: at, sourceEnd: at });
    }
  }
  draft.lastHeard = pieces.push(piece) - 1;
}

function remember(before: Before, reading: Reading, source: string): void {
  if (reading.kind === "mark") before.marked = true;
  if (reading.kind !== "words" && reading.kind !== "phones") return;
  before.day = isMonth(before.previous) && /^\d{1,2}(?:st|nd|rd|th)?$/.test(source);
  before.beforePrevious = before.previous;
  before.previous = source;
  before.marked = false;
}

type Rule = readonly [RegExp, (match: RegExpExecArray, before: Before) => Reading | undefined];

/** Tried in this order at every position; the last always matches. */
const rules: readonly Rule[] = [
  [/ +/y, (match) => gap(match)],
  [
    /([$£€¥]) ?(\d[\d,]*|(?=\.\d))(\.\d+)?(?: ?(thousand|million|billion|trillion)\b|(k|K|m|M|bn|BN)\b)?/y,
    readMoneyAfterSign,
  ],
  [/(?<![\w.,])(\d[\d,]*)(\.\d+)? ?([€£¥¢$])(?!\d)/y, readMoneyBeforeSign],
  [
    /(?<![\w:.])(\d?\d):([0-5]\d)(?::([0-5]\d))?(?![\d:])(?: ?([AaPp])(?:\.[Mm](?:\.(?= [a-z]))?|[Mm])(?![A-Za-z]))?/y,
    readTime,
  ],
  [/(?<![\w.,:])(1?\d) ?([AaPp])(?:\.[Mm](?:\.(?= [a-z]))?|[Mm])(?![A-Za-z])/y, readHour],
  [
    /(?<![\w.])(?:\+?\d{1,3}[ .-])?\(?(\d{3})\)?[ .-]{1,2}(\d{3})[ .-](\d{4})(?![\w-])/y,
    (match) => say(match, digitWords(match[0])),
  ],
  [/(?<![\w.-])\d{3}-\d{4}(?![\w-])/y, (match) => say(match, digitWords(match[0]))],
  [/(?<![\w.-])(\d[\d,]*(?:\.\d+)?) ?[-\u2013] ?(\d[\d,]*(?:\.\d+)?)(?![\w-]|\.\d)/y, readRange],
  [/(?<![\w.])\d+(?:-+\d+)+(?![\w])/y, (match) => say(match, digitWords(match[0]))],
  [/(?<![\w/.])(\d+)\/(\d+)(?![\w/])/y, readFraction],
  [/(\d[\d,]*)(?:st|nd|rd|th|ST|ND|RD|TH)(?![A-Za-z\d])/y, readOrdinal],
  [/(?<![A-Za-z\d])(\d+)'?s(?![A-Za-z\d])/y, readPlural],
  [
    /(?<![A-Za-z\d])(\d[\d,]*)(\.\d+)? ?(lbs?|LBS?|ft|FT|kg|km|cm|mm|ml|oz|hz|Hz|HZ|KHz|MHz|GHz|KB|MB|GB|TB)(?![A-Za-z\d])/y,
    readMeasure,
  ],
  [/(?<![\w)\].%])[-](?=\.?\d)/y, (match) => say(match, ["minus"])],
  [/\d+(?:\.\d+){2,}/y, readVersion],
  [/\d{1,3}(?:,\d{3})+(?:\.\d+)?(?![\d,]*\d)|\d+\.\d+/y, (m) => say(m, decimalWords(m[0]))],
  [/(?<!\d)\.\d+/y, (match) => say(match, decimalWords(match[0]))],
  [/\d+/y, readDigits],
  [/[½¼¾]/y, readVulgarFraction],
  [/(?<![A-Za-z])(?:Ph|ph)\.D\b\.?(?= [a-z]|$)?/y, (match) => say(match, ["p", "h", "d"])],
  // The last dot stays behind when it may also end the sentence.
  [/(?<![A-Za-z.])(?:[A-Za-z]\.)+[A-Za-z](?![A-Za-z])(?:\.(?= [a-z]|[,;:]))?/y, readDotted],
  [/(?<![A-Za-z.'])[A-Z]\.(?= [A-Z])/y, readInitial],
  [/[A-Za-z]+(?:'[A-Za-z]+)*'?/y, readWord],
  // A dot inside a name ("example.com"); before a capital it is a sentence without its space.
  [/(?<=[A-Za-z\d])\.(?=[a-z\d])/y, (match) => say(match, ["dot"])],
  [/\.{2,}/y, (match, _before) => mark(match, pauseAtEllipsis(match))],
  [/[,.;:!?]/y, (match) => mark(match, match[0])],
  [new RegExp(`${dash}+|--+|\u2013`, "y"), (match) => mark(match, ",")],
  // A hyphen between spaces is meant as a dash; one inside a word only separates.
  [/(?<= )-(?= )/y, (match) => mark(match, ",")],
  [
    /(?<=[A-Za-z\d.!?'"] ?)[([](?=\w)|(?<=[\w.!?'"])[)\]](?= ?[\w"'])/y,
    (match) => mark(match, ","),
  ],
  // Rulers and table borders are looked at, not read.
  [/([&+=@%#$/|\\^~<>*_])\1{2,}/y, (match) => gap(match)],
  [/(?<=[A-Za-z\d])[*_~](?=[A-Za-z\d])|(?<=\d )\*(?= \d)/y, readSymbol],
  [/#(?=\w)|(?<=[A-Za-z\d])#/y, readSymbol],
  [/[&+=@%$/\\^|£€¥¢°×÷±]/y, readSymbol],
  [new RegExp(`${keptSign}('[sS](?![A-Za-z]))?`, "y"), readPhones],
  // Not even Flite has a sound for the rest; emphasis signs and quotation marks are not read out.
  [/[^]/y, (match) => gap(match)],
];

function read(text: string, position: number, before: Before): Reading {
  for (const [pattern, reader] of rules) {
    pattern.lastIndex = position;
    const match = pattern.exec(text);
    const reading = match === null ? undefined : reader(match, before);
    if (reading !== undefined) return reading;
  }
  return { length: 1, kind: "gap", text: "" };
}

function say(match: RegExpExecArray, words: readonly string[]): Reading {
  return { length: match[0].length, kind: "words", text: words.join(" ") };
}

function mark(match: RegExpExecArray, text: string): Reading {
  return { length: match[0].length, kind: "mark", text };
}

function gap(match: RegExpExecArray): Reading {
  return { length: match[0].length, kind: "gap", text: "" };
}

function after(match: RegExpExecArray): string {
  return match.input.slice(match.index + match[0].length, match.index + match[0].length + 24);
}

function readPhones(match: RegExpExecArray, before: Before): Reading {
  const [sign, possessive] = match;
  const phones = before.phones.shift() ?? [];
  const ending = possessive === undefined ? [] : possessivePhones(phones.at(-1) ?? "");
  return { length: sign.length, kind: "phones", text: [...phones, ...ending].join(" ") };
}

/** How 's sounds after a phone. */
function possessivePhones(last: string): string[] {
  if (/^(?:S|Z|SH|ZH|CH|JH)$/.test(last)) return ["IH0", "Z"];
  return /^(?:P|T|K|F|TH)$/.test(last) ? ["S"] : ["Z"];
}

function pauseAtEllipsis(match: RegExpExecArray): string {
  return /^["')\]\s]*[a-z]/.test(after(match)) ? "," : ".";
}

/**
 * One word per letter. The letter A is written "ay", its sound: a lone "a" would be read as the
 * article.
 */
function spell(letters: string): string[] {
  return Array.from(letters.toLowerCase(), (letter) => (letter === "a" ? "ay" : letter));
}

const currencies: Readonly<Record<string, readonly [string, string, string, string]>> = {
  $: ["dollar", "dollars", "cent", "cents"],
  "£": ["pound", "pounds", "penny", "pence"],
  "€": ["euro", "euros", "cent", "cents"],
  "¥": ["yen", "yen", "sen", "sen"],
  "¢": ["cent", "cents", "cent", "cents"],
};

const scales: Readonly<Record<string, string>> = { k: "thousand", m: "million", bn: "billion" };

// Flite knows dollars only and reads the bytes of every other sign; the others follow its dollars.
function readMoneyAfterSign(match: RegExpExecArray): Reading {
  const [, sign = "$", whole = "", fraction, word, letter] = match;
  const scale = word ?? scales[letter?.toLowerCase() ?? ""];
  if (scale !== undefined) {
    const amount = decimalWords(whole + (fraction ?? ""));
    return say(match, [...amount, scale, moneyName(sign, "")]);
  }
  // A comma at the end belongs to the sentence.
  const comma = fraction === undefined ? /,+$/.exec(whole) : null;
  const length = match[0].length - (comma?.[0].length ?? 0);
  return { ...say(match, moneyWords(sign, whole.replace(/,+$/, ""), fraction)), length };
}

function readMoneyBeforeSign(match: RegExpExecArray): Reading {
  const [, whole = "", fraction, sign = "$"] = match;
  return say(match, moneyWords(sign, whole, fraction));
}

function moneyWords(sign: string, whole: string, fraction: string | undefined): string[] {
  const digits = whole.replaceAll(",", "");
  if (fraction === undefined || !/^\.\d\d$/.test(fraction)) {
    return [...decimalWords(digits + (fraction ?? "")), moneyName(sign, digits + (fraction ?? ""))];
  }
  const words = [...cardinalWords(digits), moneyName(sign, digits)];
  const small = String(Number(fraction.slice(1)));
  if (small === "0") return words;
  const [, , one = "", many = ""] = currencies[sign] ?? [];
  return [...words, ...cardinalWords(small), small === "1" ? one : many];
}

function moneyName(sign: string, amount: string): string {
  const [one = "", many = ""] = currencies[sign] ?? [];
  return amount === "1" ? one : many;
}

function readTime(match: RegExpExecArray): Reading {
  const [, hours = "", minutes = "", seconds, half] = match;
  return say(match, [
    ...cardinalWords(hours),
    ...(minutes === "00" && seconds === undefined ? [] : pairWords(minutes)),
    ...(seconds === undefined ? [] : pairWords(seconds)),
    ...(half === undefined ? [] : spell(`${half}m`)),
  ]);
}

function readHour(match: RegExpExecArray): Reading {
  const [, hour = "", half = ""] = match;
  return say(match, [...cardinalWords(hour), ...spell(`${half}m`)]);
}

// From small to large and of like length is a range; anything else is a number of some kind, by digit.
function readRange(match: RegExpExecArray, before: Before): Reading | undefined {
  const [whole, from = "", to = ""] = match;
  const [low, high] = [from, to].map((number) => Number(number.replaceAll(",", "")));
  if (low === undefined || high === undefined) return undefined;
  if (/ /.test(whole) && !whole.includes("\u2013")) return undefined;
  if (low < high && Math.abs(from.length - to.length) < 2) {
    const words = (number: string): string[] =>
      /^\d+$/.test(number) ? wholeWords(number, before, "") : decimalWords(number);
    return say(match, [...words(from), "to", ...words(to)]);
  }
  return /^\d+\D+\d+$/.test(whole) ? say(match, digitWords(whole)) : undefined;
}

function readFraction(match: RegExpExecArray, before: Before): Reading {
  const [, over = "", under = ""] = match;
  const joined = /^\d+$/.test(before.previous) && !before.marked ? ["and"] : [];
  if (over === "1" && under === "2") return say(match, [...joined, "a", "half"]);
  if (Number(over) >= Number(under)) {
    return say(match, [...joined, ...cardinalWords(over), "slash", ...cardinalWords(under)]);
  }
  const part = ordinalWords(under);
  return say(match, [
    ...joined,
    ...cardinalWords(over),
    ...(Number(over) > 1 ? pluralWords(part) : part),
  ]);
}

function readVulgarFraction(match: RegExpExecArray): Reading {
  const words = { "½": "a half", "¼": "a quarter", "¾": "three quarters" }[match[0]] ?? "";
  const joined = /\d ?$/.test(match.input.slice(0, match.index)) ? ["and"] : [];
  return say(match, [...joined, words]);
}

function readOrdinal(match: RegExpExecArray): Reading {
  return say(match, ordinalWords((match[1] ?? "").replaceAll(",", "")));
}

function readPlural(match: RegExpExecArray, before: Before): Reading {
  return say(match, pluralWords(wholeWords(match[1] ?? "", before, "")));
}

// Flite spells a unit that stands apart ("5 km"); here it means the same with and without the space.
function readMeasure(match: RegExpExecArray): Reading {
  const [, whole = "", fraction, unit = ""] = match;
  const name = measures[unit.toLowerCase()] ?? unit;
  return say(match, [...decimalWords(whole + (fraction ?? "")), name]);
}

const measures: Readonly<Record<string, string>> = {
  lb: "pounds",
  lbs: "pounds",
  ft: "feet",
  kg: "kilograms",
  km: "kilometers",
  cm: "centimeters",
  mm: "millimeters",
  ml: "milliliters",
  oz: "ounces",
  hz: "hertz",
  khz: "kilohertz",
  mhz: "megahertz",
  ghz: "gigahertz",
  kb: "kilobytes",
  mb: "megabytes",
  gb: "gigabytes",
  tb: "terabytes",
};

function readVersion(match: RegExpExecArray): Reading {
  const words = match[0].split(".").flatMap((part) => ["point", ...plainWords(part)]);
  return say(match, words.slice(1));
}

function plainWords(digits: string): string[] {
  return /^0\d/.test(digits) ? digitWords(digits) : cardinalWords(digits);
}

function readDigits(match: RegExpExecArray, before: Before): Reading {
  const [digits] = match;
  const { input, index } = match;
  const next = after(match);
  const inName = /[A-Za-z]/.test(input.charAt(index - 1)) || /^[A-Za-z]/.test(next);
  if (inName && !digits.startsWith("0")) return say(match, pairWords(digits));
  return say(match, wholeWords(digits, before, next));
}

/** A run of digits that stands alone; what it means depends on its size and its neighbours. */
function wholeWords(digits: string, before: Before, next: string): string[] {
  if (/^0\d/.test(digits)) return digitWords(digits);
  const value = Number(digits);
  if (value >= 1 && value <= 31) {
    const following = /^ ([A-Za-z]+)/.exec(next)?.[1] ?? "";
    if ((isMonth(before.previous) && !before.marked) || isMonth(following)) {
      return ordinalWords(digits);
    }
  }
  if (digits.length === 4) {
    const isYear = before.day || (value >= 1800 && value < 2000) || (value > 2009 && value < 3000);
    return isYear ? pairWords(digits) : cardinalWords(digits);
  }
  // Long numbers without separators are codes, unless they are round.
  const round = digits.length < 7 ? digits.endsWith("00") : digits.endsWith("000");
  return digits.length < 5 || round ? cardinalWords(digits) : digitWords(digits);
}

const months: ReadonlySet<string> = new Set(
  `january february march april may june july august september october november december
   jan feb mar apr jun jul aug sep sept oct nov dec`.split(/\s+/),
);

function isMonth(word: string): boolean {
  return months.has(word.toLowerCase());
}

function readInitial(match: RegExpExecArray, before: Before): Reading | undefined {
  const letter = match[0].charAt(0);
  // "Henry V. Then ...": a number after all, and the end of a sentence.
  if (romanNumeral.test(letter) && readRoman(letter, before).length > 1) return undefined;
  return say(match, spell(letter));
}

function readDotted(match: RegExpExecArray): Reading {
  return say(match, spell(match[0].replaceAll(".", "")));
}

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

function readSymbol(match: RegExpExecArray): Reading {
  return say(match, [symbolWords[match[0]] ?? ""]);
}

/** Titles and the like, whose dot does not end a sentence. */
const dotted: ReadonlySet<string> = new Set(
  `prof capt gen lt col sgt rev hon gov sen rep pres maj no vs fig vol jan feb mar apr jun jul aug
   sep sept oct nov dec approx dept est messrs mme mlle jr`.split(/\s+/),
);

const romanNumeral = /^(?:II?I?|IV|VI{0,3}|IX|X[VIX]*)$/;

const rulers: ReadonlySet<string> = new Set(
  `louis henry charles philip george edward pius william richard ptolemy john paul peter nicholas
   frederick james alfonso ivan leo gregory catherine alexandria pierre elizabeth mary`.split(
    /\s+/,
  ),
);

const ranks: ReadonlySet<string> = new Set(
  `king queen pope duke tsar emperor shah duchess tsarina empress baron baroness sultan count
   countess`.split(/\s+/),
);

const sections: ReadonlySet<string> = new Set(
  `section chapter part phrase verse scene act book volume chap war apollo trek`.split(/\s+/),
);

function readWord(match: RegExpExecArray, before: Before): Reading {
  const [whole] = match;
  const word = whole.replace(/'$/, "");
  const next = after(match);
  const spoken = (words: string, dots = false): Reading => ({
    length: dots && next.startsWith(".") && whole === word ? whole.length + 1 : whole.length,
    kind: "words",
    text: words,
  });
  if (word === "Mr") return spoken("mister", true);
  if (word === "Mrs") return spoken("missus", true);
  if (/^(?:dr|st)$/i.test(word)) {
    return spoken(readDrOrSt(word, next, before), !/^\.["')\]]*(?:\s*$|\s+["'(]*$)/.test(next));
  }
  if (word.toLowerCase() === "a") return spoken(readLetterA(match, next));
  if (romanNumeral.test(word)) return spoken(readRoman(word, before));
  const state = readState(word, next, before);
  if (state !== undefined) return spoken(state);
  return spoken(readPlainWord(word, before), dotted.has(word.toLowerCase()) && /^\. \S/.test(next));
}

// "St. Andrew's St.", "Dr. King Dr.": a name before and none after makes it the road.
function readDrOrSt(word: string, next: string, before: Before): string {
  const [road, title] = /^s/i.test(word) ? ["street", "saint"] : ["drive", "doctor"];
  const [, nextWord = ""] = /^\.?\s+["'(]*([A-Za-z\d]+)/.exec(next) ?? [];
  if (nextWord === "" || next.replace(/^\./, "").startsWith(",")) {
    return before.previous === "" ? title : road;
  }
  return /^[A-Z\d]/.test(before.previous) && !before.marked && /^[a-z]/.test(nextWord)
    ? road
    : title;
}

// Alone it is the article; as part of a longer name, the letter. Before a mark Flite itself says
// the letter.
function readLetterA(match: RegExpExecArray, next: string): string {
  const joinedBefore = /[\w&@/.'-]/.test(match.input.charAt(match.index - 1));
  const joinedAfter = /^[\d&@/'-]/.test(next);
  // Flite reads "A Scandal" as the letter because of the capital that follows; lower case avoids it.
  return joinedBefore || joinedAfter ? "ay" : /^ ["']?[A-Z]/.test(next) ? "a" : match[0].charAt(0);
}

function readRoman(word: string, before: Before): string {
  const previous = before.previous.toLowerCase();
  const value = String(romanValue(word));
  // "John and I", "the part I liked": the pronoun, where Flite would count.
  const counts = !before.marked && (word !== "I" || /^[A-Z]/.test(before.previous));
  if (counts && (rulers.has(previous) || ranks.has(before.beforePrevious.toLowerCase()))) {
    return ["the", ...ordinalWords(value)].join(" ");
  }
  if (counts && sections.has(previous)) return cardinalWords(value).join(" ");
  if (word === "I") return sections.has(previous) || rulers.has(previous) ? "i" : "I";
  return spell(word).join(" ");
}

const states: ReadonlyMap<string, string> = new Map(
  Object.entries({
    AK: "alaska",
    AZ: "arizona",
    CA: "california",
    Calif: "california",
    Colo: "colorado",
    DC: "d c",
    FL: "florida",
    Fla: "florida",
    GA: "georgia",
    IA: "iowa",
    KS: "kansas",
    Kans: "kansas",
    NV: "nevada",
    NY: "new york",
  }),
);

/** Read as states only right after a capitalized name, where such codes stand. */
const statesAfterName: ReadonlyMap<string, string> = new Map(
  Object.entries({
    AL: "alabama",
    CO: "colorado",
    IL: "illinois",
    KY: "kentucky",
    LA: "louisiana",
    MA: "massachusetts",
    MD: "maryland",
    MN: "minnesota",
    MO: "missouri",
    MS: "mississippi",
    MT: "montana",
    NC: "north carolina",
    ND: "north dakota",
    NE: "nebraska",
    NH: "new hampshire",
    OH: "ohio",
    OK: "oklahoma",
    PA: "pennsylvania",
    RI: "rhode island",
    SC: "south carolina",
    SD: "south dakota",
    TN: "tennessee",
    TX: "texas",
    UT: "utah",
    VA: "virginia",
    WA: "washington",
    WI: "wisconsin",
    WV: "west virginia",
    WY: "wyoming",
  }),
);

function readState(word: string, next: string, before: Before): string | undefined {
  const always = states.get(word);
  if (always !== undefined) return always;
  if (!isName(before.previous)) return undefined;
  return /^(?:$|\.| [a-z]| \d{5}\b)/.test(next) ? statesAfterName.get(word) : undefined;
}

/** Spellings that Flite would take for a state: in lower case it takes them as they stand. */
const stateLike: ReadonlySet<string> = new Set(
  "Ala Ak Az Ca Calif Colo Fla Ga Ks Kans Nev Wyo".split(" "),
);

/** The same, if they come right after a capitalized name. */
const stateLikeAfterName: ReadonlySet<string> = new Set(
  `Al Cal Co De Del Fl Hi Ia Ind Il Ky La Lou Lous Ma Mass Md Me Mi Mich Minn Miss Mn Mo Mt Ne Neb
   Ok Okla Or Ore Pa Penn Tn Tenn Tx Tex Ut Va Wa Wash Wi Wy`.split(/\s+/),
);

function isStateLike(word: string, before: Before): boolean {
  return stateLike.has(word) || (isName(before.previous) && stateLikeAfterName.has(word));
}

function isName(word: string): boolean {
  return /^[A-Z][A-Za-z]{2,}$/.test(word);
}

/** Sounds that people and language models write without a vowel; Flite would spell them out. */
const interjections: ReadonlyMap<string, string> = new Map([
  ["hm", "hum"],
  ["hmm", "hum"],
  ["hmmm", "hum"],
  ["mm", "um"],
  ["mmm", "um"],
  ["brr", "burr"],
  ["brrr", "burr"],
  ["grr", "gur"],
  ["psst", "pist"],
  ["pst", "pist"],
  ["shh", "shush"],
  ["shhh", "shush"],
  ["tsk", "tisk"],
  ["zzz", "zuz"],
]);

function readPlainWord(word: string, before: Before): string {
  const [, stem = "", clitic = ""] = /^(.+?)('(?:s|ll|ve|d))?$/i.exec(word) ?? [];
  const joined = stem.replaceAll("'", "");
  const interjection = interjections.get(joined.toLowerCase());
  if (interjection !== undefined) return interjection + clitic.toLowerCase();
  if (!isSayable(joined)) {
    if (/n't$/i.test(stem)) {
      const verb = stem.slice(0, -3);
      // Only these three are in the voice's dictionary; it would spell out the likes of "mightn't".
      return /^(?:could|would|should)$/i.test(verb)
        ? (stem + clitic).toLowerCase()
        : `${readPlainWord(verb, before)} not${clitic.toLowerCase()}`;
    }
    return spell(joined).join(" ") + clitic.toLowerCase();
  }
  // With a capital, or in capitals, a word that only the dictionary knows would be spelled.
  const lower =
    isInDictionaryOnly(joined) ||
    isStateLike(stem, before) ||
    (joined.length > 1 && joined === joined.toUpperCase());
  return lower || !/^[A-Z]?[a-z']*$/.test(word) ? word.toLowerCase() : word;
}
