import { digitWords } from "../numbers.ts";
import { type Reading, type Rule, say } from "./reading.ts";

/** A number of any kind that is read by digit, if it has as many of them as such numbers have. */
const byDigit =
  (min: number, max: number) =>
  (match: RegExpExecArray): Reading | undefined => {
    const words = digitWords(match[0]);
    return words.length < min || words.length > max ? undefined : say(match, words);
  };

/** `+44 20 7946 0958`: ITU-T E.164 allows 15 digits. */
function readInternational(match: RegExpExecArray): Reading | undefined {
  const words = digitWords(match[0]);
  return words.length < 7 || words.length > 15 ? undefined : say(match, ["plus", ...words]);
}

export const phoneRules: readonly Rule[] = [
  [
    /(?<![\w.])\+\d{1,15}(?:(?:[ .-]|[ .-]?\(|(?<=\)))\d{1,12}\)?){0,6}(?![\w-])/y,
    readInternational,
  ],
  // The numbering plan of North America, with and without a country's code.
  [
    /(?<![\w.])(?:\d{1,3}[ .-])?\(?(\d{3})\)?[ .-]{1,2}(\d{3})[ .-](\d{4})(?![\w-])/y,
    byDigit(10, 13),
  ],
  [/(?<![\w.-])\d{3}-\d{4}(?![\w-])/y, byDigit(7, 7)],
  // Elsewhere numbers begin with 0 where no country's code does.
  [/(?<![\w.,])\(?0\d{1,4}\)?(?:[ -]\d{2,8}){1,4}(?![\w-])/y, byDigit(8, 12)],
  // Cards.
  [/(?<![\w.,])\d{4}(?: \d{4}){2,3}(?!\w)/y, byDigit(12, 16)],
  [/(?<![\w.,])[29]11(?![\w,]|\.\d)/y, byDigit(3, 3)],
];
