import { dash, fold, type Folded, keptSign } from "./fold.ts";
import { decimalWords, digitWords } from "./numbers.ts";
import { readMeasure, readMoneyAfterSign, readMoneyBeforeSign } from "./readings/amounts.ts";
import {
  isMonth,
  readDigits,
  readFraction,
  readHour,
  readIsoDate,
  readOrdinal,
  readPlural,
  readRange,
  readTime,
  readVersion,
  readVulgarFraction,
} from "./readings/figures.ts";
import {
  after,
  type Before,
  gap,
  mark,
  type PieceKind,
  type Reading,
  say,
  type Rule,
} from "./readings/reading.ts";
import { readSymbol } from "./readings/symbols.ts";
import { readDotted, readInitial, readWord } from "./readings/words.ts";
import { phonesSign, type Rewriting, type Span } from "./rewrite.ts";

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
  [/(?<![\w.-])(\d{4})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])(?![\w-]|\.\d)/y, readIsoDate],
  [
    /(?<![\w.])(?:\+?\d{1,3}[ .-])?\(?(\d{3})\)?[ .-]{1,2}(\d{3})[ .-](\d{4})(?![\w-])/y,
    (match) => say(match, digitWords(match[0])),
  ],
  [/(?<![\w.-])\d{3}-\d{4}(?![\w-])/y, (match) => say(match, digitWords(match[0]))],
  [
    /(?<![\w.-])(\d+(?:,\d{3})*(?:\.\d+)?) ?[-\u2013] ?(\d+(?:,\d{3})*(?:\.\d+)?)(?![\w-]|\.\d)/y,
    readRange,
  ],
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
