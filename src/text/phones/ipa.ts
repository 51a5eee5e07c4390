import { isVowel, withStress } from "./arpabet.ts";

/**
 * Symbols of the IPA in ARPAbet, as a speaker of American English hears them. Where that language
 * lacks a sound, the nearest one stands for it.
 */
const sounds: Readonly<Record<string, string>> = {
  // Diphthongs and vowels coloured by R.
  aɪ: "AY",
  ai: "AY",
  aʊ: "AW",
  au: "AW",
  eɪ: "EY",
  ei: "EY",
  oʊ: "OW",
  ou: "OW",
  əʊ: "OW",
  ɔɪ: "OY",
  ɔi: "OY",
  oɪ: "OY",
  ɪə: "IH AH",
  eə: "EH AH",
  ɛə: "EH AH",
  ʊə: "UH AH",
  ɝ: "ER",
  ɚ: "ER",
  əɹ: "ER",
  əɻ: "ER",
  ɜr: "ER",
  ɜɹ: "ER",
  ɜ: "ER",
  // Vowels.
  i: "IY",
  ɪ: "IH",
  ᵻ: "IH",
  ɨ: "IH",
  y: "UW",
  ʏ: "UH",
  e: "EH",
  ɛ: "EH",
  ø: "ER",
  œ: "ER",
  æ: "AE",
  a: "AA",
  ɑ: "AA",
  ɒ: "AA",
  ɐ: "AH",
  ʌ: "AH",
  ə: "AH",
  ɘ: "AH",
  ɔ: "AO",
  o: "OW",
  ɵ: "UH",
  ʊ: "UH",
  ɯ: "UW",
  u: "UW",
  ʉ: "UW",
  ɤ: "AH",
  // Affricates.
  tʃ: "CH",
  tɕ: "CH",
  ʧ: "CH",
  ʨ: "CH",
  dʒ: "JH",
  dʑ: "JH",
  ʤ: "JH",
  ʥ: "JH",
  ts: "T S",
  dz: "D Z",
  // Consonants.
  p: "P",
  b: "B",
  t: "T",
  d: "D",
  ʈ: "T",
  ɖ: "D",
  k: "K",
  c: "K",
  q: "K",
  ɡ: "G",
  g: "G",
  ɟ: "G",
  m: "M",
  ɱ: "M",
  n: "N",
  ɳ: "N",
  ɲ: "N Y",
  ŋ: "NG",
  f: "F",
  ɸ: "F",
  v: "V",
  ʋ: "V",
  β: "V",
  θ: "TH",
  ð: "DH",
  s: "S",
  z: "Z",
  ʃ: "SH",
  ɕ: "SH",
  ʂ: "SH",
  ʒ: "ZH",
  ʑ: "ZH",
  ʐ: "ZH",
  x: "K",
  χ: "K",
  ç: "HH",
  ɣ: "G",
  h: "HH",
  ɦ: "HH",
  ħ: "HH",
  ɹ: "R",
  r: "R",
  ɻ: "R",
  ʀ: "R",
  ʁ: "R",
  ɾ: "D",
  l: "L",
  ɫ: "L",
  ɭ: "L",
  ʎ: "L Y",
  ɬ: "L",
  j: "Y",
  w: "W",
  ʍ: "W",
  ɥ: "W",
};

const longest = Math.max(...Object.keys(sounds).map((symbol) => symbol.length));

/** Stress marks hold for the next vowel. */
const stresses: Readonly<Record<string, string>> = { ˈ: "1", "'": "1", ˌ: "2", ",": "2" };

/** Length, ties and marks on a sound, stops of the throat, ends of syllables: they change no phone. */
const ignored = /[\u0303\u0325\u032a\u032f\u035c\u0361ːˑ‿ʔʰʷʲˠˤ]/gu;
/** What stands between sounds. */
const between = /[\s./[\]|‖()-]/u;
/** Below or above a consonant: it is a syllable of its own. */
const syllabic = /[\u0329\u030d]/u;

/** The phones of a word in the IPA, in ARPAbet with stress; nothing if a symbol is unknown. */
export function parseIpa(written: string): string[] | undefined {
  // Decomposed, so that a mark on a symbol does not hide it; "ç" alone is one symbol.
  const symbols = written.normalize("NFD").replaceAll("c\u0327", "ç").replaceAll(ignored, "");
  const phones: string[] = [];
  let stress = "";
  for (let at = 0; at < symbols.length; ) {
    const symbol = symbols.charAt(at);
    const mark = stresses[symbol];
    const length = lengthOfSound(symbols, at);
    if (mark !== undefined) stress = mark;
    else if (syllabic.test(symbol)) phones.splice(-1, 0, "AH0");
    else if (length > 0) {
      for (const phone of (sounds[symbols.slice(at, at + length)] ?? "").split(" ")) {
        phones.push(isVowel(phone) ? phone + stress : phone);
        if (isVowel(phone)) stress = "";
      }
    } else if (!between.test(symbol)) return undefined;
    at += Math.max(1, length);
  }
  return phones.length === 0 ? undefined : withStress(phones);
}

/** How many code units from `at` on are one sound, the longest there is; 0 for none. */
function lengthOfSound(symbols: string, at: number): number {
  for (let length = Math.min(longest, symbols.length - at); length > 0; length -= 1) {
    if (sounds[symbols.slice(at, at + length)] !== undefined) return length;
  }
  return 0;
}
