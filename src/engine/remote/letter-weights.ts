/** How long kinds of characters take to be said, as a multiple of a consonant; the first that fits counts. */
const kinds: readonly (readonly [RegExp, number])[] = [
  [/\s/u, 0],
  [/\p{N}/u, 4],
  [/[\p{Script=Han}\p{Script=Hangul}]/u, 3.5],
  [/[\p{Script=Hiragana}\p{Script=Katakana}]/u, 2],
  [/\p{L}/u, 1],
  [/[\p{Sc}&%@+=]/u, 5],
];

/** [text.length] how long each code unit is likely to be heard, as a multiple of a consonant. */
export function letterWeights(text: string): Float64Array {
  return Float64Array.from({ length: text.length }, (_, at) => {
    const char = text.charAt(at);
    return kinds.find(([pattern]) => pattern.test(char))?.[1] ?? 0;
  });
}
