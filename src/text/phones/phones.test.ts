import { describe, expect, it } from "vitest";
import type { PhoneticAlphabet } from "../../protocol/pronunciation.ts";
import { parsePhones } from "./phones.ts";

const rows: readonly (readonly [alphabet: PhoneticAlphabet, written: string, phones: string])[] = [
  ["cmu-arpabet", "T AH0 M EY1 T OW0", "T AH0 M EY1 T OW0"],
  ["cmu-arpabet", " t  ah0 m aa1 t ow2 ", "T AH0 M AA1 T OW2"],
  ["cmu-arpabet", "T AH M EY T OW", "T AH1 M EY0 T OW0"],
  ["cmu-arpabet", "S K AX DX IY1", "S K AH0 D IY1"],
  ["cmu-arpabet", "SH", "SH"],
  ["ipa", "təˈmeɪtoʊ", "T AH0 M EY1 T OW0"],
  ["ipa", "/təˈmɑː.təʊ/", "T AH0 M AA1 T OW0"],
  ["ipa", "ˈæktʃuəli", "AE1 K CH UW0 AH0 L IY0"],
  ["ipa", "d\u0361ʒʌd\u0361ʒ", "JH AH1 JH"],
  ["ipa", "ˌɪntɚˈnæʃənəl", "IH2 N T ER0 N AE1 SH AH0 N AH0 L"],
  ["ipa", "ˈbʌtn\u0329", "B AH1 T AH0 N"],
  ["ipa", "naɪki", "N AY1 K IY0"],
  ["ipa", "ʃ", "SH"],
  ["ipa", "ˈfaðə", "F AA1 DH AH0"],
  ["ipa", "ɛspaɲol", "EH1 S P AA0 N Y OW0 L"],
  ["ipa", "ˈnɜːrs", "N ER1 S"],
  ["ipa", "niːs çɔ\u0303", "N IY1 S HH AO0"],
];

it.each(rows)("%s %s", (alphabet, written, phones) => {
  expect(parsePhones(written, alphabet)?.join(" ")).toBe(phones);
});

const unreadable: readonly (readonly [alphabet: PhoneticAlphabet, written: string])[] = [
  ["cmu-arpabet", ""],
  ["cmu-arpabet", "T AH0 XX"],
  ["cmu-arpabet", "T1"],
  ["cmu-arpabet", "AH3"],
  ["cmu-arpabet", "təˈmeɪtoʊ"],
  ["ipa", ""],
  ["ipa", "ˈ"],
  ["ipa", "ǃkung"],
  ["ipa", "tomato!"],
  ["ipa", "T AH0"],
];

describe("phones that the voice lacks", () => {
  it.each(unreadable)("are not read: %s %j", (alphabet, written) => {
    expect(parsePhones(written, alphabet)).toBeUndefined();
  });
});
