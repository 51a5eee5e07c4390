import { fold, type Folded, keptSign } from "./fold.ts";
import { putsDayFirst } from "./language.ts";
import { type Manner, readAlong } from "./readings/read-along.ts";
import type { Before, PieceKind, Reading } from "./readings/reading.ts";
import { inTurn, literals, meanings, type RuleSet } from "./readings/rules.ts";
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

/** How a text is to be read. */
export interface ReadingOptions {
  /** Of the voice, in BCP 47: it decides in which order dates are written. */
  readonly language?: string;
  /** Whether figures, signs and abbreviations are read as they are written, whatever they mean. */
  readonly isPlain?: boolean;
}

/**
 * The text as the voice speaks it, in words that the engine then reads literally. Readings follow
 * Flite's own (lang/usenglish), except where noted; anything without a spoken form is skipped.
 * With a rewriting of the source, that is read, and the pieces still tell of the source.
 */
export function normalize(
  source: string,
  rewriting?: Rewriting,
  { language = "en-US", isPlain = false }: ReadingOptions = {},
): Normalized {
  const folded = rewriting ? foldRewriting(rewriting) : fold(source);
  const before = createBefore(language, rewriting);
  const draft: Draft = { pieces: [], lastHeard: -1 };
  let sourceStart = 0;
  for (const { kind, text, end } of readAlong(folded.text, isPlain ? plain : full, before)) {
    const sourceEnd = folded.sourceAt[end] ?? source.length;
    place(draft, { kind, text, sourceStart, sourceEnd });
    sourceStart = sourceEnd;
  }
  if (sourceStart < source.length) {
    place(draft, { kind: "gap", text: "", sourceStart, sourceEnd: source.length });
  }
  const { pieces } = draft;
  const text = pieces.map((piece) => piece.text).join("");
  const words = text.match(/[A-Za-z']+/g) ?? [];
  return { text, pieces, words, tags: rewriting?.tags ?? [] };
}

/** Nothing has been read yet. */
export const createBefore = (language: string, rewriting?: Rewriting): Before => ({
  previous: "",
  beforePrevious: "",
  marked: false,
  day: false,
  phones: [...(rewriting?.phones ?? [])],
  dayFirst: putsDayFirst(language),
});

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

const givenPhones: RuleSet = {
  atLetters: [],
  elsewhere: [[new RegExp(`${keptSign}('[sS](?![A-Za-z]))?`, "y"), readPhones]],
};

// Not even Flite has a sound for what no rule knows; emphasis signs and quotation marks are not read out.
const plain: Manner = { rules: inTurn(literals, givenPhones), readsAddresses: false };
const full: Manner = { rules: inTurn(meanings, plain.rules), readsAddresses: true };
