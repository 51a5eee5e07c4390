/** What espeak-ng calls the phones of the CMU dictionary, stress left out. */
const names: Readonly<Record<string, string>> = {
  ...{ AA: "A:", AE: "a", AH: "V", AO: "O:", AW: "aU", AY: "aI", EH: "E", ER: "3:", EY: "eI" },
  ...{ IH: "I", IY: "i:", OW: "oU", OY: "OI", UH: "U", UW: "u:", B: "b", CH: "tS", D: "d" },
  ...{ DH: "D", F: "f", G: "g", HH: "h", JH: "dZ", K: "k", L: "l", M: "m", N: "n", NG: "N" },
  ...{ P: "p", R: "r", S: "s", SH: "S", T: "t", TH: "T", V: "v", W: "w", Y: "j", Z: "z" },
  ZH: "Z",
};

/** Vowels that are other ones without stress. */
const unstressed: Readonly<Record<string, string>> = { AH: "@", ER: "3" };
const stressMarks: Readonly<Record<string, string>> = { "1": "'", "2": "," };

/** No word is longer. */
const maxPhones = 100;

/** A word in ARPAbet as espeak-ng reads phonemes between double brackets. */
export function espeakPhonemes(phones: readonly string[]): string {
  const spelled = phones.slice(0, maxPhones).map((phone) => {
    const [, name = "", stress = ""] = /^([A-Z]+)(\d?)$/.exec(phone) ?? [];
    const sound = (stress === "0" ? unstressed[name] : undefined) ?? names[name] ?? "";
    return `${stressMarks[stress] ?? ""}${sound}`;
  });
  // A bar keeps what belongs to two phones from being read as one.
  return spelled.join("|");
}
