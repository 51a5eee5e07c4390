const vowelWeight = 0.9;

/**
 * How long a character is heard, as a multiple of a consonant: letters of any script, by what
 * they stand for. First match wins; what is in no row has no sound.
 */
const kinds: readonly (readonly [RegExp, number])[] = [
  [/^[aeiouyæøœаеёиоуыэюяіїєαεηιουωאעاوي]$/u, vowelWeight],
  // One character is a syllable, or a word.
  [/^[\p{Script=Han}]$/u, 3.5],
  [/^[\p{Script=Hangul}]$/u, 3.5],
  [/^[\p{Script=Hiragana}\p{Script=Katakana}]$/u, 2],
  [/^\p{N}$/u, 4],
  [/^[%&@+=#$€£¥°§]$/u, 5],
  // Unmarked vowels are heard in between.
  [
    /^[\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Tamil}\p{Script=Telugu}\p{Script=Thai}]$/u,
    1.5,
  ],
  [/^\p{L}$/u, 1],
];

/** A second letter of the same, and a vowel or an H that goes with the letter before. */
const repeated = 0.4;
const secondVowel = 0.8;
const breath = 0.1;
/** What a word takes besides its letters, which goes to its first one. */
const wordWeight = 0.6;
const isVowel = (letter: string): boolean => weightOf(letter) === vowelWeight;

/** [text.length] how long each code unit is likely to be heard, as a multiple of a consonant. */
export function letterWeights(text: string): Float64Array {
  const weights = new Float64Array(text.length);
  for (const match of text.matchAll(/\S+/gu)) {
    weighWord(match[0], match.index, weights);
  }
  return weights;
}

function weighWord(word: string, start: number, weights: Float64Array): void {
  let before = "";
  let at = start;
  let isFirst = true;
  for (const char of word) {
    const base = letterOf(char);
    let weight = weightOf(base);
    if (weight > 0 && /\p{L}/u.test(base)) {
      if (base === before) weight *= repeated;
      else if (base === "h" && before !== "" && !isVowel(before)) weight = breath;
      else if (isVowel(base) && before !== "" && isVowel(before)) weight *= secondVowel;
    }
    if (isFirst && weight > 0) {
      weight += wordWeight;
      isFirst = false;
    }
    at += char.length;
    weights[at - 1] = weight;
    before = base;
  }
}

/** Without accents and capitals, both of which change nothing here. */
const letterOf = (char: string): string =>
  Array.from(char.normalize("NFD").toLowerCase())[0] ?? char;

const known = new Map<string, number>();

function weightOf(letter: string): number {
  let weight = known.get(letter);
  if (weight === undefined) {
    weight = kinds.find(([pattern]) => pattern.test(letter))?.[1] ?? 0;
    if (known.size < 4096) known.set(letter, weight);
  }
  return weight;
}
