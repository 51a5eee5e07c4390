import anyAscii from "any-ascii";

/** A text reduced to printable ASCII and a few currency signs, still tied to where it came from. */
export interface Folded {
  readonly text: string;
  /** [text.length + 1] where in the source each character of `text` begins; then the source's end. */
  readonly sourceAt: Uint32Array;
}

/** Stands for something without a spoken form: an emoji, a control character, a lone surrogate. */
const silent = "\u0001";
/** Stands for a character that the caller wants to find again; nothing else turns into it. */
export const keptSign = "\u0002";
/** Stands for every dash that is heard as a pause. */
export const dash = "\u2014";

const replacements: Readonly<Record<string, string>> = {
  "\u2018": "'",
  "\u2019": "'",
  "\u201b": "'",
  "\u02bc": "'",
  "\u2032": "'",
  "\u201c": '"',
  "\u201d": '"',
  "\u201e": '"',
  "\u00ab": '"',
  "\u00bb": '"',
  "\u2010": "-",
  "\u2011": "-",
  "\u2012": "-",
  "\u2013": "\u2013",
  "\u2014": dash,
  "\u2015": dash,
  "\u2212": "-",
  "\u2026": "...",
  "\u00bf": silent,
  "\u00a1": silent,
  "\u3002": ".",
  "\u3001": ",",
  "\uff0c": ",",
  "\uff01": "!",
  "\uff1f": "?",
  "\uff1a": ":",
  "\uff1b": ";",
};

/** Signs outside ASCII that the normalizer has words for. */
const kept = "£€¥¢₹₩₽°×÷±½¼¾⅓⅔⅛⅜⅝⅞²³§≈≤≥";

const symbolOrLetter = /[\p{L}\p{N}]/u;
const joiner = /[\p{M}\p{Cf}]/u;

/**
 * Letters of any script in Latin letters; typographic punctuation in ASCII; the rest marked silent.
 * `sign`, a character, turns into `keptSign`.
 */
export function fold(source: string, sign?: string): Folded {
  let text = "";
  const at: number[] = [];
  let position = 0;
  for (const point of source) {
    const folded = point === sign ? keptSign : foldPoint(point);
    for (let i = 0; i < folded.length; i++) at.push(position);
    text += folded;
    position += point.length;
  }
  at.push(source.length);
  return { text, sourceAt: Uint32Array.from(at) };
}

function foldPoint(point: string): string {
  const code = point.codePointAt(0) ?? 0;
  if (code >= 0x20 && code < 0x7f) return point;
  if (/\s/.test(point)) return " ";
  if (kept.includes(point)) return point;
  const replacement = replacements[point];
  if (replacement !== undefined) return replacement;
  // Combining marks and joiners belong to the character before them and must not split its word.
  if (joiner.test(point)) return "";
  if (!symbolOrLetter.test(point)) return silent;
  const letters = anyAscii(point).replace(/[^A-Za-z0-9]/g, "");
  // A letter that turns into nothing, such as the Cyrillic soft sign, still must not split its word.
  return letters;
}
