/**
 * Words that end in a full stop without ending a sentence. A stop after one of these, or after
 * a single letter (an initial), is no place to pause.
 */
const abbreviations: ReadonlySet<string> = new Set(
  `mr mrs ms dr prof st sr jr rev hon col gen capt lieut lt sgt maj gov sen rep pres mt ft messrs mme
   mlle vs no nos vol etc fig eg ie aka approx dept ext pp jan feb mar apr jun jul aug sep sept oct nov
   dec`.split(/\s+/),
);

const sentenceEnd = /[.!?\u2026]["'\u2019\u201d)\]]*$/u;
const clauseEnd = /(?:[,;:.!?\u2026\u2014\u2013]|--)["'\u2019\u201d)\]]*$/u;

/** How strongly a text pauses at a place: not at all, at a clause end, at a sentence end. */
export type PauseStrength = 0 | 1 | 2;

/** How strongly the voice pauses after `word`, a run of text without white space. */
export function pauseAfter(word: string): PauseStrength {
  if (!clauseEnd.test(word)) return 0;
  if (!sentenceEnd.test(word)) return 1;
  const letters = /([\p{L}.]*)\.$/u.exec(word)?.[1]?.replaceAll(".", "").toLowerCase();
  if (letters !== undefined && (letters.length === 1 || abbreviations.has(letters))) return 0;
  return 2;
}

const space = /\s/u;

/**
 * Where the word that ends just before the white space at `end` begins, looking back no
 * further than `floor`: words longer than any real one must not make the search slow.
 */
function wordBefore(text: string, end: number): string {
  const floor = Math.max(0, end - 40);
  let start = end;
  while (start > floor && !space.test(text.charAt(start - 1))) start -= 1;
  return text.slice(start, end);
}

/** The pause at `index` of `text`: between a word and the white space that follows it. */
export function pauseAt(text: string, index: number): PauseStrength {
  if (index === 0 || !space.test(text.charAt(index)) || space.test(text.charAt(index - 1)))
    return 0;
  return pauseAfter(wordBefore(text, index));
}

/** The index after the white space that begins at `index`, at most `max`. */
export function skipSpace(text: string, index: number, max: number = text.length): number {
  let end = index;
  while (end < max && space.test(text.charAt(end))) end += 1;
  return end;
}

/** The largest index up to `max` that does not cut a surrogate pair of `text` in two. */
export function wholeCharacters(text: string, max: number): number {
  const last = text.charCodeAt(max - 1);
  const isHighSurrogate = last >= 0xd800 && last < 0xdc00;
  return isHighSurrogate ? max - 1 : max;
}

/** Sizes of the pieces a text is spoken in, in UTF-16 code units. */
export interface UtteranceSizes {
  /** The very first piece ends at the first pause after this many: its audio is waited for. */
  readonly firstMin: number;
  /** Later pieces end at the first sentence end after this many. */
  readonly min: number;
  /** No piece is longer, but one that takes along what says nothing: that is at most twice as long. */
  readonly max: number;
}

export const utteranceSizes: UtteranceSizes = { firstMin: 10, min: 70, max: 180 };

const speakable = /[\p{L}\p{N}]/u;

/**
 * Cuts a text into utterances: pieces that are synthesized in one go. Joined they give the text
 * again. Each piece but the last ends with the white space after a pause, where there is one
 * before `sizes.max`; else after a word; else inside a giant word. A piece without a letter or
 * digit joins its neighbour. `first` asks for a short first piece.
 */
export function cutUtterances(
  text: string,
  first: boolean,
  sizes: UtteranceSizes = utteranceSizes,
): string[] {
  const pieces: string[] = [];
  let start = 0;
  while (start < text.length) {
    const end = utteranceEnd(text, start, first && pieces.length === 0, sizes);
    const piece = text.slice(start, end);
    const last = pieces.length - 1;
    const joined = `${pieces[last] ?? ""}${piece}`;
    const joins = last >= 0 && !speakable.test(piece) && joined.length <= 2 * sizes.max;
    if (joins) pieces[last] = joined;
    else pieces.push(piece);
    start = end;
  }
  return pieces;
}

function utteranceEnd(text: string, start: number, first: boolean, sizes: UtteranceSizes): number {
  const limit = Math.min(text.length, start + sizes.max);
  let afterClause = 0;
  let afterWord = 0;
  for (let index = start + 1; index < limit; index += 1) {
    if (!space.test(text.charAt(index)) || space.test(text.charAt(index - 1))) continue;
    const pause = pauseAt(text, index);
    const length = index - start;
    const ends = first ? pause > 0 && length >= sizes.firstMin : pause === 2 && length >= sizes.min;
    if (ends) return skipSpace(text, index, limit);
    afterWord = index;
    if (pause > 0) afterClause = index;
  }
  if (limit === text.length) return limit;
  if (afterClause > 0) return skipSpace(text, afterClause, limit);
  if (afterWord > 0) return skipSpace(text, afterWord, limit);
  return Math.max(start + 1, wholeCharacters(text, limit));
}
