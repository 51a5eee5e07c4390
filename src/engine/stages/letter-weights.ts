/** What a letter sounds like, as far as its energy tells. */
export type LetterSound = "vowel" | "sonorant" | "stop" | "fricative" | "any";

interface LetterKind {
  readonly pattern: RegExp;
  /** How long it is heard, as a multiple of a consonant. */
  readonly weight: number;
  readonly sound: LetterSound;
}

/** Characters of any script, by what they stand for. First match wins; what is in no row has no sound. */
const kinds: readonly LetterKind[] = [
  { pattern: /^[aeiouæøœаеёиоуыэюяіїєαεηιουωאעاوي]$/u, weight: 0.9, sound: "vowel" },
  { pattern: /^[lmnrwyjлмнрйλμνρلمنر]$/u, weight: 1, sound: "sonorant" },
  { pattern: /^[pbtdkgcqпбтдкгчπτκβγδبتدك]$/u, weight: 1, sound: "stop" },
  { pattern: /^[szfvxßсзшжфхцщσςζφχسشصف]$/u, weight: 1, sound: "fricative" },
  // One character is a syllable, or a word.
  { pattern: /^[\p{Script=Han}\p{Script=Hangul}]$/u, weight: 3.5, sound: "any" },
  { pattern: /^[\p{Script=Hiragana}\p{Script=Katakana}]$/u, weight: 2, sound: "any" },
  { pattern: /^\p{N}$/u, weight: 4, sound: "any" },
  { pattern: /^[%&@+=#$€£¥°§]$/u, weight: 5, sound: "any" },
  // Unmarked vowels are heard in between.
  {
    pattern:
      /^[\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Tamil}\p{Script=Telugu}\p{Script=Thai}]$/u,
    weight: 1.5,
    sound: "any",
  },
  { pattern: /^\p{L}$/u, weight: 1, sound: "any" },
];

/** A second letter of the same, and a vowel or an H that goes with the letter before. */
const repeated = 0.4;
const secondVowel = 0.8;
const breath = 0.1;
/** What a word takes besides its letters, which goes to its first one. */
const wordWeight = 0.6;

/** A text, by what is heard of it. */
export interface WeighedText {
  /** [text.length] how long each code unit is likely to be heard, as a multiple of a consonant. */
  readonly weights: Float64Array;
  /** [text.length] of those that are heard. */
  readonly sounds: readonly LetterSound[];
}

/** How long each character of a text is likely to be heard, and like what. */
export function weighLetters(text: string): WeighedText {
  const weights = new Float64Array(text.length);
  const sounds = Array.from(weights, (): LetterSound => "any");
  for (const match of text.matchAll(/\S+/gu)) weighWord(match[0], match.index, weights, sounds);
  return { weights, sounds };
}

/** [text.length] how long each code unit is likely to be heard, as a multiple of a consonant. */
export const letterWeights = (text: string): Float64Array => weighLetters(text).weights;

function weighWord(
  word: string,
  start: number,
  weights: Float64Array,
  sounds: LetterSound[],
): void {
  let before = "";
  let soundBefore: LetterSound | undefined;
  let at = start;
  let isFirst = true;
  for (const char of word) {
    const base = letterOf(char);
    const kind = kindOf(base);
    let weight = kind?.weight ?? 0;
    if (base === before) weight *= repeated;
    else if (base === "h" && before !== "" && soundBefore !== "vowel") weight = breath;
    else if (kind?.sound === "vowel" && soundBefore === "vowel") weight *= secondVowel;
    if (isFirst && weight > 0) {
      weight += wordWeight;
      isFirst = false;
    }
    at += char.length;
    weights[at - 1] = weight;
    sounds[at - 1] = kind?.sound ?? "any";
    before = kind ? base : "";
    soundBefore = kind?.sound;
  }
}

/** Without accents and capitals, both of which change nothing here. */
const letterOf = (char: string): string =>
  Array.from(char.normalize("NFD").toLowerCase())[0] ?? char;

const known = new Map<string, LetterKind | undefined>();

function kindOf(letter: string): LetterKind | undefined {
  if (known.has(letter)) return known.get(letter);
  const kind = kinds.find(({ pattern }) => pattern.test(letter));
  if (known.size < 4096) known.set(letter, kind);
  return kind;
}
